import { integer, list } from '@spillway/core/wire/schema'
import { HistoryResponse, OrchestrationResult } from '@spillway/core/wire/states'
import {
  CountTaskRunsBody, PaginateTaskRunsBody, ReadTaskRunsBody, SetTaskRunStateBody, TaskRun, TaskRunCreate, TaskRunHistoryBody,
  TaskRunPaginationResponse, TaskRunUpdate,
} from '@spillway/core/wire/task-runs'
import type { Labels } from '../commands/new-flow-run.ts'
import { readPage } from '../storage/page.ts'
import { readHistoryRange } from './history-range.ts'
import { proposedState } from './proposed-state.ts'
import { route, type Route } from './route.ts'

const tag = 'Task Runs'
const id = { id: 'uuid' } as const

export const taskRunRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/task_runs/',
    operationId: 'create_task_run_task_runs__post',
    tag,
    body: TaskRunCreate,
    replies: { 201: TaskRun, 200: TaskRun },
    handle: ({ body }, { store }) =>
      store.write('createTaskRun', {
        run: {
          id: body.id,
          state: body.state && proposedState(body.state),
          name: body.name,
          flowRunId: body.flow_run_id,
          taskKey: body.task_key,
          dynamicKey: body.dynamic_key,
          cacheKey: body.cache_key,
          cacheExpiration: body.cache_expiration,
          taskVersion: body.task_version,
          empiricalPolicy: body.empirical_policy,
          tags: body.tags,
          labels: body.labels as Labels | null,
          taskInputs: body.task_inputs,
        },
      }),
  }),
  route({
    method: 'PATCH',
    path: '/task_runs/{id}',
    operationId: 'update_task_run_task_runs__id__patch',
    tag,
    params: id,
    body: TaskRunUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateTaskRun', { id: params.id, changes: body }),
  }),
  route({
    method: 'POST',
    path: '/task_runs/count',
    operationId: 'count_task_runs_task_runs_count_post',
    tag,
    body: CountTaskRunsBody,
    replies: { 200: integer() },
    workClass: 'read',
    handle: ({ body }, { store }) => store.read('countTaskRuns', { filters: body }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/task_runs/history',
    operationId: 'task_run_history_task_runs_history_post',
    tag,
    body: TaskRunHistoryBody,
    replies: { 200: list(HistoryResponse) },
    workClass: 'read',
    handle: ({ body }, { store }) =>
      store.read('readRunHistory', { runs: 'task_run', ...readHistoryRange(body), filters: body }, 'scan'),
  }),
  route({
    method: 'GET',
    path: '/task_runs/{id}',
    operationId: 'read_task_run_task_runs__id__get',
    tag,
    params: id,
    replies: { 200: TaskRun },
    handle: ({ params }, { store }) => store.read('readTaskRun', { id: params.id }),
  }),
  route({
    method: 'POST',
    path: '/task_runs/filter',
    operationId: 'read_task_runs_task_runs_filter_post',
    tag,
    body: ReadTaskRunsBody,
    replies: { 200: list(TaskRun) },
    workClass: 'read',
    handle: ({ body }, { store, settings }) =>
      store.read('listTaskRuns', { filters: body, sort: body.sort, page: readPage(body, settings.defaultLimit) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/task_runs/paginate',
    operationId: 'paginate_task_runs_task_runs_paginate_post',
    tag,
    body: PaginateTaskRunsBody,
    replies: { 200: TaskRunPaginationResponse },
    workClass: 'read',
    handle: ({ body }, { store, settings }) => {
      const { limit } = readPage({ limit: body.limit }, settings.defaultLimit)
      return store.read('paginateTaskRuns', { filters: body, sort: body.sort, limit, page: body.page }, 'scan')
    },
  }),
  route({
    method: 'DELETE',
    path: '/task_runs/{id}',
    operationId: 'delete_task_run_task_runs__id__delete',
    tag,
    params: id,
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteTaskRun', { id: params.id }),
  }),
  route({
    method: 'POST',
    path: '/task_runs/{id}/set_state',
    operationId: 'set_task_run_state_task_runs__id__set_state_post',
    tag,
    params: id,
    body: SetTaskRunStateBody,
    replies: { 201: OrchestrationResult, 200: OrchestrationResult },
    handle: ({ params, body }, { store }) =>
      store.write('setTaskRunState', { id: params.id, state: proposedState(body.state), force: body.force }),
  }),
]
