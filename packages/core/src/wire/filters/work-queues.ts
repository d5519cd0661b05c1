import { Operator } from '../common.ts'
import { list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const WorkQueueFilterId = strictModel('WorkQueueFilterId', {
  any_: optional(list(uuid())),
})
export type WorkQueueFilterId = Static<typeof WorkQueueFilterId>

export const WorkQueueFilterName = strictModel('WorkQueueFilterName', {
  any_: optional(list(text())),
  startswith_: optional(list(text())),
})
export type WorkQueueFilterName = Static<typeof WorkQueueFilterName>

export const WorkQueueFilter = strictModel('WorkQueueFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(WorkQueueFilterId),
  name: optional(WorkQueueFilterName),
})
export type WorkQueueFilter = Static<typeof WorkQueueFilter>
