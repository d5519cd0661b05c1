import { KeyValueLabels } from './common.ts'
import { cacheKeyFault, jitterFault, retryDelayFault, withRenamedPolicyFields } from './field-checks.ts'
import { DeploymentFilter } from './filters/deployments.ts'
import { FlowRunFilter } from './filters/flow-runs.ts'
import { FlowFilter } from './filters/flows.ts'
import { TaskRunFilter, TaskWorkerFilter } from './filters/task-runs.ts'
import { State, StateCreate, StateType } from './states.ts'
import {
  absentIsEmpty,
  absentIsNull,
  anyOf,
  bodyParameters,
  boolean,
  dateTime,
  dict,
  emptyList,
  emptyObject,
  enumOf,
  float,
  integer,
  list,
  literal,
  mayBeAbsent,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

export const TaskRunSort = enumOf(
  'TaskRunSort',
  [
    'ID_DESC',
    'EXPECTED_START_TIME_ASC',
    'EXPECTED_START_TIME_DESC',
    'NAME_ASC',
    'NAME_DESC',
    'NEXT_SCHEDULED_START_TIME_ASC',
    'END_TIME_DESC',
  ],
)
export type TaskRunSort = Static<typeof TaskRunSort>

export const Constant = model('Constant', {
  input_type: literal(['constant'], { default: 'constant' }),
  type: text(),
})
export type Constant = Static<typeof Constant>

export const FlowRunResult = model('FlowRunResult', {
  input_type: literal(['flow_run'], { default: 'flow_run' }),
  id: uuid(),
})
export type FlowRunResult = Static<typeof FlowRunResult>

export const Parameter = model('Parameter', {
  input_type: literal(['parameter'], { default: 'parameter' }),
  name: text(),
})
export type Parameter = Static<typeof Parameter>

export const TaskRunPolicy = model('TaskRunPolicy', {
  max_retries: integer({ deprecated: true, default: 0 }),
  retry_delay_seconds: float({ deprecated: true, default: 0 }),
  retries: optional(integer()),
  retry_delay: optional(anyOf([integer(), float(), list(integer()), list(float())]), { check: retryDelayFault }),
  retry_jitter_factor: optional(float(), { check: jitterFault }),
}, { before: withRenamedPolicyFields })
export type TaskRunPolicy = Static<typeof TaskRunPolicy>

export const TaskRunResult = model('TaskRunResult', {
  input_type: literal(['task_run'], { default: 'task_run' }),
  id: uuid(),
})
export type TaskRunResult = Static<typeof TaskRunResult>

export const TaskRun = model('TaskRun', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: mayBeAbsent(text()),
  flow_run_id: optional(uuid()),
  task_key: text(),
  dynamic_key: text(),
  cache_key: optional(text()),
  cache_expiration: optional(dateTime()),
  task_version: optional(text()),
  empirical_policy: absentIsEmpty(TaskRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  labels: nullable(KeyValueLabels, { makeDefault: emptyObject }),
  state_id: optional(uuid()),
  task_inputs: dict(list(anyOf([TaskRunResult, FlowRunResult, Parameter, Constant])), { makeDefault: emptyObject }),
  state_type: optional(StateType),
  state_name: optional(text()),
  run_count: integer({ default: 0 }),
  flow_run_run_count: integer({ default: 0 }),
  expected_start_time: optional(dateTime()),
  next_scheduled_start_time: optional(dateTime()),
  start_time: optional(dateTime()),
  end_time: optional(dateTime()),
  total_run_time: float({ default: 0 }),
  estimated_run_time: float({ default: 0 }),
  estimated_start_time_delta: float({ default: 0 }),
  state: optional(State),
})
export type TaskRun = Static<typeof TaskRun>

export const TaskRunCreate = strictModel('TaskRunCreate', {
  id: optional(uuid()),
  state: optional(StateCreate),
  name: absentIsNull(text({ emptyIsNull: true })),
  flow_run_id: optional(uuid()),
  task_key: text(),
  dynamic_key: text(),
  cache_key: optional(text(), { check: cacheKeyFault }),
  cache_expiration: optional(dateTime()),
  task_version: optional(text()),
  empirical_policy: absentIsEmpty(TaskRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  labels: nullable(KeyValueLabels, { makeDefault: emptyObject }),
  task_inputs: dict(list(anyOf([TaskRunResult, FlowRunResult, Parameter, Constant])), { makeDefault: emptyObject }),
})
export type TaskRunCreate = Static<typeof TaskRunCreate>

export const TaskRunResponse = model('TaskRunResponse', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: mayBeAbsent(text()),
  flow_run_id: optional(uuid()),
  task_key: text(),
  state_id: optional(uuid()),
  state: optional(State),
  task_version: optional(text()),
  task_inputs: dict(list(anyOf([TaskRunResult, FlowRunResult, Parameter, Constant])), { makeDefault: emptyObject }),
  empirical_policy: absentIsEmpty(TaskRunPolicy),
  tags: list(text(), { makeDefault: emptyList }),
  start_time: optional(dateTime()),
  end_time: optional(dateTime()),
  total_run_time: float({ default: 0 }),
  estimated_run_time: float({ default: 0 }),
  estimated_start_time_delta: float({ default: 0 }),
})
export type TaskRunResponse = Static<typeof TaskRunResponse>

export const TaskRunPaginationResponse = model('TaskRunPaginationResponse', {
  results: list(TaskRunResponse),
  count: integer(),
  limit: integer(),
  pages: integer(),
  page: integer(),
})
export type TaskRunPaginationResponse = Static<typeof TaskRunPaginationResponse>

export const TaskRunUpdate = strictModel('TaskRunUpdate', {
  name: absentIsNull(text({ emptyIsNull: true })),
})
export type TaskRunUpdate = Static<typeof TaskRunUpdate>

export const TaskWorkerResponse = model('TaskWorkerResponse', {
  identifier: text(),
  task_keys: list(text()),
  timestamp: dateTime(),
})
export type TaskWorkerResponse = Static<typeof TaskWorkerResponse>

export const CountTaskRunsBody = bodyParameters('Body_count_task_runs_task_runs_count_post', {
  flows: absentIsNull(FlowFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  deployments: absentIsNull(DeploymentFilter),
})
export type CountTaskRunsBody = Static<typeof CountTaskRunsBody>

export const PaginateTaskRunsBody = bodyParameters('Body_paginate_task_runs_task_runs_paginate_post', {
  limit: absentIsNull(integer()),
  sort: withOptions(TaskRunSort, { default: 'ID_DESC' }),
  page: integer({ minimum: 1, default: 1 }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
})
export type PaginateTaskRunsBody = Static<typeof PaginateTaskRunsBody>

export const ReadTaskRunsBody = bodyParameters('Body_read_task_runs_task_runs_filter_post', {
  limit: absentIsNull(integer()),
  sort: withOptions(TaskRunSort, { default: 'ID_DESC' }),
  offset: integer({ minimum: 0, default: 0 }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
})
export type ReadTaskRunsBody = Static<typeof ReadTaskRunsBody>

export const ReadTaskWorkersBody = bodyParameters('Body_read_task_workers_task_workers_filter_post', {
  task_worker_filter: optional(TaskWorkerFilter),
})
export type ReadTaskWorkersBody = Static<typeof ReadTaskWorkersBody>

export const SetTaskRunStateBody = bodyParameters('Body_set_task_run_state_task_runs__id__set_state_post', {
  state: StateCreate,
  force: boolean({ default: false }),
})
export type SetTaskRunStateBody = Static<typeof SetTaskRunStateBody>

export const TaskRunHistoryBody = bodyParameters('Body_task_run_history_task_runs_history_post', {
  history_start: dateTime(),
  history_end: dateTime(),
  history_interval_seconds: float({ format: 'time-delta' }),
  flows: absentIsNull(FlowFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  deployments: absentIsNull(DeploymentFilter),
})
export type TaskRunHistoryBody = Static<typeof TaskRunHistoryBody>

export * from './filters/task-runs.ts'
