import { CreatedBy, KeyValueLabels } from './common.ts'
import { parameterSizeFault, withRenamedPolicyFields } from './field-checks.ts'
import { DeploymentFilter } from './filters/deployments.ts'
import { FlowRunFilter } from './filters/flow-runs.ts'
import { FlowFilter } from './filters/flows.ts'
import { TaskRunFilter } from './filters/task-runs.ts'
import { WorkPoolFilter } from './filters/work-pools.ts'
import { WorkQueueFilter } from './filters/work-queues.ts'
import {
  SetStateStatus,
  State,
  StateAbortDetails,
  StateAcceptDetails,
  StateCreate,
  StateRejectDetails,
  StateType,
  StateWaitDetails,
} from './states.ts'
import {
  absentIsEmpty,
  absentIsNull,
  anyOf,
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
  literal,
  mayBeAbsent,
  model,
  nullable,
  optional,
  setOf,
  strictModel,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

export const FlowRunSort = enumOf(
  'FlowRunSort',
  [
    'ID_DESC',
    'START_TIME_ASC',
    'START_TIME_DESC',
    'EXPECTED_START_TIME_ASC',
    'EXPECTED_START_TIME_DESC',
    'NAME_ASC',
    'NAME_DESC',
    'NEXT_SCHEDULED_START_TIME_ASC',
    'END_TIME_DESC',
  ],
)
export type FlowRunSort = Static<typeof FlowRunSort>

export const FlowRunPolicy = model('FlowRunPolicy', {
  max_retries: integer({ deprecated: true, default: 0 }),
  retry_delay_seconds: float({ deprecated: true, default: 0 }),
  retries: optional(integer()),
  retry_delay: optional(integer()),
  pause_keys: nullable(setOf(text()), { makeDefault: emptyList }),
  resuming: nullable(boolean(), { default: false }),
  retry_type: optional(literal(['in_process', 'reschedule'])),
}, { before: withRenamedPolicyFields })
export type FlowRunPolicy = Static<typeof FlowRunPolicy>

export const FlowRun = model('FlowRun', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: mayBeAbsent(text()),
  flow_id: uuid(),
  state_id: optional(uuid()),
  deployment_id: optional(uuid()),
  deployment_version: optional(text()),
  work_queue_name: optional(text()),
  flow_version: optional(text()),
  parameters: jsonObject({ makeDefault: emptyObject }),
  idempotency_key: optional(text()),
  context: jsonObject({ makeDefault: emptyObject }),
  empirical_policy: absentIsEmpty(FlowRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  labels: nullable(KeyValueLabels, { makeDefault: emptyObject }),
  parent_task_run_id: optional(uuid()),
  state_type: optional(StateType),
  state_name: optional(text()),
  run_count: integer({ default: 0 }),
  expected_start_time: optional(dateTime()),
  next_scheduled_start_time: optional(dateTime()),
  start_time: optional(dateTime()),
  end_time: optional(dateTime()),
  total_run_time: float({ default: 0 }),
  estimated_run_time: float({ default: 0 }),
  estimated_start_time_delta: float({ default: 0 }),
  auto_scheduled: boolean({ default: false }),
  infrastructure_document_id: optional(uuid()),
  infrastructure_pid: optional(text()),
  created_by: optional(CreatedBy),
  work_queue_id: optional(uuid()),
  state: optional(State),
  job_variables: optional(jsonObject()),
})
export type FlowRun = Static<typeof FlowRun>

export const FlowRunCreateResult = model('FlowRunCreateResult', {
  flow_run_id: optional(uuid()),
  status: literal(['CREATED', 'FAILED']),
  error: optional(text()),
})
export type FlowRunCreateResult = Static<typeof FlowRunCreateResult>

export const FlowRunBulkCreateResponse = model('FlowRunBulkCreateResponse', {
  results: list(FlowRunCreateResult, { makeDefault: emptyList }),
})
export type FlowRunBulkCreateResponse = Static<typeof FlowRunBulkCreateResponse>

export const FlowRunBulkDeleteResponse = model('FlowRunBulkDeleteResponse', {
  deleted: list(uuid(), { makeDefault: emptyList }),
})
export type FlowRunBulkDeleteResponse = Static<typeof FlowRunBulkDeleteResponse>

export const FlowRunOrchestrationResult = model('FlowRunOrchestrationResult', {
  flow_run_id: uuid(),
  status: SetStateStatus,
  state: optional(State),
  details: anyOf([StateAcceptDetails, StateWaitDetails, StateRejectDetails, StateAbortDetails]),
})
export type FlowRunOrchestrationResult = Static<typeof FlowRunOrchestrationResult>

export const FlowRunBulkSetStateResponse = model('FlowRunBulkSetStateResponse', {
  results: list(FlowRunOrchestrationResult, { makeDefault: emptyList }),
})
export type FlowRunBulkSetStateResponse = Static<typeof FlowRunBulkSetStateResponse>

export const FlowRunCreate = strictModel('FlowRunCreate', {
  state: optional(StateCreate),
  name: absentIsNull(text({ emptyIsNull: true })),
  flow_id: uuid(),
  flow_version: optional(text()),
  parameters: jsonObject({ makeDefault: emptyObject, check: parameterSizeFault }),
  context: jsonObject({ makeDefault: emptyObject }),
  parent_task_run_id: optional(uuid()),
  infrastructure_document_id: optional(uuid()),
  empirical_policy: absentIsEmpty(FlowRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  labels: nullable(KeyValueLabels, { makeDefault: emptyObject }),
  idempotency_key: optional(text()),
  work_pool_name: optional(text()),
  work_queue_name: optional(text()),
  job_variables: optional(jsonObject()),
  deployment_id: optional(uuid(), { deprecated: true }),
})
export type FlowRunCreate = Static<typeof FlowRunCreate>

export const FlowRunInput = model('FlowRunInput', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  flow_run_id: uuid(),
  key: text(),
  value: text(),
  sender: optional(text()),
})
export type FlowRunInput = Static<typeof FlowRunInput>

export const FlowRunResponse = model('FlowRunResponse', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: mayBeAbsent(text()),
  flow_id: uuid(),
  state_id: optional(uuid()),
  deployment_id: optional(uuid()),
  deployment_version: optional(text()),
  work_queue_id: optional(uuid()),
  work_queue_name: optional(text()),
  flow_version: optional(text()),
  parameters: jsonObject({ makeDefault: emptyObject }),
  idempotency_key: optional(text()),
  context: jsonObject({ makeDefault: emptyObject }),
  empirical_policy: absentIsEmpty(FlowRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  labels: withOptions(KeyValueLabels, { makeDefault: emptyObject }),
  parent_task_run_id: optional(uuid()),
  state_type: optional(StateType),
  state_name: optional(text()),
  run_count: integer({ default: 0 }),
  expected_start_time: optional(dateTime()),
  next_scheduled_start_time: optional(dateTime()),
  start_time: optional(dateTime()),
  end_time: optional(dateTime()),
  total_run_time: float({ default: 0 }),
  estimated_run_time: float({ default: 0 }),
  estimated_start_time_delta: float({ default: 0 }),
  auto_scheduled: boolean({ default: false }),
  infrastructure_document_id: optional(uuid()),
  infrastructure_pid: optional(text()),
  created_by: optional(CreatedBy),
  work_pool_id: optional(uuid()),
  work_pool_name: optional(text()),
  state: optional(State),
  job_variables: optional(jsonObject()),
})
export type FlowRunResponse = Static<typeof FlowRunResponse>

export const FlowRunPaginationResponse = model('FlowRunPaginationResponse', {
  results: list(FlowRunResponse),
  count: integer(),
  limit: integer(),
  pages: integer(),
  page: integer(),
})
export type FlowRunPaginationResponse = Static<typeof FlowRunPaginationResponse>

export const FlowRunUpdate = strictModel('FlowRunUpdate', {
  name: optional(text(), { emptyIsNull: true }),
  flow_version: optional(text()),
  parameters: jsonObject({ makeDefault: emptyObject, check: parameterSizeFault }),
  empirical_policy: absentIsEmpty(FlowRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  infrastructure_pid: optional(text()),
  job_variables: optional(jsonObject()),
})
export type FlowRunUpdate = Static<typeof FlowRunUpdate>

export const AverageFlowRunLatenessBody = bodyParameters('Body_average_flow_run_lateness_flow_runs_lateness_post', {
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_pool_queues: optional(WorkQueueFilter),
})
export type AverageFlowRunLatenessBody = Static<typeof AverageFlowRunLatenessBody>

export const BulkDeleteFlowRunsBody = bodyParameters('Body_bulk_delete_flow_runs_flow_runs_bulk_delete_post', {
  flow_runs: optional(FlowRunFilter),
  limit: integer({ maximum: 50, minimum: 1, default: 50 }),
})
export type BulkDeleteFlowRunsBody = Static<typeof BulkDeleteFlowRunsBody>

export const BulkSetFlowRunStateBody = bodyParameters('Body_bulk_set_flow_run_state_flow_runs_bulk_set_state_post', {
  flow_runs: optional(FlowRunFilter),
  state: StateCreate,
  force: boolean({ default: false }),
  limit: integer({ maximum: 50, minimum: 1, default: 50 }),
})
export type BulkSetFlowRunStateBody = Static<typeof BulkSetFlowRunStateBody>

export const CountFlowRunsBody = bodyParameters('Body_count_flow_runs_flow_runs_count_post', {
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_pool_queues: optional(WorkQueueFilter),
})
export type CountFlowRunsBody = Static<typeof CountFlowRunsBody>

export const CreateFlowRunInputBody = bodyParameters('Body_create_flow_run_input_flow_runs__id__input_post', {
  key: text(),
  value: text({
    contentMediaType: 'application/octet-stream',
    wrongType: { type: 'bytes_type', msg: 'Input should be a valid bytes' },
  }),
  sender: optional(text()),
})
export type CreateFlowRunInputBody = Static<typeof CreateFlowRunInputBody>

export const FilterFlowRunInputBody = bodyParameters('Body_filter_flow_run_input_flow_runs__id__input_filter_post', {
  prefix: text(),
  limit: integer({ default: 1 }),
  exclude_keys: list(text(), { default: [] }),
})
export type FilterFlowRunInputBody = Static<typeof FilterFlowRunInputBody>

export const FlowRunHistoryBody = bodyParameters('Body_flow_run_history_flow_runs_history_post', {
  history_start: dateTime(),
  history_end: dateTime(),
  history_interval_seconds: float({ format: 'time-delta' }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_queues: optional(WorkQueueFilter),
})
export type FlowRunHistoryBody = Static<typeof FlowRunHistoryBody>

export const PaginateFlowRunsBody = bodyParameters('Body_paginate_flow_runs_flow_runs_paginate_post', {
  limit: absentIsNull(integer()),
  sort: withOptions(FlowRunSort, { default: 'ID_DESC' }),
  page: integer({ minimum: 1, default: 1 }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_pool_queues: optional(WorkQueueFilter),
})
export type PaginateFlowRunsBody = Static<typeof PaginateFlowRunsBody>

export const ReadFlowRunsBody = bodyParameters('Body_read_flow_runs_flow_runs_filter_post', {
  limit: absentIsNull(integer()),
  sort: withOptions(FlowRunSort, { default: 'ID_DESC' }),
  offset: integer({ minimum: 0, default: 0 }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  work_pool_queues: optional(WorkQueueFilter),
})
export type ReadFlowRunsBody = Static<typeof ReadFlowRunsBody>

export const ResumeFlowRunBody = bodyParameters('Body_resume_flow_run_flow_runs__id__resume_post', {
  run_input: optional(jsonObject()),
})
export type ResumeFlowRunBody = Static<typeof ResumeFlowRunBody>

export const SetFlowRunStateBody = bodyParameters('Body_set_flow_run_state_flow_runs__id__set_state_post', {
  state: StateCreate,
  force: boolean({ default: false }),
})
export type SetFlowRunStateBody = Static<typeof SetFlowRunStateBody>

/** Labels to merge into a flow run's; any JSON object is taken here. */
export const FlowRunLabelsUpdate = jsonObject()

export * from './filters/flow-runs.ts'
