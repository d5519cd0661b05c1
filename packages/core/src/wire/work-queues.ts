import { Name } from './common.ts'
import { QueueFilter } from './concurrency-limits.ts'
import { WorkQueueFilter } from './filters/work-queues.ts'
import { StateType } from './states.ts'
import { WorkQueueStatus } from './statuses.ts'
import {
  absentIsNull,
  bodyParameters,
  boolean,
  dateTime,
  emptyList,
  float,
  integer,
  list,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

export const FlowRunSlotSummary = model('FlowRunSlotSummary', {
  id: uuid(),
  name: text(),
  state_type: optional(StateType),
  state_name: optional(text()),
  start_time: optional(dateTime()),
  state_timestamp: optional(dateTime()),
  time_in_current_state: optional(float()),
})
export type FlowRunSlotSummary = Static<typeof FlowRunSlotSummary>

export const WorkQueue = model('WorkQueue', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: Name,
  description: nullable(text(), { default: '' }),
  is_paused: boolean({ default: false }),
  concurrency_limit: optional(integer({ minimum: 0 })),
  priority: integer({ exclusiveMinimum: 0, default: 1 }),
  work_pool_id: optional(uuid()),
  filter: optional(QueueFilter, { deprecated: true }),
  last_polled: optional(dateTime()),
})
export type WorkQueue = Static<typeof WorkQueue>

export const WorkQueueConcurrencyStatus = model('WorkQueueConcurrencyStatus', {
  active_slots: integer(),
  concurrency_limit: optional(integer()),
  flow_runs: list(FlowRunSlotSummary, { makeDefault: emptyList }),
  count: integer(),
  limit: integer(),
  pages: integer(),
  page: integer(),
})
export type WorkQueueConcurrencyStatus = Static<typeof WorkQueueConcurrencyStatus>

export const WorkQueueConcurrencyStatusDetail = model('WorkQueueConcurrencyStatusDetail', {
  queue_id: uuid(),
  queue_name: text(),
  active_slots: integer(),
  concurrency_limit: optional(integer()),
  flow_runs: list(FlowRunSlotSummary, { makeDefault: emptyList }),
  flow_run_count: optional(integer()),
})
export type WorkQueueConcurrencyStatusDetail = Static<typeof WorkQueueConcurrencyStatusDetail>

export const WorkQueueCreate = strictModel('WorkQueueCreate', {
  name: Name,
  description: nullable(text(), { default: '' }),
  is_paused: boolean({ default: false }),
  concurrency_limit: optional(integer({ minimum: 0 })),
  priority: optional(integer({ exclusiveMinimum: 0 })),
  filter: optional(QueueFilter, { deprecated: true }),
})
export type WorkQueueCreate = Static<typeof WorkQueueCreate>

export const WorkQueueHealthPolicy = model('WorkQueueHealthPolicy', {
  maximum_late_runs: nullable(integer(), { default: 0 }),
  maximum_seconds_since_last_polled: nullable(integer(), { default: 60 }),
})
export type WorkQueueHealthPolicy = Static<typeof WorkQueueHealthPolicy>

export const WorkQueueResponse = model('WorkQueueResponse', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: Name,
  description: nullable(text(), { default: '' }),
  is_paused: boolean({ default: false }),
  concurrency_limit: optional(integer({ minimum: 0 })),
  priority: integer({ exclusiveMinimum: 0, default: 1 }),
  work_pool_id: optional(uuid()),
  filter: optional(QueueFilter, { deprecated: true }),
  last_polled: optional(dateTime()),
  work_pool_name: optional(text()),
  status: optional(WorkQueueStatus),
  active_slots: optional(integer()),
})
export type WorkQueueResponse = Static<typeof WorkQueueResponse>

export const WorkQueueStatusDetail = model('WorkQueueStatusDetail', {
  healthy: boolean(),
  late_runs_count: integer({ default: 0 }),
  last_polled: optional(dateTime()),
  health_check_policy: WorkQueueHealthPolicy,
})
export type WorkQueueStatusDetail = Static<typeof WorkQueueStatusDetail>

export const WorkQueueUpdate = strictModel('WorkQueueUpdate', {
  name: optional(text()),
  description: optional(text()),
  is_paused: boolean({ default: false }),
  concurrency_limit: optional(integer({ minimum: 0 })),
  priority: optional(integer({ exclusiveMinimum: 0 })),
  last_polled: optional(dateTime()),
  filter: optional(QueueFilter, { deprecated: true }),
})
export type WorkQueueUpdate = Static<typeof WorkQueueUpdate>

export const ReadWorkQueueConcurrencyStatusBody = bodyParameters(
  'Body_read_work_queue_concurrency_status_work_queues__id__concurrency_status_post',
  {
    limit: absentIsNull(integer()),
    page: integer({ minimum: 1, default: 1 }),
  },
)
export type ReadWorkQueueConcurrencyStatusBody = Static<typeof ReadWorkQueueConcurrencyStatusBody>

export const ReadWorkQueueRunsBody = bodyParameters('Body_read_work_queue_runs_work_queues__id__get_runs_post', {
  limit: absentIsNull(integer()),
  scheduled_before: absentIsNull(dateTime()),
})
export type ReadWorkQueueRunsBody = Static<typeof ReadWorkQueueRunsBody>

export const ReadWorkPoolQueuesBody = bodyParameters(
  'Body_read_work_queues_work_pools__work_pool_name__queues_filter_post',
  {
    limit: absentIsNull(integer()),
    work_queues: absentIsNull(WorkQueueFilter),
    offset: integer({ minimum: 0, default: 0 }),
  },
)
export type ReadWorkPoolQueuesBody = Static<typeof ReadWorkPoolQueuesBody>

export const ReadWorkQueuesBody = bodyParameters('Body_read_work_queues_work_queues_filter_post', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
  work_queues: optional(WorkQueueFilter),
})
export type ReadWorkQueuesBody = Static<typeof ReadWorkQueuesBody>

export * from './filters/work-queues.ts'
export { WorkQueueStatus } from './statuses.ts'
