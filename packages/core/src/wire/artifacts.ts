import { dashedName, withShortMetadata } from './field-checks.ts'
import { ArtifactCollectionFilter, ArtifactFilter } from './filters/artifacts.ts'
import { DeploymentFilter } from './filters/deployments.ts'
import { FlowRunFilter } from './filters/flow-runs.ts'
import { FlowFilter } from './filters/flows.ts'
import { TaskRunFilter } from './filters/task-runs.ts'
import {
  absentIsNull,
  any,
  anyOf,
  bodyParameters,
  dateTime,
  dict,
  enumOf,
  integer,
  jsonObject,
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

export const Artifact = model('Artifact', {
  id: mayBeAbsent(uuid()),
  created: optional(dateTime()),
  updated: optional(dateTime()),
  key: optional(text()),
  type: optional(text()),
  description: optional(text()),
  data: optional(anyOf([jsonObject(), any()])),
  metadata_: optional(dict(text())),
  flow_run_id: optional(uuid()),
  task_run_id: optional(uuid()),
})
export type Artifact = Static<typeof Artifact>

export const ArtifactCollection = model('ArtifactCollection', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  key: text(),
  latest_id: uuid(),
  type: optional(text()),
  description: optional(text()),
  data: optional(anyOf([jsonObject(), any()])),
  metadata_: optional(dict(text())),
  flow_run_id: optional(uuid()),
  task_run_id: optional(uuid()),
})
export type ArtifactCollection = Static<typeof ArtifactCollection>

export const ArtifactCollectionSort = enumOf(
  'ArtifactCollectionSort',
  ['CREATED_DESC', 'UPDATED_DESC', 'ID_DESC', 'KEY_DESC', 'KEY_ASC'],
)
export type ArtifactCollectionSort = Static<typeof ArtifactCollectionSort>

export const ArtifactCreate = strictModel('ArtifactCreate', {
  key: optional(text(), { check: dashedName('Artifact key') }),
  type: optional(text()),
  description: optional(text()),
  data: optional(anyOf([jsonObject(), any()])),
  metadata_: optional(dict(text()), { after: withShortMetadata }),
  flow_run_id: optional(uuid()),
  task_run_id: optional(uuid()),
})
export type ArtifactCreate = Static<typeof ArtifactCreate>

export const ArtifactSort = enumOf('ArtifactSort', ['CREATED_DESC', 'UPDATED_DESC', 'ID_DESC', 'KEY_DESC', 'KEY_ASC'])
export type ArtifactSort = Static<typeof ArtifactSort>

export const ArtifactUpdate = strictModel('ArtifactUpdate', {
  data: optional(anyOf([jsonObject(), any()])),
  description: optional(text()),
  metadata_: optional(dict(text()), { after: withShortMetadata }),
})
export type ArtifactUpdate = Static<typeof ArtifactUpdate>

export const CountArtifactsBody = bodyParameters('Body_count_artifacts_artifacts_count_post', {
  artifacts: absentIsNull(ArtifactFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  flows: absentIsNull(FlowFilter),
  deployments: absentIsNull(DeploymentFilter),
})
export type CountArtifactsBody = Static<typeof CountArtifactsBody>

export const CountLatestArtifactsBody = bodyParameters('Body_count_latest_artifacts_artifacts_latest_count_post', {
  artifacts: absentIsNull(ArtifactCollectionFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  flows: absentIsNull(FlowFilter),
  deployments: absentIsNull(DeploymentFilter),
})
export type CountLatestArtifactsBody = Static<typeof CountLatestArtifactsBody>

export const ReadArtifactsBody = bodyParameters('Body_read_artifacts_artifacts_filter_post', {
  limit: absentIsNull(integer()),
  sort: withOptions(ArtifactSort, { default: 'ID_DESC' }),
  offset: integer({ minimum: 0, default: 0 }),
  artifacts: absentIsNull(ArtifactFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  flows: absentIsNull(FlowFilter),
  deployments: absentIsNull(DeploymentFilter),
})
export type ReadArtifactsBody = Static<typeof ReadArtifactsBody>

export const ReadLatestArtifactsBody = bodyParameters('Body_read_latest_artifacts_artifacts_latest_filter_post', {
  limit: absentIsNull(integer()),
  sort: withOptions(ArtifactCollectionSort, { default: 'ID_DESC' }),
  offset: integer({ minimum: 0, default: 0 }),
  artifacts: absentIsNull(ArtifactCollectionFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  flows: absentIsNull(FlowFilter),
  deployments: absentIsNull(DeploymentFilter),
})
export type ReadLatestArtifactsBody = Static<typeof ReadLatestArtifactsBody>

export * from './filters/artifacts.ts'
