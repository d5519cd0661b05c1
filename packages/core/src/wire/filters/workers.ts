import { Operator } from '../common.ts'
import { WorkerStatus } from '../statuses.ts'
import { dateTime, list, optional, strictModel, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const WorkerFilterLastHeartbeatTime = strictModel('WorkerFilterLastHeartbeatTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
})
export type WorkerFilterLastHeartbeatTime = Static<typeof WorkerFilterLastHeartbeatTime>

export const WorkerFilterStatus = strictModel('WorkerFilterStatus', {
  any_: optional(list(WorkerStatus)),
  not_any_: optional(list(WorkerStatus)),
})
export type WorkerFilterStatus = Static<typeof WorkerFilterStatus>

export const WorkerFilter = strictModel('WorkerFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  last_heartbeat_time: optional(WorkerFilterLastHeartbeatTime),
  status: optional(WorkerFilterStatus),
})
export type WorkerFilter = Static<typeof WorkerFilter>
