import { list, uuid } from '@spillway/core/wire/schema'
import { State } from '@spillway/core/wire/states'
import { route, type Route } from './route.ts'

const id = { id: 'uuid' } as const

export const runStateRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/flow_run_states/{id}',
    operationId: 'read_flow_run_state_flow_run_states__id__get',
    tag: 'Flow Run States',
    params: id,
    replies: { 200: State },
    handle: ({ params }, { store }) => store.read('readRunState', { runs: 'flow_run', id: params.id }),
  }),
  route({
    method: 'GET',
    path: '/flow_run_states/',
    operationId: 'read_flow_run_states_flow_run_states__get',
    tag: 'Flow Run States',
    query: { flow_run_id: uuid() },
    replies: { 200: list(State) },
    handle: ({ query }, { store }) => store.read('listRunStates', { runs: 'flow_run', runId: query.flow_run_id }),
  }),
  route({
    method: 'GET',
    path: '/task_run_states/{id}',
    operationId: 'read_task_run_state_task_run_states__id__get',
    tag: 'Task Run States',
    params: id,
    replies: { 200: State },
    handle: ({ params }, { store }) => store.read('readRunState', { runs: 'task_run', id: params.id }),
  }),
  route({
    method: 'GET',
    path: '/task_run_states/',
    operationId: 'read_task_run_states_task_run_states__get',
    tag: 'Task Run States',
    query: { task_run_id: uuid() },
    replies: { 200: list(State) },
    handle: ({ query }, { store }) => store.read('listRunStates', { runs: 'task_run', runId: query.task_run_id }),
  }),
]
