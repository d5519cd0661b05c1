import { Operator } from '../common.ts'
import { boolean, list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const FlowFilterDeployment = strictModel('FlowFilterDeployment', {
  operator: withOptions(Operator, { default: 'and_' }),
  is_null_: optional(boolean()),
})
export type FlowFilterDeployment = Static<typeof FlowFilterDeployment>

export const FlowFilterId = strictModel('FlowFilterId', {
  any_: optional(list(uuid())),
  not_any_: optional(list(uuid())),
})
export type FlowFilterId = Static<typeof FlowFilterId>

export const FlowFilterName = strictModel('FlowFilterName', {
  any_: optional(list(text())),
  like_: optional(text()),
})
export type FlowFilterName = Static<typeof FlowFilterName>

export const FlowFilterTags = strictModel('FlowFilterTags', {
  operator: withOptions(Operator, { default: 'and_' }),
  all_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type FlowFilterTags = Static<typeof FlowFilterTags>

export const FlowFilter = strictModel('FlowFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(FlowFilterId),
  deployment: optional(FlowFilterDeployment),
  name: optional(FlowFilterName),
  tags: optional(FlowFilterTags),
})
export type FlowFilter = Static<typeof FlowFilter>
