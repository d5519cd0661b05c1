import { Operator } from '../common.ts'
import { StateType } from '../states.ts'
import { boolean, dateTime, list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const FlowRunFilterCreatedBy = strictModel('FlowRunFilterCreatedBy', {
  operator: withOptions(Operator, { default: 'and_' }),
  id_: optional(list(uuid())),
  type_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type FlowRunFilterCreatedBy = Static<typeof FlowRunFilterCreatedBy>

export const FlowRunFilterDeploymentId = strictModel('FlowRunFilterDeploymentId', {
  operator: withOptions(Operator, { default: 'and_' }),
  any_: optional(list(uuid())),
  is_null_: optional(boolean()),
})
export type FlowRunFilterDeploymentId = Static<typeof FlowRunFilterDeploymentId>

export const FlowRunFilterEndTime = strictModel('FlowRunFilterEndTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
  is_null_: optional(boolean()),
})
export type FlowRunFilterEndTime = Static<typeof FlowRunFilterEndTime>

export const FlowRunFilterExpectedStartTime = strictModel('FlowRunFilterExpectedStartTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
})
export type FlowRunFilterExpectedStartTime = Static<typeof FlowRunFilterExpectedStartTime>

export const FlowRunFilterFlowVersion = strictModel('FlowRunFilterFlowVersion', {
  any_: optional(list(text())),
})
export type FlowRunFilterFlowVersion = Static<typeof FlowRunFilterFlowVersion>

export const FlowRunFilterId = strictModel('FlowRunFilterId', {
  any_: optional(list(uuid())),
  not_any_: optional(list(uuid())),
})
export type FlowRunFilterId = Static<typeof FlowRunFilterId>

export const FlowRunFilterIdempotencyKey = strictModel('FlowRunFilterIdempotencyKey', {
  any_: optional(list(text())),
  not_any_: optional(list(text())),
})
export type FlowRunFilterIdempotencyKey = Static<typeof FlowRunFilterIdempotencyKey>

export const FlowRunFilterName = strictModel('FlowRunFilterName', {
  any_: optional(list(text())),
  like_: optional(text()),
})
export type FlowRunFilterName = Static<typeof FlowRunFilterName>

export const FlowRunFilterNextScheduledStartTime = strictModel('FlowRunFilterNextScheduledStartTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
})
export type FlowRunFilterNextScheduledStartTime = Static<typeof FlowRunFilterNextScheduledStartTime>

export const FlowRunFilterParentFlowRunId = strictModel('FlowRunFilterParentFlowRunId', {
  operator: withOptions(Operator, { default: 'and_' }),
  any_: optional(list(uuid())),
})
export type FlowRunFilterParentFlowRunId = Static<typeof FlowRunFilterParentFlowRunId>

export const FlowRunFilterParentTaskRunId = strictModel('FlowRunFilterParentTaskRunId', {
  operator: withOptions(Operator, { default: 'and_' }),
  any_: optional(list(uuid())),
  is_null_: optional(boolean()),
})
export type FlowRunFilterParentTaskRunId = Static<typeof FlowRunFilterParentTaskRunId>

export const FlowRunFilterStartTime = strictModel('FlowRunFilterStartTime', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
  is_null_: optional(boolean()),
})
export type FlowRunFilterStartTime = Static<typeof FlowRunFilterStartTime>

export const FlowRunFilterStateName = strictModel('FlowRunFilterStateName', {
  any_: optional(list(text())),
  not_any_: optional(list(text())),
})
export type FlowRunFilterStateName = Static<typeof FlowRunFilterStateName>

export const FlowRunFilterStateType = strictModel('FlowRunFilterStateType', {
  any_: optional(list(StateType)),
  not_any_: optional(list(StateType)),
})
export type FlowRunFilterStateType = Static<typeof FlowRunFilterStateType>

export const FlowRunFilterState = strictModel('FlowRunFilterState', {
  operator: withOptions(Operator, { default: 'and_' }),
  type: optional(FlowRunFilterStateType),
  name: optional(FlowRunFilterStateName),
})
export type FlowRunFilterState = Static<typeof FlowRunFilterState>

export const FlowRunFilterTags = strictModel('FlowRunFilterTags', {
  operator: withOptions(Operator, { default: 'and_' }),
  all_: optional(list(text())),
  any_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type FlowRunFilterTags = Static<typeof FlowRunFilterTags>

export const FlowRunFilterWorkQueueName = strictModel('FlowRunFilterWorkQueueName', {
  operator: withOptions(Operator, { default: 'and_' }),
  any_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type FlowRunFilterWorkQueueName = Static<typeof FlowRunFilterWorkQueueName>

export const FlowRunFilter = strictModel('FlowRunFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(FlowRunFilterId),
  name: optional(FlowRunFilterName),
  tags: optional(FlowRunFilterTags),
  deployment_id: optional(FlowRunFilterDeploymentId),
  work_queue_name: optional(FlowRunFilterWorkQueueName),
  state: optional(FlowRunFilterState),
  flow_version: optional(FlowRunFilterFlowVersion),
  start_time: optional(FlowRunFilterStartTime),
  end_time: optional(FlowRunFilterEndTime),
  expected_start_time: optional(FlowRunFilterExpectedStartTime),
  next_scheduled_start_time: optional(FlowRunFilterNextScheduledStartTime),
  parent_flow_run_id: optional(FlowRunFilterParentFlowRunId),
  parent_task_run_id: optional(FlowRunFilterParentTaskRunId),
  idempotency_key: optional(FlowRunFilterIdempotencyKey),
  created_by: optional(FlowRunFilterCreatedBy),
})
export type FlowRunFilter = Static<typeof FlowRunFilter>
