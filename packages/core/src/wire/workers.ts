import { WorkerFilter } from './filters/workers.ts'
import { WorkerStatus } from './statuses.ts'
import {
  absentIsNull,
  bodyParameters,
  dateTime,
  integer,
  model,
  nullable,
  optional,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

export const WorkerResponse = model('WorkerResponse', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: text(),
  work_pool_id: uuid(),
  last_heartbeat_time: optional(dateTime()),
  heartbeat_interval_seconds: optional(integer()),
  status: withOptions(WorkerStatus, { default: 'OFFLINE' }),
})
export type WorkerResponse = Static<typeof WorkerResponse>

export const ReadWorkersBody = bodyParameters('Body_read_workers_work_pools__work_pool_name__workers_filter_post', {
  limit: absentIsNull(integer()),
  workers: optional(WorkerFilter),
  offset: integer({ minimum: 0, default: 0 }),
})
export type ReadWorkersBody = Static<typeof ReadWorkersBody>

export const WorkerHeartbeatBody = bodyParameters(
  'Body_worker_heartbeat_work_pools__work_pool_name__workers_heartbeat_post',
  {
    name: text(),
    heartbeat_interval_seconds: optional(integer()),
  },
)
export type WorkerHeartbeatBody = Static<typeof WorkerHeartbeatBody>

export * from './filters/workers.ts'
export { WorkerStatus } from './statuses.ts'
