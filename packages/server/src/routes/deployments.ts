import {
  BulkDeleteDeploymentsBody, CountDeploymentsBody, DeploymentBulkDeleteResponse, DeploymentCreate, DeploymentFlowRunBatch,
  DeploymentFlowRunCreate, DeploymentPaginationResponse, DeploymentResponse, DeploymentUpdate,
  GetScheduledFlowRunsForDeploymentsBody, PaginateDeploymentsBody, ReadDeploymentsBody, ScheduleDeploymentBody,
} from '@spillway/core/wire/deployments'
import { FlowRunBulkCreateResponse, FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { any, integer, list } from '@spillway/core/wire/schema'
import {
  DeploymentSchedule, DeploymentScheduleBatch, DeploymentScheduleUpdate,
} from '@spillway/core/wire/schedules'
import { parseIso } from '@spillway/core/wire/time'
import { WorkQueue } from '@spillway/core/wire/work-queues'
import type { DeploymentRun } from '../commands/deployment-runs.ts'
import type { NewSchedule, ScheduleChanges } from '../commands/deployment-schedules.ts'
import type { DeploymentChanges, NewDeployment } from '../commands/deployments.ts'
import type { Labels } from '../commands/new-flow-run.ts'
import type { EntityFilters } from '../storage/filters/entities.ts'
import { readPage } from '../storage/page.ts'
import { readCreatedBy, readUpdatedBy } from './creator.ts'
import { answerPoll } from './polls.ts'
import { proposedState } from './proposed-state.ts'
import { route, type Route } from './route.ts'

const tag = 'Deployments'
const id = { id: 'uuid' } as const

/** Microseconds of a time in a body; null when it is not given. */
export function timeUs(text: string | null | undefined): number | null {
  return text == null ? null : (parseIso(text) ?? null)
}

function filters(body: EntityFilters): EntityFilters {
  const { flows, flow_runs, task_runs, deployments, work_pools, work_pool_queues } = body
  return { flows, flow_runs, task_runs, deployments, work_pools, work_pool_queues }
}

function deploymentRun(body: DeploymentFlowRunCreate): DeploymentRun {
  return { ...body, state: body.state && proposedState(body.state), labels: body.labels as Labels | null }
}

export const deploymentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/deployments/',
    operationId: 'create_deployment_deployments__post',
    tag,
    body: DeploymentCreate,
    // What an upsert does not mention keeps its value.
    keepAbsent: true,
    replies: { 200: DeploymentResponse, 201: DeploymentResponse },
    handle: ({ body, headers }, { store }) => {
      const createdBy = readCreatedBy(headers)
      const updatedBy = createdBy && readUpdatedBy(headers)
      return store.write('createDeployment', { deployment: body as NewDeployment, createdBy, updatedBy })
    },
  }),
  route({
    method: 'PATCH',
    path: '/deployments/{id}',
    operationId: 'update_deployment_deployments__id__patch',
    tag,
    params: id,
    body: DeploymentUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateDeployment', { id: params.id, changes: body as DeploymentChanges }),
  }),
  route({
    method: 'GET',
    path: '/deployments/{id}',
    operationId: 'read_deployment_deployments__id__get',
    tag,
    params: id,
    replies: { 200: DeploymentResponse },
    handle: ({ params }, { store }) => store.read('readDeployment', { id: params.id }),
  }),
  route({
    method: 'DELETE',
    path: '/deployments/{id}',
    operationId: 'delete_deployment_deployments__id__delete',
    tag,
    params: id,
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteDeployment', { id: params.id }),
  }),
  route({
    method: 'GET',
    path: '/deployments/name/{flow_name}/{deployment_name}',
    operationId: 'read_deployment_by_name_deployments_name__flow_name___deployment_name__get',
    tag,
    params: { flow_name: 'text', deployment_name: 'text' },
    replies: { 200: DeploymentResponse },
    handle: ({ params }, { store }) =>
      store.read('readDeployment', { flowName: params.flow_name, name: params.deployment_name }),
  }),
  route({
    method: 'POST',
    path: '/deployments/filter',
    operationId: 'read_deployments_deployments_filter_post',
    tag,
    body: ReadDeploymentsBody,
    replies: { 200: list(DeploymentResponse) },
    handle: ({ body }, { store, settings }) =>
      store.read(
        'listDeployments',
        { filters: filters(body), sort: body.sort, page: readPage(body, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/deployments/paginate',
    operationId: 'paginate_deployments_deployments_paginate_post',
    tag,
    body: PaginateDeploymentsBody,
    replies: { 200: DeploymentPaginationResponse },
    handle: ({ body }, { store, settings }) => {
      const { limit } = readPage(body, settings.defaultLimit)
      return store.read('paginateDeployments', { filters: filters(body), sort: body.sort, limit, page: body.page }, 'scan')
    },
  }),
  route({
    method: 'POST',
    path: '/deployments/count',
    operationId: 'count_deployments_deployments_count_post',
    tag,
    body: CountDeploymentsBody,
    replies: { 200: integer() },
    handle: ({ body }, { store }) => store.read('countDeployments', { filters: filters(body) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/deployments/get_scheduled_flow_runs',
    operationId: 'get_scheduled_flow_runs_for_deployments_deployments_get_scheduled_flow_runs_post',
    tag,
    body: GetScheduledFlowRunsForDeploymentsBody,
    replies: { 200: list(FlowRunResponse) },
    handle: async ({ body }, context) => {
      const { limit } = readPage(body, context.settings.defaultLimit)
      const args = { deploymentIds: body.deployment_ids, beforeUs: timeUs(body.scheduled_before), limit }
      return answerPoll(context, await context.store.read('scheduledRunsOfDeployments', args))
    },
  }),
  route({
    method: 'POST',
    path: '/deployments/bulk_delete',
    operationId: 'bulk_delete_deployments_deployments_bulk_delete_post',
    tag,
    body: BulkDeleteDeploymentsBody,
    replies: { 200: DeploymentBulkDeleteResponse },
    handle: ({ body }, { store }) => store.write('deleteDeployments', { filter: body.deployments, limit: body.limit }),
  }),
  route({
    method: 'POST',
    path: '/deployments/{id}/schedule',
    operationId: 'schedule_deployment_deployments__id__schedule_post',
    tag,
    params: id,
    body: ScheduleDeploymentBody,
    replies: { 200: any() },
    handle: async ({ params, body }, { store }) => {
      await store.write('scheduleDeploymentRuns', {
        id: params.id,
        startUs: timeUs(body.start_time),
        endUs: timeUs(body.end_time),
        minSeconds: body.min_time ?? null,
        minRuns: body.min_runs ?? null,
        maxRuns: body.max_runs ?? null,
      })
      return { status: 200, json: 'null' }
    },
  }),
  route({
    method: 'POST',
    path: '/deployments/{id}/resume_deployment',
    operationId: 'resume_deployment_deployments__id__resume_deployment_post',
    tag,
    params: id,
    replies: { 200: any() },
    handle: ({ params }, { store }) => store.write('setDeploymentPaused', { id: params.id, paused: false }),
  }),
  route({
    method: 'POST',
    path: '/deployments/{id}/pause_deployment',
    operationId: 'pause_deployment_deployments__id__pause_deployment_post',
    tag,
    params: id,
    replies: { 200: any() },
    handle: ({ params }, { store }) => store.write('setDeploymentPaused', { id: params.id, paused: true }),
  }),
  route({
    method: 'POST',
    path: '/deployments/{id}/create_flow_run',
    operationId: 'create_flow_run_from_deployment_deployments__id__create_flow_run_post',
    tag,
    params: id,
    body: DeploymentFlowRunCreate,
    replies: { 200: FlowRunResponse, 201: FlowRunResponse },
    handle: ({ params, body, headers, clientVersion, apiVersion }, { store }) =>
      store.write('createRunFromDeployment', {
        id: params.id,
        run: deploymentRun(body),
        createdBy: readCreatedBy(headers),
        clientVersion,
        apiVersion,
      }),
  }),
  route({
    method: 'POST',
    path: '/deployments/{id}/create_flow_run/bulk',
    operationId: 'bulk_create_flow_runs_from_deployment_deployments__id__create_flow_run_bulk_post',
    tag,
    params: id,
    body: DeploymentFlowRunBatch,
    replies: { 200: FlowRunBulkCreateResponse },
    handle: ({ params, body, headers, clientVersion, apiVersion }, { store }) =>
      store.write('createRunsFromDeployment', {
        id: params.id,
        runs: body.map(deploymentRun),
        createdBy: readCreatedBy(headers),
        clientVersion,
        apiVersion,
      }),
  }),
  route({
    method: 'GET',
    path: '/deployments/{id}/work_queue_check',
    operationId: 'work_queue_check_for_deployment_deployments__id__work_queue_check_get',
    tag,
    isDeprecated: true,
    params: id,
    replies: { 200: list(WorkQueue) },
    handle: ({ params }, { store }) => store.read('checkQueuesOfDeployment', { id: params.id }),
  }),
  route({
    method: 'GET',
    path: '/deployments/{id}/schedules',
    operationId: 'read_deployment_schedules_deployments__id__schedules_get',
    tag,
    params: id,
    replies: { 200: list(DeploymentSchedule) },
    handle: ({ params }, { store }) => store.read('listDeploymentSchedules', { deploymentId: params.id }),
  }),
  route({
    method: 'POST',
    path: '/deployments/{id}/schedules',
    operationId: 'create_deployment_schedules_deployments__id__schedules_post',
    tag,
    params: id,
    body: DeploymentScheduleBatch,
    replies: { 201: list(DeploymentSchedule) },
    handle: ({ params, body }, { store }) =>
      store.write('createDeploymentSchedules', { deploymentId: params.id, schedules: body as NewSchedule[] }),
  }),
  route({
    method: 'PATCH',
    path: '/deployments/{id}/schedules/{schedule_id}',
    operationId: 'update_deployment_schedule_deployments__id__schedules__schedule_id__patch',
    tag,
    params: { id: 'uuid', schedule_id: 'uuid' },
    body: DeploymentScheduleUpdate,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateDeploymentSchedule', {
        deploymentId: params.id,
        id: params.schedule_id,
        changes: body as ScheduleChanges,
      }),
  }),
  route({
    method: 'DELETE',
    path: '/deployments/{id}/schedules/{schedule_id}',
    operationId: 'delete_deployment_schedule_deployments__id__schedules__schedule_id__delete',
    tag,
    params: { id: 'uuid', schedule_id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) =>
      store.write('deleteDeploymentSchedule', { deploymentId: params.id, id: params.schedule_id }),
  }),
]
