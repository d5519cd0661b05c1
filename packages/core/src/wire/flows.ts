import { KeyValueLabels, Name } from './common.ts'
import { DeploymentFilter } from './filters/deployments.ts'
import { FlowRunFilter } from './filters/flow-runs.ts'
import { FlowFilter } from './filters/flows.ts'
import { TaskRunFilter } from './filters/task-runs.ts'
import { WorkPoolFilter } from './filters/work-pools.ts'
import {
  absentIsNull,
  bodyParameters,
  dateTime,
  emptyList,
  emptyObject,
  enumOf,
  integer,
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

export const FlowSort = enumOf('FlowSort', ['CREATED_DESC', 'UPDATED_DESC', 'NAME_ASC', 'NAME_DESC'])
export type FlowSort = Static<typeof FlowSort>

export const Flow = model('Flow', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: Name,
  tags: list(text(), { makeDefault: emptyList }),
  labels: nullable(KeyValueLabels, { makeDefault: emptyObject }),
})
export type Flow = Static<typeof Flow>

export const FlowBulkDeleteResponse = model('FlowBulkDeleteResponse', {
  deleted: list(uuid(), { makeDefault: emptyList }),
})
export type FlowBulkDeleteResponse = Static<typeof FlowBulkDeleteResponse>

export const FlowCreate = strictModel('FlowCreate', {
  name: Name,
  tags: list(text(), { makeDefault: emptyList }),
  labels: nullable(KeyValueLabels, { makeDefault: emptyObject }),
})
export type FlowCreate = Static<typeof FlowCreate>

export const FlowPaginationResponse = model('FlowPaginationResponse', {
  results: list(Flow),
  count: integer(),
  limit: integer(),
  pages: integer(),
  page: integer(),
})
export type FlowPaginationResponse = Static<typeof FlowPaginationResponse>

export const FlowUpdate = strictModel('FlowUpdate', {
  tags: list(text(), { makeDefault: emptyList }),
})
export type FlowUpdate = Static<typeof FlowUpdate>

export const BulkDeleteFlowsBody = bodyParameters('Body_bulk_delete_flows_flows_bulk_delete_post', {
  flows: optional(FlowFilter),
  limit: integer({ maximum: 50, minimum: 1, default: 50 }),
})
export type BulkDeleteFlowsBody = Static<typeof BulkDeleteFlowsBody>

export const CountFlowsBody = bodyParameters('Body_count_flows_flows_count_post', {
  flows: absentIsNull(FlowFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  deployments: absentIsNull(DeploymentFilter),
  work_pools: absentIsNull(WorkPoolFilter),
})
export type CountFlowsBody = Static<typeof CountFlowsBody>

export const PaginateFlowsBody = bodyParameters('Body_paginate_flows_flows_paginate_post', {
  limit: absentIsNull(integer()),
  page: integer({ minimum: 1, default: 1 }),
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
  work_pools: optional(WorkPoolFilter),
  sort: withOptions(FlowSort, { default: 'NAME_ASC' }),
})
export type PaginateFlowsBody = Static<typeof PaginateFlowsBody>

export const ReadFlowsBody = bodyParameters('Body_read_flows_flows_filter_post', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
  flows: absentIsNull(FlowFilter),
  flow_runs: absentIsNull(FlowRunFilter),
  task_runs: absentIsNull(TaskRunFilter),
  deployments: absentIsNull(DeploymentFilter),
  work_pools: absentIsNull(WorkPoolFilter),
  sort: withOptions(FlowSort, { default: 'NAME_ASC' }),
})
export type ReadFlowsBody = Static<typeof ReadFlowsBody>

export * from './filters/flows.ts'
