import { CreatedBy, KeyValueLabels, UpdatedBy } from './common.ts'
import { ConcurrencyOptions, GlobalConcurrencyLimitResponse } from './concurrency-limits.ts'
import {
  concurrencyLimitsFault,
  newDeploymentFault,
  openParameterSchema,
  parameterSizeFault,
  wholeParameterSchema,
  withoutOldDeploymentFields,
} from './field-checks.ts'
import { DeploymentFilter } from './filters/deployments.ts'
import { FlowRunFilter } from './filters/flow-runs.ts'
import { FlowFilter } from './filters/flows.ts'
import { TaskRunFilter } from './filters/task-runs.ts'
import { WorkPoolFilter } from './filters/work-pools.ts'
import { WorkQueueFilter } from './filters/work-queues.ts'
import { FlowRunPolicy } from './flow-runs.ts'
import { DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate } from './schedules.ts'
import { StateCreate } from './states.ts'
import { DeploymentStatus } from './statuses.ts'
import {
  absentIsEmpty,
  absentIsNull,
  bodyParameters,
  boolean,
  dateTime,
  emptyList,
  emptyObject,
  enumOf,
  float,
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

export const DeploymentSort = enumOf('DeploymentSort', ['CREATED_DESC', 'UPDATED_DESC', 'NAME_ASC', 'NAME_DESC'])
export type DeploymentSort = Static<typeof DeploymentSort>

export const DeploymentBulkDeleteResponse = model('DeploymentBulkDeleteResponse', {
  deleted: list(uuid(), { makeDefault: emptyList }),
})
export type DeploymentBulkDeleteResponse = Static<typeof DeploymentBulkDeleteResponse>

export const VersionInfo = model('VersionInfo', {
  type: text(),
  version: text(),
}, { extra: 'allow' })
export type VersionInfo = Static<typeof VersionInfo>

export const DeploymentCreate = strictModel('DeploymentCreate', {
  name: text(),
  flow_id: uuid(),
  paused: boolean({ default: false }),
  schedules: list(DeploymentScheduleCreate, { makeDefault: emptyList }),
  concurrency_limit: optional(integer({ exclusiveMinimum: 0 })),
  concurrency_options: optional(ConcurrencyOptions),
  global_concurrency_limit_id: optional(uuid()),
  enforce_parameter_schema: boolean({ default: true }),
  parameter_openapi_schema: nullable(jsonObject(), {
    additionalProperties: true,
    makeDefault: openParameterSchema,
    before: wholeParameterSchema,
  }),
  parameters: jsonObject({ makeDefault: emptyObject, check: parameterSizeFault }),
  tags: list(text(), { makeDefault: emptyList }),
  labels: nullable(KeyValueLabels, { makeDefault: emptyObject }),
  pull_steps: optional(list(jsonObject())),
  work_queue_name: optional(text()),
  work_pool_name: optional(text()),
  storage_document_id: optional(uuid()),
  infrastructure_document_id: optional(uuid()),
  description: optional(text()),
  path: optional(text()),
  version: optional(text()),
  entrypoint: optional(text()),
  job_variables: jsonObject({ makeDefault: emptyObject }),
  version_info: optional(VersionInfo),
}, { before: withoutOldDeploymentFields, beforeCheck: newDeploymentFault })
export type DeploymentCreate = Static<typeof DeploymentCreate>

export const DeploymentFlowRunCreate = strictModel('DeploymentFlowRunCreate', {
  state: optional(StateCreate),
  name: absentIsNull(text({ emptyIsNull: true })),
  parameters: jsonObject({ makeDefault: emptyObject, check: parameterSizeFault }),
  enforce_parameter_schema: optional(boolean()),
  context: jsonObject({ makeDefault: emptyObject }),
  infrastructure_document_id: optional(uuid()),
  empirical_policy: absentIsEmpty(FlowRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  idempotency_key: optional(text()),
  labels: optional(KeyValueLabels),
  parent_task_run_id: optional(uuid()),
  work_queue_name: optional(text()),
  job_variables: nullable(jsonObject(), { additionalProperties: true, makeDefault: emptyObject }),
})
export type DeploymentFlowRunCreate = Static<typeof DeploymentFlowRunCreate>

export const DeploymentResponse = model('DeploymentResponse', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: text(),
  version: optional(text()),
  description: optional(text()),
  flow_id: uuid(),
  paused: boolean({ default: false }),
  schedules: list(DeploymentSchedule, { makeDefault: emptyList }),
  concurrency_limit: optional(integer(), { deprecated: true }),
  global_concurrency_limit: optional(GlobalConcurrencyLimitResponse),
  concurrency_options: optional(ConcurrencyOptions),
  job_variables: jsonObject({ makeDefault: emptyObject }),
  parameters: jsonObject({ makeDefault: emptyObject }),
  tags: list(text(), { makeDefault: emptyList }),
  labels: withOptions(KeyValueLabels, { makeDefault: emptyObject }),
  work_queue_name: optional(text()),
  work_queue_id: optional(uuid()),
  last_polled: optional(dateTime()),
  parameter_openapi_schema: optional(jsonObject(), { additionalProperties: true }),
  path: optional(text()),
  pull_steps: optional(list(jsonObject())),
  entrypoint: optional(text()),
  storage_document_id: optional(uuid()),
  infrastructure_document_id: optional(uuid()),
  created_by: optional(CreatedBy),
  updated_by: optional(UpdatedBy),
  work_pool_name: optional(text()),
  status: nullable(DeploymentStatus, { default: 'NOT_READY' }),
  enforce_parameter_schema: boolean({ default: true }),
})
export type DeploymentResponse = Static<typeof DeploymentResponse>

export const DeploymentPaginationResponse = model('DeploymentPaginationResponse', {
  results: list(DeploymentResponse),
  count: integer(),
  limit: integer(),
  pages: integer(),
  page: integer(),
})
export type DeploymentPaginationResponse = Static<typeof DeploymentPaginationResponse>

export const DeploymentUpdate = strictModel('DeploymentUpdate', {
  version: optional(text()),
  description: optional(text()),
  paused: boolean({ default: false }),
  schedules: list(DeploymentScheduleUpdate, { makeDefault: emptyList }),
  concurrency_limit: optional(integer({ exclusiveMinimum: 0 })),
  concurrency_options: optional(ConcurrencyOptions),
  global_concurrency_limit_id: optional(uuid()),
  parameters: optional(jsonObject(), { check: parameterSizeFault }),
  parameter_openapi_schema: optional(jsonObject(), { before: wholeParameterSchema }),
  tags: list(text(), { makeDefault: emptyList }),
  work_queue_name: optional(text()),
  work_pool_name: optional(text()),
  path: optional(text()),
  job_variables: optional(jsonObject()),
  pull_steps: optional(list(jsonObject())),
  entrypoint: optional(text()),
  storage_document_id: optional(uuid()),
  infrastructure_document_id: optional(uuid()),
  enforce_parameter_schema: optional(boolean()),
  version_info: optional(VersionInfo),
}, { before: withoutOldDeploymentFields, beforeCheck: concurrencyLimitsFault })
export type DeploymentUpdate = Static<typeof DeploymentUpdate>

export const BulkDeleteDeploymentsBody = bodyParameters('Body_bulk_delete_deployments_deployments_bulk_delete_post', {
  deployments: optional(DeploymentFilter),
  limit: integer({ maximum: 50, minimum: 1, default: 50 }),
})
export type BulkDeleteDeploymentsBody = Static<typeof BulkDeleteDeploymentsBody>

export const CountDeploymentsBody = bodyParameters('Body_count_deployments_deployments_count_post', {
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_pool_queues: optional(WorkQueueFilter),
})
export type CountDeploymentsBody = Static<typeof CountDeploymentsBody>

export const GetScheduledFlowRunsForDeploymentsBody = bodyParameters(
  'Body_get_scheduled_flow_runs_for_deployments_deployments_get_scheduled_flow_runs_post',
  {
    limit: absentIsNull(integer()),
    deployment_ids: list(uuid()),
    scheduled_before: absentIsNull(dateTime()),
  },
)
export type GetScheduledFlowRunsForDeploymentsBody = Static<typeof GetScheduledFlowRunsForDeploymentsBody>

export const PaginateDeploymentsBody = bodyParameters('Body_paginate_deployments_deployments_paginate_post', {
  limit: absentIsNull(integer()),
  page: integer({ minimum: 1, default: 1 }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_pool_queues: optional(WorkQueueFilter),
  sort: withOptions(DeploymentSort, { default: 'NAME_ASC' }),
})
export type PaginateDeploymentsBody = Static<typeof PaginateDeploymentsBody>

export const ReadDeploymentsBody = bodyParameters('Body_read_deployments_deployments_filter_post', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_pool_queues: optional(WorkQueueFilter),
  sort: withOptions(DeploymentSort, { default: 'NAME_ASC' }),
})
export type ReadDeploymentsBody = Static<typeof ReadDeploymentsBody>

export const ScheduleDeploymentBody = bodyParameters('Body_schedule_deployment_deployments__id__schedule_post', {
  start_time: absentIsNull(dateTime({ isNative: true })),
  end_time: absentIsNull(dateTime({ isNative: true })),
  min_time: absentIsNull(float({ format: 'time-delta' })),
  min_runs: absentIsNull(integer()),
  max_runs: absentIsNull(integer()),
})
export type ScheduleDeploymentBody = Static<typeof ScheduleDeploymentBody>

/** Flow runs to create from one deployment. */
export const DeploymentFlowRunBatch = list(DeploymentFlowRunCreate)

export * from './filters/deployments.ts'
export { DeploymentStatus } from './statuses.ts'
