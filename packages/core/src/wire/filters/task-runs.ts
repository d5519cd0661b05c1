import { Operator } from '../common.ts'
import { StateType } from '../states.ts'
import { boolean, dateTime, list, model, nullable, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const TaskRunFilterEndTime = strictModel('TaskRunFilterEndTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
  is_null_: optional(boolean()),
})
export type TaskRunFilterEndTime = Static<typeof TaskRunFilterEndTime>

export const TaskRunFilterExpectedStartTime = strictModel('TaskRunFilterExpectedStartTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
})
export type TaskRunFilterExpectedStartTime = Static<typeof TaskRunFilterExpectedStartTime>

export const TaskRunFilterFlowRunId = strictModel('TaskRunFilterFlowRunId', {
  operator: withOptions(Operator, { default: 'and_' }),
  any_: optional(list(uuid())),
  is_null_: nullable(boolean(), { default: false }),
})
export type TaskRunFilterFlowRunId = Static<typeof TaskRunFilterFlowRunId>

export const TaskRunFilterId = strictModel('TaskRunFilterId', {
  any_: optional(list(uuid())),
})
export type TaskRunFilterId = Static<typeof TaskRunFilterId>

export const TaskRunFilterName = strictModel('TaskRunFilterName', {
  any_: optional(list(text())),
  like_: optional(text()),
})
export type TaskRunFilterName = Static<typeof TaskRunFilterName>

export const TaskRunFilterStartTime = strictModel('TaskRunFilterStartTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
  is_null_: optional(boolean()),
})
export type TaskRunFilterStartTime = Static<typeof TaskRunFilterStartTime>

export const TaskRunFilterStateName = strictModel('TaskRunFilterStateName', {
  any_: optional(list(text())),
})
export type TaskRunFilterStateName = Static<typeof TaskRunFilterStateName>

export const TaskRunFilterStateType = strictModel('TaskRunFilterStateType', {
  any_: optional(list(StateType)),
})
export type TaskRunFilterStateType = Static<typeof TaskRunFilterStateType>

export const TaskRunFilterState = strictModel('TaskRunFilterState', {
  operator: withOptions(Operator, { default: 'and_' }),
  type: optional(TaskRunFilterStateType),
  name: optional(TaskRunFilterStateName),
})
export type TaskRunFilterState = Static<typeof TaskRunFilterState>

export const TaskRunFilterSubFlowRuns = strictModel('TaskRunFilterSubFlowRuns', {
  exists_: optional(boolean()),
})
export type TaskRunFilterSubFlowRuns = Static<typeof TaskRunFilterSubFlowRuns>

export const TaskRunFilterTags = strictModel('TaskRunFilterTags', {
  operator: withOptions(Operator, { default: 'and_' }),
  all_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type TaskRunFilterTags = Static<typeof TaskRunFilterTags>

export const TaskRunFilter = strictModel('TaskRunFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(TaskRunFilterId),
  name: optional(TaskRunFilterName),
  tags: optional(TaskRunFilterTags),
  state: optional(TaskRunFilterState),
  start_time: optional(TaskRunFilterStartTime),
  end_time: optional(TaskRunFilterEndTime),
  expected_start_time: optional(TaskRunFilterExpectedStartTime),
  subflow_runs: optional(TaskRunFilterSubFlowRuns),
  flow_run_id: optional(TaskRunFilterFlowRunId),
})
export type TaskRunFilter = Static<typeof TaskRunFilter>

export const TaskWorkerFilter = model('TaskWorkerFilter', {
  task_keys: list(text()),
})
export type TaskWorkerFilter = Static<typeof TaskWorkerFilter>
