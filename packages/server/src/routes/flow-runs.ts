import {
  AverageFlowRunLatenessBody, BulkDeleteFlowRunsBody, BulkSetFlowRunStateBody, CountFlowRunsBody, FlowRunBulkDeleteResponse,
  FlowRunBulkSetStateResponse, FlowRunCreate, FlowRunHistoryBody, FlowRunLabelsUpdate, FlowRunPaginationResponse,
  FlowRunResponse, FlowRunUpdate, PaginateFlowRunsBody, ReadFlowRunsBody, ResumeFlowRunBody, SetFlowRunStateBody,
} from '@spillway/core/wire/flow-runs'
import { DependencyResult, Graph } from '@spillway/core/wire/graphs'
import { dateTime, float, integer, list, nullable } from '@spillway/core/wire/schema'
import { HistoryResponse, OrchestrationResult } from '@spillway/core/wire/states'
import type { Labels } from '../commands/new-flow-run.ts'
import { readPage } from '../storage/page.ts'
import { readCreatedBy } from './creator.ts'
import { deleteFlowRun, forgetLogs } from './deletions.ts'
import { proposedState } from './proposed-state.ts'
import { readHistoryRange } from './history-range.ts'
import { route, type Route } from './route.ts'

const tag = 'Flow Runs'
const id = { id: 'uuid' } as const

