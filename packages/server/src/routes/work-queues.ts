import { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { boolean, list, nullable } from '@spillway/core/wire/schema'
import {
  ReadWorkQueueConcurrencyStatusBody, ReadWorkQueueRunsBody, ReadWorkQueuesBody, WorkQueueConcurrencyStatus,
  WorkQueueCreate, WorkQueueResponse, WorkQueueStatusDetail, WorkQueueUpdate,
} from '@spillway/core/wire/work-queues'
import type { WorkQueueChanges } from '../commands/work-queues.ts'
import { readPage } from '../storage/page.ts'
import { timeUs } from './deployments.ts'
import { answerPoll } from './polls.ts'
import { route, type Route } from './route.ts'

const tag = 'Work Queues'
const id = { id: 'uuid' } as const

/** Queues as agents of old know them: without a pool in the path. */
export const workQueueRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/work_queues/',
    operationId: 'create_work_queue_work_queues__post',
    tag,
    body: WorkQueueCreate,
    replies: { 201: WorkQueueResponse },
    handle: ({ body }, { store }) => store.write('createLegacyQueue', { queue: body }),
  }),
  route({
    method: 'PATCH',
    path: '/work_queues/{id}',
    operationId: 'update_work_queue_work_queues__id__patch',
    tag,
    params: id,
    body: WorkQueueUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateLegacyQueue', { id: params.id, changes: body as WorkQueueChanges }),
  }),
  route({
    method: 'GET',
    path: '/work_queues/{id}',
    operationId: 'read_work_queue_work_queues__id__get',
    tag,
    params: id,
    replies: { 200: WorkQueueResponse },
    handle: ({ params }, { store }) => store.read('readLegacyQueue', { id: params.id }),
  }),
  route({
    method: 'DELETE',
    path: '/work_queues/{id}',
    operationId: 'delete_work_queue_work_queues__id__delete',
    tag,
    params: id,
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteLegacyQueue', { id: params.id }),
  }),
  route({
    method: 'GET',
    path: '/work_queues/name/{name}',
    operationId: 'read_work_queue_by_name_work_queues_name__name__get',
    tag,
    params: { name: 'text' },
    replies: { 200: WorkQueueResponse },
    handle: ({ params }, { store }) => store.read('readLegacyQueue', { name: params.name }),
  }),
  route({
    method: 'POST',
    path: '/work_queues/{id}/get_runs',
    operationId: 'read_work_queue_runs_work_queues__id__get_runs_post',
    tag,
    params: id,
    headers: { 'x-prefect-ui': nullable(boolean(), { default: false }) },
    body: ReadWorkQueueRunsBody,
    replies: { 200: list(FlowRunResponse) },
    handle: async ({ params, body, declaredHeaders }, context) => {
      const { limit } = readPage(body, context.settings.defaultLimit)
      const args = { queueId: params.id, beforeUs: timeUs(body.scheduled_before), limit }
      const polled = await context.store.read('scheduledRunsOfQueue', args)
      // A look at the queue in a browser is no poll.
      return answerPoll(context, declaredHeaders['x-prefect-ui'] ? { ...polled, poll: null } : polled)
    },
  }),
  route({
    method: 'POST',
    path: '/work_queues/filter',
    operationId: 'read_work_queues_work_queues_filter_post',
    tag,
    body: ReadWorkQueuesBody,
    replies: { 200: list(WorkQueueResponse) },
    handle: ({ body }, { store, settings }) =>
      store.read(
        'listLegacyQueues',
        { filter: body.work_queues, page: readPage(body, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/work_queues/{id}/concurrency_status',
    operationId: 'read_work_queue_concurrency_status_work_queues__id__concurrency_status_post',
    tag,
    params: id,
    body: ReadWorkQueueConcurrencyStatusBody,
    replies: { 200: WorkQueueConcurrencyStatus },
    handle: ({ params, body }, { store, settings }) =>
      store.read(
        'readWorkQueueConcurrency',
        { id: params.id, page: body.page, limit: readPage(body, settings.defaultLimit).limit },
        'scan',
      ),
  }),
  route({
    method: 'GET',
    path: '/work_queues/{id}/status',
    operationId: 'read_work_queue_status_work_queues__id__status_get',
    tag,
    params: id,
    replies: { 200: WorkQueueStatusDetail },
    handle: ({ params }, { store }) => store.read('readWorkQueueStatus', { id: params.id }),
  }),
]
