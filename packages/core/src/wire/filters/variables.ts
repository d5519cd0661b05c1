import { Operator } from '../common.ts'
import { boolean, list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const VariableFilterId = strictModel('VariableFilterId', {
  any_: optional(list(uuid())),
})
export type VariableFilterId = Static<typeof VariableFilterId>

export const VariableFilterName = strictModel('VariableFilterName', {
  any_: optional(list(text())),
  like_: optional(text()),
})
export type VariableFilterName = Static<typeof VariableFilterName>

export const VariableFilterTags = strictModel('VariableFilterTags', {
  operator: withOptions(Operator, { default: 'and_' }),
  all_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type VariableFilterTags = Static<typeof VariableFilterTags>

export const VariableFilter = strictModel('VariableFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(VariableFilterId),
  name: optional(VariableFilterName),
  tags: optional(VariableFilterTags),
})
export type VariableFilter = Static<typeof VariableFilter>
