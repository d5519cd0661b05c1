import {
  BulkDeleteFlowsBody, CountFlowsBody, Flow, FlowBulkDeleteResponse, FlowCreate, FlowPaginationResponse, FlowUpdate,
  PaginateFlowsBody, ReadFlowsBody,
} from '@spillway/core/wire/flows'
import { integer, list } from '@spillway/core/wire/schema'
import { readPage } from '../storage/page.ts'
import { deleteFlow } from './deletions.ts'
import { route, type Route } from './route.ts'

const tag = 'Flows'
const id = { id: 'uuid' } as const

export const flowRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/flows/',
    operationId: 'create_flow_flows__post',
    tag,
    body: FlowCreate,
    replies: { 201: Flow, 200: Flow },
    handle: ({ body }, { store }) =>
      store.write('createFlow', { name: body.name, tags: body.tags, labels: body.labels }),
  }),
  route({
    method: 'PATCH',
    path: '/flows/{id}',
    operationId: 'update_flow_flows__id__patch',
    tag,
    params: id,
    body: FlowUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateFlow', { id: params.id, tags: body.tags }),
  }),
  route({
    method: 'GET',
    path: '/flows/name/{name}',
    operationId: 'read_flow_by_name_flows_name__name__get',
    tag,
    params: { name: 'text' },
    replies: { 200: Flow },
    handle: ({ params }, { store }) => store.read('readFlow', { name: params.name }),
  }),
  route({
    method: 'GET',
    path: '/flows/{id}',
    operationId: 'read_flow_flows__id__get',
    tag,
    params: id,
    replies: { 200: Flow },
    handle: ({ params }, { store }) => store.read('readFlow', { id: params.id }),
  }),
  route({
    method: 'POST',
    path: '/flows/filter',
    operationId: 'read_flows_flows_filter_post',
    tag,
    body: ReadFlowsBody,
    replies: { 200: list(Flow) },
    workClass: 'read',
    handle: ({ body }, { store, settings }) =>
      store.read('listFlows', { filters: body, sort: body.sort, page: readPage(body, settings.defaultLimit) }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/flows/count',
    operationId: 'count_flows_flows_count_post',
    tag,
    body: CountFlowsBody,
    replies: { 200: integer() },
    workClass: 'read',
    handle: ({ body }, { store }) => store.read('countFlows', { filters: body }, 'scan'),
  }),
  route({
    method: 'POST',
    path: '/flows/paginate',
    operationId: 'paginate_flows_flows_paginate_post',
    tag,
    body: PaginateFlowsBody,
    replies: { 200: FlowPaginationResponse },
    workClass: 'read',
    handle: ({ body }, { store, settings }) => {
      const { limit } = readPage({ limit: body.limit }, settings.defaultLimit)
      return store.read('paginateFlows', { filters: body, sort: body.sort, limit, page: body.page }, 'scan')
    },
  }),
  route({
    method: 'DELETE',
    path: '/flows/{id}',
    operationId: 'delete_flow_flows__id__delete',
    tag,
    params: id,
    replies: { 204: null },
    handle: ({ params }, context) => deleteFlow(context, params.id),
  }),
  route({
    method: 'POST',
    path: '/flows/bulk_delete',
    operationId: 'bulk_delete_flows_flows_bulk_delete_post',
    tag,
    body: BulkDeleteFlowsBody,
    replies: { 200: FlowBulkDeleteResponse },
    async handle({ body }, context) {
      const ids = await context.store.read('listFlowIds', { filters: { flows: body.flows }, limit: body.limit })
      for (const id of ids) await deleteFlow(context, id)
      return { status: 200, json: JSON.stringify({ deleted: ids }) }
    },
  }),
]
