import { versionAtLeast } from '@spillway/core/domain/client-version'
import { integer, list } from '@spillway/core/wire/schema'
import {
  CountWorkPoolsBody, GetScheduledWorkPoolFlowRunsBody, ReadWorkPoolConcurrencyStatusBody, ReadWorkPoolsBody,
  WorkerFlowRunResponse, WorkPoolConcurrencyStatus, WorkPoolCreate, WorkPoolResponse, WorkPoolUpdate,
} from '@spillway/core/wire/work-pools'
import { ReadWorkersBody, WorkerHeartbeatBody, WorkerResponse } from '@spillway/core/wire/workers'
import { ReadWorkPoolQueuesBody, WorkQueueCreate, WorkQueueResponse, WorkQueueUpdate } from '@spillway/core/wire/work-queues'
import type { WorkPoolChanges } from '../commands/work-pools.ts'
import type { WorkQueueChanges } from '../commands/work-queues.ts'
import { readPage } from '../storage/page.ts'
import { timeUs } from './deployments.ts'
import { answerPoll } from './polls.ts'
import { route, type Route } from './route.ts'

const tag = 'Work Pools'
const name = { name: 'text' } as const
const inPool = { work_pool_name: 'text' } as const
const queueInPool = { work_pool_name: 'text', name: 'text' } as const

/** The first client that takes pools as they are answered today. */
function isOldClient(version: string | null): boolean {
  return version !== null && !versionAtLeast(version, '3.3.8.dev0')
}

