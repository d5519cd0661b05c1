import { Name } from './common.ts'
import { baseJobTemplateFault, emptyNameFault } from './field-checks.ts'
import { WorkPoolFilter } from './filters/work-pools.ts'
import { FlowRun } from './flow-runs.ts'
import { WorkPoolStatus } from './statuses.ts'
import { WorkQueueConcurrencyStatusDetail } from './work-queues.ts'
import {
  absentIsEmpty,
  absentIsNull,
  bodyParameters,
  boolean,
  dateTime,
  emptyList,
  emptyObject,
  integer,
  jsonObject,
  list,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

export const WorkPoolConcurrencyStatus = model('WorkPoolConcurrencyStatus', {
  active_slots: integer(),
  concurrency_limit: optional(integer()),
  queues: list(WorkQueueConcurrencyStatusDetail, { makeDefault: emptyList }),
  count: integer(),
  limit: integer(),
  pages: integer(),
  page: integer(),
})
export type WorkPoolConcurrencyStatus = Static<typeof WorkPoolConcurrencyStatus>

export const WorkPoolStorageConfiguration = strictModel('WorkPoolStorageConfiguration', {
  bundle_upload_step: optional(jsonObject()),
  bundle_execution_step: optional(jsonObject()),
  default_result_storage_block_id: optional(uuid()),
})
export type WorkPoolStorageConfiguration = Static<typeof WorkPoolStorageConfiguration>

export const WorkPoolCreate = strictModel('WorkPoolCreate', {
  name: withOptions(Name, { beforeCheck: emptyNameFault }),
  description: optional(text()),
  type: text({ default: 'prefect-agent' }),
  base_job_template: jsonObject({ makeDefault: emptyObject, check: baseJobTemplateFault }),
  is_paused: boolean({ default: false }),
  concurrency_limit: optional(integer({ minimum: 0 })),
  storage_configuration: absentIsEmpty(WorkPoolStorageConfiguration),
})
export type WorkPoolCreate = Static<typeof WorkPoolCreate>

export const WorkPoolResponse = model('WorkPoolResponse', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: Name,
  description: optional(text()),
  type: text(),
  base_job_template: jsonObject({ makeDefault: emptyObject }),
  is_paused: boolean({ default: false }),
  concurrency_limit: optional(integer({ minimum: 0 })),
  status: optional(WorkPoolStatus),
  default_queue_id: optional(uuid()),
  storage_configuration: absentIsEmpty(WorkPoolStorageConfiguration),
  active_slots: optional(integer()),
})
export type WorkPoolResponse = Static<typeof WorkPoolResponse>

export const WorkPoolUpdate = strictModel('WorkPoolUpdate', {
  description: optional(text()),
  is_paused: optional(boolean()),
  base_job_template: optional(jsonObject(), { check: baseJobTemplateFault }),
  concurrency_limit: optional(integer({ minimum: 0 })),
  storage_configuration: optional(WorkPoolStorageConfiguration),
})
export type WorkPoolUpdate = Static<typeof WorkPoolUpdate>

export const WorkerFlowRunResponse = model('WorkerFlowRunResponse', {
  work_pool_id: uuid(),
  work_queue_id: uuid(),
  flow_run: FlowRun,
})
export type WorkerFlowRunResponse = Static<typeof WorkerFlowRunResponse>

export const CountWorkPoolsBody = bodyParameters('Body_count_work_pools_work_pools_count_post', {
  work_pools: optional(WorkPoolFilter),
})
export type CountWorkPoolsBody = Static<typeof CountWorkPoolsBody>

export const GetScheduledWorkPoolFlowRunsBody = bodyParameters(
  'Body_get_scheduled_flow_runs_work_pools__name__get_scheduled_flow_runs_post',
  {
    limit: absentIsNull(integer()),
    work_queue_names: absentIsNull(list(text())),
    scheduled_before: absentIsNull(dateTime()),
    scheduled_after: absentIsNull(dateTime()),
  },
)
export type GetScheduledWorkPoolFlowRunsBody = Static<typeof GetScheduledWorkPoolFlowRunsBody>

export const ReadWorkPoolConcurrencyStatusBody = bodyParameters(
  'Body_read_work_pool_concurrency_status_work_pools__name__concurrency_status_post',
  {
    limit: absentIsNull(integer()),
    page: integer({ minimum: 1, default: 1 }),
    flow_run_limit: integer({ maximum: 200, minimum: 0, default: 10 }),
  },
)
export type ReadWorkPoolConcurrencyStatusBody = Static<typeof ReadWorkPoolConcurrencyStatusBody>

export const ReadWorkPoolsBody = bodyParameters('Body_read_work_pools_work_pools_filter_post', {
  limit: absentIsNull(integer()),
  work_pools: optional(WorkPoolFilter),
  offset: integer({ minimum: 0, default: 0 }),
})
export type ReadWorkPoolsBody = Static<typeof ReadWorkPoolsBody>

export * from './filters/work-pools.ts'
export { WorkPoolStatus } from './statuses.ts'
