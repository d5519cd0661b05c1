import { Operator } from '../common.ts'
import { boolean, list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const ArtifactCollectionFilterFlowRunId = strictModel('ArtifactCollectionFilterFlowRunId', {
  any_: optional(list(uuid())),
})
export type ArtifactCollectionFilterFlowRunId = Static<typeof ArtifactCollectionFilterFlowRunId>

export const ArtifactCollectionFilterKey = strictModel('ArtifactCollectionFilterKey', {
  any_: optional(list(text())),
  like_: optional(text()),
  exists_: optional(boolean()),
})
export type ArtifactCollectionFilterKey = Static<typeof ArtifactCollectionFilterKey>

export const ArtifactCollectionFilterLatestId = strictModel('ArtifactCollectionFilterLatestId', {
  any_: optional(list(uuid())),
})
export type ArtifactCollectionFilterLatestId = Static<typeof ArtifactCollectionFilterLatestId>

export const ArtifactCollectionFilterTaskRunId = strictModel('ArtifactCollectionFilterTaskRunId', {
  any_: optional(list(uuid())),
})
export type ArtifactCollectionFilterTaskRunId = Static<typeof ArtifactCollectionFilterTaskRunId>

export const ArtifactCollectionFilterType = strictModel('ArtifactCollectionFilterType', {
  any_: optional(list(text())),
  not_any_: optional(list(text())),
})
export type ArtifactCollectionFilterType = Static<typeof ArtifactCollectionFilterType>

export const ArtifactCollectionFilter = strictModel('ArtifactCollectionFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  latest_id: optional(ArtifactCollectionFilterLatestId),
  key: optional(ArtifactCollectionFilterKey),
  flow_run_id: optional(ArtifactCollectionFilterFlowRunId),
  task_run_id: optional(ArtifactCollectionFilterTaskRunId),
  type: optional(ArtifactCollectionFilterType),
})
export type ArtifactCollectionFilter = Static<typeof ArtifactCollectionFilter>

export const ArtifactFilterFlowRunId = strictModel('ArtifactFilterFlowRunId', {
  any_: optional(list(uuid())),
})
export type ArtifactFilterFlowRunId = Static<typeof ArtifactFilterFlowRunId>

export const ArtifactFilterId = strictModel('ArtifactFilterId', {
  any_: optional(list(uuid())),
})
export type ArtifactFilterId = Static<typeof ArtifactFilterId>

export const ArtifactFilterKey = strictModel('ArtifactFilterKey', {
  any_: optional(list(text())),
  like_: optional(text()),
  exists_: optional(boolean()),
})
export type ArtifactFilterKey = Static<typeof ArtifactFilterKey>

export const ArtifactFilterTaskRunId = strictModel('ArtifactFilterTaskRunId', {
  any_: optional(list(uuid())),
})
export type ArtifactFilterTaskRunId = Static<typeof ArtifactFilterTaskRunId>

export const ArtifactFilterType = strictModel('ArtifactFilterType', {
  any_: optional(list(text())),
  not_any_: optional(list(text())),
})
export type ArtifactFilterType = Static<typeof ArtifactFilterType>

export const ArtifactFilter = strictModel('ArtifactFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(ArtifactFilterId),
  key: optional(ArtifactFilterKey),
  flow_run_id: optional(ArtifactFilterFlowRunId),
  task_run_id: optional(ArtifactFilterTaskRunId),
  type: optional(ArtifactFilterType),
})
export type ArtifactFilter = Static<typeof ArtifactFilter>