export const workPoolRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/work_pools/',
    operationId: 'create_work_pool_work_pools__post',
    tag,
    body: WorkPoolCreate,
    replies: { 201: WorkPoolResponse },
    handle: ({ body, clientVersion }, { store }) =>
      store.write('createWorkPool', { pool: body, oldClient: isOldClient(clientVersion) }),
  }),
  route({
    method: 'GET',
    path: '/work_pools/{name}',
    operationId: 'read_work_pool_work_pools__name__get',
    tag,
    params: name,
    replies: { 200: WorkPoolResponse },
    handle: ({ params, clientVersion }, { store }) =>
      store.read('readWorkPool', { name: params.name, oldClient: isOldClient(clientVersion) }),
  }),
  route({
    method: 'PATCH',
    path: '/work_pools/{name}',
    operationId: 'update_work_pool_work_pools__name__patch',
    tag,
    params: name,
    body: WorkPoolUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateWorkPool', { name: params.name, changes: body as WorkPoolChanges }),
  }),
  route({
    method: 'DELETE',
    path: '/work_pools/{name}',
    operationId: 'delete_work_pool_work_pools__name__delete',
    tag,
    params: name,
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteWorkPool', { name: params.name }),
  }),
  route({
    method: 'POST',
    path: '/work_pools/filter',
    operationId: 'read_work_pools_work_pools_filter_post',
    tag,
    body: ReadWorkPoolsBody,
    replies: { 200: list(WorkPoolResponse) },
    handle: ({ body, clientVersion }, { store, settings }) =>
      store.read(
        'listWorkPools',
        { filter: body.work_pools, page: readPage(body, settings.defaultLimit), oldClient: isOldClient(clientVersion) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/work_pools/count',
    operationId: 'count_work_pools_work_pools_count_post',
    tag,
    body: CountWorkPoolsBody,
    replies: { 200: integer() },
    handle: ({ body }, { store }) => store.read('countWorkPools', { filter: body.work_pools }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/work_pools/{name}/concurrency_status',
    operationId: 'read_work_pool_concurrency_status_work_pools__name__concurrency_status_post',
    tag,
    params: name,
    body: ReadWorkPoolConcurrencyStatusBody,
    replies: { 200: WorkPoolConcurrencyStatus },
    handle: ({ params, body }, { store, settings }) =>
      store.read(
        'readWorkPoolConcurrency',
        {
          name: params.name,
          page: body.page,
          limit: readPage(body, settings.defaultLimit).limit,
          runsPerQueue: body.flow_run_limit,
        },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/work_pools/{name}/get_scheduled_flow_runs',
    operationId: 'get_scheduled_flow_runs_work_pools__name__get_scheduled_flow_runs_post',
    tag,
    params: name,
    body: GetScheduledWorkPoolFlowRunsBody,
    replies: { 200: list(WorkerFlowRunResponse) },
    handle: async ({ params, body }, context) => {
      const polled = await context.store.read('scheduledRunsOfPool', {
        poolName: params.name,
        queueNames: body.work_queue_names?.length ? body.work_queue_names : null,
        beforeUs: timeUs(body.scheduled_before),
        afterUs: timeUs(body.scheduled_after),
        limit: readPage(body, context.settings.defaultLimit).limit,
      })
      return answerPoll(context, polled)
    },
  }),
  route({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/queues',
    operationId: 'create_work_queue_work_pools__work_pool_name__queues_post',
    tag,
    params: inPool,
    body: WorkQueueCreate,
    replies: { 201: WorkQueueResponse },
    handle: ({ params, body }, { store }) =>
      store.write('createPoolQueue', { poolName: params.work_pool_name, queue: body }),
  }),
  route({
    method: 'GET',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    operationId: 'read_work_queue_work_pools__work_pool_name__queues__name__get',
    tag,
    params: queueInPool,
    replies: { 200: WorkQueueResponse },
    handle: ({ params }, { store }) => store.read('readPoolQueue', { poolName: params.work_pool_name, name: params.name }),
  }),
  route({
    method: 'PATCH',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    operationId: 'update_work_queue_work_pools__work_pool_name__queues__name__patch',
    tag,
    params: queueInPool,
    body: WorkQueueUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updatePoolQueue', {
        poolName: params.work_pool_name,
        name: params.name,
        changes: body as WorkQueueChanges,
      }),
  }),
  route({
    method: 'DELETE',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    operationId: 'delete_work_queue_work_pools__work_pool_name__queues__name__delete',
    tag,
    params: queueInPool,
    replies: { 204: null },
    handle: ({ params }, { store }) =>
      store.write('deletePoolQueue', { poolName: params.work_pool_name, name: params.name }),
  }),
  route({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/queues/filter',
    operationId: 'read_work_queues_work_pools__work_pool_name__queues_filter_post',
    tag,
    params: inPool,
    body: ReadWorkPoolQueuesBody,
    replies: { 200: list(WorkQueueResponse) },
    handle: ({ params, body }, { store, settings }) =>
      store.read(
        'listPoolQueues',
        { poolName: params.work_pool_name, filter: body.work_queues ?? null, page: readPage(body, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/workers/heartbeat',
    operationId: 'worker_heartbeat_work_pools__work_pool_name__workers_heartbeat_post',
    tag,
    params: inPool,
    body: WorkerHeartbeatBody,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('recordWorkerHeartbeat', {
        poolName: params.work_pool_name,
        workerName: body.name,
        intervalSeconds: body.heartbeat_interval_seconds,
      }),
  }),
  route({
    method: 'POST',
    path: '/work_pools/{work_pool_name}/workers/filter',
    operationId: 'read_workers_work_pools__work_pool_name__workers_filter_post',
    tag,
    params: inPool,
    body: ReadWorkersBody,
    replies: { 200: list(WorkerResponse) },
    handle: ({ params, body }, { store, settings }) =>
      store.read(
        'listWorkers',
        { poolName: params.work_pool_name, filter: body.workers, page: readPage(body, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'DELETE',
    path: '/work_pools/{work_pool_name}/workers/{name}',
    operationId: 'delete_worker_work_pools__work_pool_name__workers__name__delete',
    tag,
    params: queueInPool,
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteWorker', { poolName: params.work_pool_name, name: params.name }),
  }),
]
