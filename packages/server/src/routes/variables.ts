import { integer, list } from '@spillway/core/wire/schema'
import {
  CountVariablesBody, ReadVariablesBody, Variable, VariableCreate, VariableUpdate,
} from '@spillway/core/wire/variables'
import { readPage } from '../storage/page.ts'
import { route, type Route } from './route.ts'

const tag = 'Variables'

export const variableRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/variables/',
    operationId: 'create_variable_variables__post',
    tag,
    body: VariableCreate,
    replies: { 201: Variable },
    handle: ({ body }, { store }) => store.write('createVariable', body),
  }),
  route({
    method: 'GET',
    path: '/variables/{id}',
    operationId: 'read_variable_variables__id__get',
    tag,
    params: { id: 'uuid' },
    replies: { 200: Variable },
    handle: ({ params }, { store }) => store.read('readVariable', { key: { id: params.id } }),
  }),
  route({
    method: 'GET',
    path: '/variables/name/{name}',
    operationId: 'read_variable_by_name_variables_name__name__get',
    tag,
    params: { name: 'text' },
    replies: { 200: Variable },
    handle: ({ params }, { store }) => store.read('readVariable', { key: { name: params.name } }),
  }),
  route({
    method: 'POST',
    path: '/variables/filter',
    operationId: 'read_variables_variables_filter_post',
    tag,
    body: ReadVariablesBody,
    replies: { 200: list(Variable) },
    handle: ({ body }, { store, settings }) =>
      store.read(
        'listVariables',
        { variables: body.variables, sort: body.sort, page: readPage(body, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/variables/count',
    operationId: 'count_variables_variables_count_post',
    tag,
    body: CountVariablesBody,
    replies: { 200: integer() },
    handle: ({ body }, { store }) => store.read('countVariables', { variables: body.variables }, 'scan'),
  }),
  route({
    method: 'PATCH',
    path: '/variables/{id}',
    operationId: 'update_variable_variables__id__patch',
    tag,
    params: { id: 'uuid' },
    body: VariableUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateVariable', { key: { id: params.id }, changes: body }),
  }),
  route({
    method: 'PATCH',
    path: '/variables/name/{name}',
    operationId: 'update_variable_by_name_variables_name__name__patch',
    tag,
    params: { name: 'text' },
    body: VariableUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateVariable', { key: { name: params.name }, changes: body }),
  }),
  route({
    method: 'DELETE',
    path: '/variables/{id}',
    operationId: 'delete_variable_variables__id__delete',
    tag,
    params: { id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteVariable', { key: { id: params.id } }),
  }),
  route({
    method: 'DELETE',
    path: '/variables/name/{name}',
    operationId: 'delete_variable_by_name_variables_name__name__delete',
    tag,
    params: { name: 'text' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteVariable', { key: { name: params.name } }),
  }),
]
