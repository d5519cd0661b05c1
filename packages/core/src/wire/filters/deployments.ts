import { Operator } from '../common.ts'
import { boolean, integer, list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const DeploymentFilterConcurrencyLimit = strictModel('DeploymentFilterConcurrencyLimit', {
  ge_: optional(integer()),
  le_: optional(integer()),
  is_null_: optional(boolean()),
})
export type DeploymentFilterConcurrencyLimit = Static<typeof DeploymentFilterConcurrencyLimit>

export const DeploymentFilterId = strictModel('DeploymentFilterId', {
  any_: optional(list(uuid())),
  not_any_: optional(list(uuid())),
})
export type DeploymentFilterId = Static<typeof DeploymentFilterId>

export const DeploymentFilterName = strictModel('DeploymentFilterName', {
  any_: optional(list(text())),
  like_: optional(text()),
})
export type DeploymentFilterName = Static<typeof DeploymentFilterName>

export const DeploymentFilterPaused = strictModel('DeploymentFilterPaused', {
  eq_: optional(boolean()),
})
export type DeploymentFilterPaused = Static<typeof DeploymentFilterPaused>

export const DeploymentFilterTags = strictModel('DeploymentFilterTags', {
  operator: withOptions(Operator, { default: 'and_' }),
  all_: optional(list(text())),
  any_: optional(list(text())),
  is_null_: optional(boolean()),
})
export type DeploymentFilterTags = Static<typeof DeploymentFilterTags>

export const DeploymentFilterWorkQueueName = strictModel('DeploymentFilterWorkQueueName', {
  any_: optional(list(text())),
})
export type DeploymentFilterWorkQueueName = Static<typeof DeploymentFilterWorkQueueName>

export const DeploymentOrFlowNameFilter = strictModel('DeploymentOrFlowNameFilter', {
  like_: optional(text()),
})
export type DeploymentOrFlowNameFilter = Static<typeof DeploymentOrFlowNameFilter>

export const DeploymentFilter = strictModel('DeploymentFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(DeploymentFilterId),
  name: optional(DeploymentFilterName),
  flow_or_deployment_name: optional(DeploymentOrFlowNameFilter),
  paused: optional(DeploymentFilterPaused),
  tags: optional(DeploymentFilterTags),
  work_queue_name: optional(DeploymentFilterWorkQueueName),
  concurrency_limit: optional(DeploymentFilterConcurrencyLimit, { deprecated: true }),
})
export type DeploymentFilter = Static<typeof DeploymentFilter>
