import { Operator } from '../common.ts'
import { boolean, dateTime, list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const AutomationFilterCreated = strictModel('AutomationFilterCreated', {
  before_: optional(dateTime()),
})
export type AutomationFilterCreated = Static<typeof AutomationFilterCreated>

export const AutomationFilterId = strictModel('AutomationFilterId', {
  any_: optional(list(uuid())),
})
export type AutomationFilterId = Static<typeof AutomationFilterId>

export const AutomationFilterName = strictModel('AutomationFilterName', {
  any_: optional(list(text())),
})
export type AutomationFilterName = Static<typeof AutomationFilterName>

export const AutomationFilterTags = strictModel('AutomationFilterTags', {
  operator: withOptions(Operator, { default: 'and_' }),
  all_: optional(list(text())),
  any_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type AutomationFilterTags = Static<typeof AutomationFilterTags>

export const AutomationFilter = strictModel('AutomationFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(AutomationFilterId),
  name: optional(AutomationFilterName),
  created: optional(AutomationFilterCreated),
  tags: optional(AutomationFilterTags),
})
export type AutomationFilter = Static<typeof AutomationFilter>
