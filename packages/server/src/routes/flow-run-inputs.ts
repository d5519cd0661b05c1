import { CreateFlowRunInputBody, FilterFlowRunInputBody, FlowRunInput } from '@spillway/core/wire/flow-runs'
import { any, list } from '@spillway/core/wire/schema'
import { httpError } from '../errors.ts'
import { route, type Route } from './route.ts'

const tag = 'Flow Runs'

export const flowRunInputRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/flow_runs/{id}/input',
    operationId: 'create_flow_run_input_flow_runs__id__input_post',
    tag,
    params: { id: 'uuid' },
    body: CreateFlowRunInputBody,
    replies: { 201: any() },
    handle: ({ params, body }, { store }) => {
      if (!/^[a-z0-9-]*$/.test(body.key)) {
        throw httpError(422, 'Flow run input key must only contain lowercase letters, numbers, and dashes.')
      }
      return store.write('createFlowRunInput', {
        flowRunId: params.id,
        key: body.key,
        value: body.value,
        sender: body.sender,
      })
    },
  }),
  route({
    method: 'POST',
    path: '/flow_runs/{id}/input/filter',
    operationId: 'filter_flow_run_input_flow_runs__id__input_filter_post',
    tag,
    params: { id: 'uuid' },
    body: FilterFlowRunInputBody,
    replies: { 200: list(FlowRunInput) },
    workClass: 'read',
    handle: ({ params, body }, { store }) =>
      store.read('filterFlowRunInputs', {
        flowRunId: params.id,
        prefix: body.prefix,
        limit: body.limit,
        excludeKeys: body.exclude_keys,
      }),
  }),
  route({
    method: 'GET',
    path: '/flow_runs/{id}/input/{key}',
    operationId: 'read_flow_run_input_flow_runs__id__input__key__get',
    tag,
    params: { id: 'uuid', key: 'text' },
    replies: { 200: any() },
    handle: async ({ params }, { store }) => ({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      text: await store.read('readFlowRunInput', { flowRunId: params.id, key: params.key }),
    }),
  }),
  route({
    method: 'DELETE',
    path: '/flow_runs/{id}/input/{key}',
    operationId: 'delete_flow_run_input_flow_runs__id__input__key__delete',
    tag,
    params: { id: 'uuid', key: 'text' },
    replies: { 204: null },
    handle: ({ params }, { store }) =>
      store.write('deleteFlowRunInput', { flowRunId: params.id, key: params.key }),
  }),
]
