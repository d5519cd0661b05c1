import { Operator } from '../common.ts'
import { list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const WorkPoolFilterId = strictModel('WorkPoolFilterId', {
  any_: optional(list(uuid())),
})
export type WorkPoolFilterId = Static<typeof WorkPoolFilterId>

export const WorkPoolFilterName = strictModel('WorkPoolFilterName', {
  any_: optional(list(text())),
})
export type WorkPoolFilterName = Static<typeof WorkPoolFilterName>

export const WorkPoolFilterType = strictModel('WorkPoolFilterType', {
  any_: optional(list(text())),
})
export type WorkPoolFilterType = Static<typeof WorkPoolFilterType>

export const WorkPoolFilter = strictModel('WorkPoolFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(WorkPoolFilterId),
  name: optional(WorkPoolFilterName),
  type: optional(WorkPoolFilterType),
})
export type WorkPoolFilter = Static<typeof WorkPoolFilter>
