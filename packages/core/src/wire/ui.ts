import { KeyValueLabels } from './common.ts'
import { DeploymentFilter } from './filters/deployments.ts'
import { FlowRunFilter } from './filters/flow-runs.ts'
import { FlowFilter } from './filters/flows.ts'
import { TaskRunFilter } from './filters/task-runs.ts'
import { WorkPoolFilter } from './filters/work-pools.ts'
import { WorkQueueFilter } from './filters/work-queues.ts'
import { FlowRunSort } from './flow-runs.ts'
import { State, StateType } from './states.ts'
import { Constant, FlowRunResult, Parameter, TaskRunPolicy, TaskRunResult } from './task-runs.ts'
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
  float,
  integer,
  jsonObject,
  later,
  list,
  mayBeAbsent,
  model,
  named,
  nullable,
  optional,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

/** Errors of values against a schema: a text, or errors of a member. */
export type SchemaValueError = string | SchemaValuePropertyError | SchemaValueIndexError

export interface SchemaValuePropertyError {
  property: string
  errors: SchemaValueError[]
}

export interface SchemaValueIndexError {
  index: number
  errors: SchemaValueError[]
}

export const CountByState = model('CountByState', {
  COMPLETED: integer({ default: 0 }),
  PENDING: integer({ default: 0 }),
  RUNNING: integer({ default: 0 }),
  FAILED: integer({ default: 0 }),
  CANCELLED: integer({ default: 0 }),
  CRASHED: integer({ default: 0 }),
  PAUSED: integer({ default: 0 }),
  CANCELLING: integer({ default: 0 }),
  SCHEDULED: integer({ default: 0 }),
})
export type CountByState = Static<typeof CountByState>

export const SchemaValuePropertyError = model('SchemaValuePropertyError', {
  property: text(),
  errors: list(
    anyOf([
      text(),
      later<SchemaValuePropertyError>('SchemaValuePropertyError'),
      later<SchemaValueIndexError>('SchemaValueIndexError'),
    ]),
  ),
})

export const SchemaValueIndexError = model('SchemaValueIndexError', {
  index: integer(),
  errors: list(anyOf([text(), SchemaValuePropertyError, later<SchemaValueIndexError>('SchemaValueIndexError')])),
})

export const SchemaValuesValidationResponse = model('SchemaValuesValidationResponse', {
  errors: list(anyOf([text(), SchemaValuePropertyError, SchemaValueIndexError])),
  valid: boolean(),
})
export type SchemaValuesValidationResponse = Static<typeof SchemaValuesValidationResponse>

export const SimpleFlowRun = model('SimpleFlowRun', {
  id: uuid(),
  state_type: StateType,
  timestamp: dateTime(),
  duration: float(),
  lateness: float(),
})
export type SimpleFlowRun = Static<typeof SimpleFlowRun>

export const SimpleNextFlowRun = model('SimpleNextFlowRun', {
  id: uuid(),
  flow_id: uuid(),
  name: text(),
  state_name: text(),
  state_type: StateType,
  next_scheduled_start_time: dateTime(),
})
export type SimpleNextFlowRun = Static<typeof SimpleNextFlowRun>

export const TaskRunCount = named('TaskRunCount', dict(integer()))
export type TaskRunCount = Static<typeof TaskRunCount>

export const UITaskRun = model('UITaskRun', {
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
  flow_run_name: optional(text()),
})
export type UITaskRun = Static<typeof UITaskRun>

export const CountDeploymentsByFlowBody = bodyParameters(
  'Body_count_deployments_by_flow_ui_flows_count_deployments_post',
  {
    flow_ids: list(uuid()),
  },
)
export type CountDeploymentsByFlowBody = Static<typeof CountDeploymentsByFlowBody>

export const CountTaskRunsByFlowRunBody = bodyParameters(
  'Body_count_task_runs_by_flow_run_ui_flow_runs_count_task_runs_post',
  {
    flow_run_ids: list(uuid()),
  },
)
export type CountTaskRunsByFlowRunBody = Static<typeof CountTaskRunsByFlowRunBody>

export const NextRunsByFlowBody = bodyParameters('Body_next_runs_by_flow_ui_flows_next_runs_post', {
  flow_ids: list(uuid()),
})
export type NextRunsByFlowBody = Static<typeof NextRunsByFlowBody>

export const ReadDashboardTaskRunCountsBody = bodyParameters(
  'Body_read_dashboard_task_run_counts_ui_task_runs_dashboard_counts_post',
  {
    task_runs: TaskRunFilter,
    flows: optional(FlowFilter),
    flow_runs: optional(FlowRunFilter),
    deployments: optional(DeploymentFilter),
    work_pools: optional(WorkPoolFilter),
    work_queues: optional(WorkQueueFilter),
  },
)
export type ReadDashboardTaskRunCountsBody = Static<typeof ReadDashboardTaskRunCountsBody>

export const ReadFlowRunHistoryBody = bodyParameters('Body_read_flow_run_history_ui_flow_runs_history_post', {
  sort: withOptions(FlowRunSort, { default: 'EXPECTED_START_TIME_DESC' }),
  limit: integer({ maximum: 1000, default: 1000 }),
  offset: integer({ minimum: 0, default: 0 }),
  flows: absentIsNull(FlowFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  deployments: absentIsNull(DeploymentFilter),
  work_pools: absentIsNull(WorkPoolFilter),
})
export type ReadFlowRunHistoryBody = Static<typeof ReadFlowRunHistoryBody>

export const ReadTaskRunCountsByStateBody = bodyParameters(
  'Body_read_task_run_counts_by_state_ui_task_runs_count_post',
  {
    flows: optional(FlowFilter),
    flow_runs: optional(FlowRunFilter),
    task_runs: optional(TaskRunFilter),
    deployments: optional(DeploymentFilter),
  },
)
export type ReadTaskRunCountsByStateBody = Static<typeof ReadTaskRunCountsByStateBody>

export const ValidateObjBody = bodyParameters('Body_validate_obj_ui_schemas_validate_post', {
  schema: jsonObject(),
  values: jsonObject(),
})
export type ValidateObjBody = Static<typeof ValidateObjBody>