export const flowRunRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/flow_runs/',
    operationId: 'create_flow_run_flow_runs__post',
    tag,
    body: FlowRunCreate,
    replies: { 201: FlowRunResponse, 200: FlowRunResponse },
    handle: ({ body, headers, clientVersion, apiVersion }, { store }) =>
      store.write('createFlowRun', {
        clientVersion,
        apiVersion,
        workPoolName: body.work_pool_name,
        run: {
          flowId: body.flow_id,
          name: body.name,
          state: body.state && proposedState(body.state),
          deploymentId: body.deployment_id,
          workQueueName: body.work_queue_name,
          flowVersion: body.flow_version,
          parameters: body.parameters,
          context: body.context,
          idempotencyKey: body.idempotency_key,
          empiricalPolicy: body.empirical_policy,
          tags: body.tags,
          labels: body.labels as Labels | null,
          parentTaskRunId: body.parent_task_run_id,
          infrastructureDocumentId: body.infrastructure_document_id,
          jobVariables: body.job_variables,
          createdBy: readCreatedBy(headers),
        },
      }),
  }),
  route({
    method: 'PATCH',
    path: '/flow_runs/{id}',
    operationId: 'update_flow_run_flow_runs__id__patch',
    tag,
    params: id,
    body: FlowRunUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateFlowRun', { id: params.id, changes: body }),
  }),
  route({
    method: 'POST',
    path: '/flow_runs/count',
    operationId: 'count_flow_runs_flow_runs_count_post',
    tag,
    body: CountFlowRunsBody,
    replies: { 200: integer() },
    workClass: 'read',
    handle: ({ body }, { store }) => store.read('countFlowRuns', { filters: body }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/flow_runs/lateness',
    operationId: 'average_flow_run_lateness_flow_runs_lateness_post',
    tag,
    body: AverageFlowRunLatenessBody,
    replies: { 200: nullable(float()) },
    workClass: 'read',
    handle: ({ body }, { store }) => store.read('averageLateness', { filters: body }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/flow_runs/history',
    operationId: 'flow_run_history_flow_runs_history_post',
    tag,
    body: FlowRunHistoryBody,
    replies: { 200: list(HistoryResponse) },
    workClass: 'read',
    handle: ({ body }, { store }) => {
      const { work_queues, ...filters } = body
      return store.read(
        'readRunHistory',
        { runs: 'flow_run', ...readHistoryRange(body), filters: { ...filters, work_pool_queues: work_queues } },
        'scan',
      )
    },
  }),
  route({
    method: 'GET',
    path: '/flow_runs/{id}',
    operationId: 'read_flow_run_flow_runs__id__get',
    tag,
    params: id,
    replies: { 200: FlowRunResponse },
    handle: ({ params }, { store }) => store.read('readFlowRun', { id: params.id }),
  }),
  route({
    method: 'GET',
    path: '/flow_runs/{id}/graph',
    operationId: 'read_flow_run_graph_v1_flow_runs__id__graph_get',
    tag,
    params: id,
    replies: { 200: list(DependencyResult) },
    handle: ({ params }, { store }) => store.read('readTaskRunDependencies', { id: params.id }, 'scan'),
  }),
  route({
    method: 'GET',
    path: '/flow_runs/{id}/graph-v2',
    operationId: 'read_flow_run_graph_v2_flow_runs__id__graph_v2_get',
    tag,
    params: id,
    query: { since: dateTime({ default: '0001-01-01T00:00:00+00:00', isNative: true }) },
    replies: { 200: Graph },
    handle: ({ params, query }, { store }) =>
      store.read('readFlowRunGraph', { id: params.id, since: query.since }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/flow_runs/{id}/resume',
    operationId: 'resume_flow_run_flow_runs__id__resume_post',
    tag,
    params: id,
    body: ResumeFlowRunBody,
    replies: { 200: OrchestrationResult, 201: OrchestrationResult },
    handle: ({ params, body, clientVersion, apiVersion }, { store }) =>
      store.write('resumeFlowRun', { id: params.id, runInput: body.run_input, clientVersion, apiVersion }),
  }),
  route({
    method: 'POST',
    path: '/flow_runs/filter',
    operationId: 'read_flow_runs_flow_runs_filter_post',
    tag,
    body: ReadFlowRunsBody,
    replies: { 200: list(FlowRunResponse) },
    workClass: 'read',
    handle: ({ body }, { store, settings }) =>
      store.read('listFlowRuns', { filters: body, sort: body.sort, page: readPage(body, settings.defaultLimit) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/flow_runs/paginate',
    operationId: 'paginate_flow_runs_flow_runs_paginate_post',
    tag,
    body: PaginateFlowRunsBody,
    replies: { 200: FlowRunPaginationResponse },
    workClass: 'read',
    handle: ({ body }, { store, settings }) => {
      const { limit } = readPage({ limit: body.limit }, settings.defaultLimit)
      return store.read('paginateFlowRuns', { filters: body, sort: body.sort, limit, page: body.page }, 'scan')
    },
  }),
  route({
    method: 'DELETE',
    path: '/flow_runs/{id}',
    operationId: 'delete_flow_run_flow_runs__id__delete',
    tag,
    params: id,
    replies: { 204: null },
    handle: ({ params }, context) => deleteFlowRun(context, params.id),
  }),
  route({
    method: 'POST',
    path: '/flow_runs/bulk_delete',
    operationId: 'bulk_delete_flow_runs_flow_runs_bulk_delete_post',
    tag,
    body: BulkDeleteFlowRunsBody,
    replies: { 200: FlowRunBulkDeleteResponse },
    async handle({ body }, context) {
      const answer = await context.store.write('bulkDeleteFlowRuns', { flowRuns: body.flow_runs, limit: body.limit })
      forgetLogs(context, (JSON.parse(answer.json) as { deleted: string[] }).deleted)
      return answer
    },
  }),
  route({
    method: 'POST',
    path: '/flow_runs/bulk_set_state',
    operationId: 'bulk_set_flow_run_state_flow_runs_bulk_set_state_post',
    tag,
    body: BulkSetFlowRunStateBody,
    replies: { 200: FlowRunBulkSetStateResponse },
    async handle({ body, clientVersion, apiVersion }, { store }) {
      const ids = await store.read('listFlowRunIds', { filters: { flow_runs: body.flow_runs }, limit: body.limit })
      const state = proposedState(body.state)
      // Each in a transaction of its own: one that fails does not undo the others.
      const results = await Promise.all(
        ids.map(async (flowRunId) => {
          try {
            const { json } = await store.write('setFlowRunState', { id: flowRunId, state, force: body.force, clientVersion, apiVersion })
            return `{"flow_run_id":"${flowRunId}",${json.slice(1)}`
          } catch (error) {
            const details = { type: 'abort_details', reason: (error as Error).message }
            return JSON.stringify({ flow_run_id: flowRunId, status: 'ABORT', state: null, details })
          }
        }),
      )
      return { status: 200, json: `{"results":[${results.join()}]}` }
    },
  }),
  route({
    method: 'POST',
    path: '/flow_runs/{id}/set_state',
    operationId: 'set_flow_run_state_flow_runs__id__set_state_post',
    tag,
    params: id,
    body: SetFlowRunStateBody,
    replies: { 201: OrchestrationResult, 200: OrchestrationResult },
    handle: ({ params, body, clientVersion, apiVersion }, { store }) =>
      store.write('setFlowRunState', {
        id: params.id,
        state: proposedState(body.state),
        force: body.force,
        clientVersion,
        apiVersion,
      }),
  }),
  route({
    method: 'PATCH',
    path: '/flow_runs/{id}/labels',
    operationId: 'update_flow_run_labels_flow_runs__id__labels_patch',
    tag,
    params: id,
    body: FlowRunLabelsUpdate,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateFlowRunLabels', { id: params.id, labels: body as Labels }),
  }),
]
