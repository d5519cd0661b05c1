import {
  Automation, AutomationCreate, AutomationPartialUpdate, AutomationUpdate, CountAutomationsBody, ReadAutomationsBody,
} from '@spillway/core/wire/automations'
import { any, integer, list } from '@spillway/core/wire/schema'
import type { AutomationBody } from '../commands/automations.ts'
import { readPage } from '../storage/page.ts'
import { route, type Route } from './route.ts'

const tag = 'Automations'

export const automationRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/automations/',
    operationId: 'create_automation_automations__post',
    tag,
    body: AutomationCreate,
    replies: { 201: Automation },
    handle: ({ body }, { store }) =>
      store.write('createAutomation', body as unknown as AutomationBody & { owner_resource: string | null }),
  }),
  route({
    method: 'PUT',
    path: '/automations/{id}',
    operationId: 'update_automation_automations__id__put',
    tag,
    params: { id: 'uuid' },
    body: AutomationUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) =>
      store.write('updateAutomation', { id: params.id, changes: body as unknown as Partial<AutomationBody> }),
  }),
  route({
    method: 'PATCH',
    path: '/automations/{id}',
    operationId: 'patch_automation_automations__id__patch',
    tag,
    params: { id: 'uuid' },
    body: AutomationPartialUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateAutomation', { id: params.id, changes: body }),
  }),
  route({
    method: 'DELETE',
    path: '/automations/{id}',
    operationId: 'delete_automation_automations__id__delete',
    tag,
    params: { id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteAutomation', params),
  }),
  route({
    method: 'POST',
    path: '/automations/filter',
    operationId: 'read_automations_automations_filter_post',
    tag,
    body: ReadAutomationsBody,
    replies: { 200: list(Automation) },
    handle: ({ body }, { store, settings }) =>
      store.read(
        'listAutomations',
        { automations: body.automations, sort: body.sort, page: readPage(body, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/automations/count',
    operationId: 'count_automations_automations_count_post',
    tag,
    body: CountAutomationsBody,
    replies: { 200: integer() },
    handle: ({ body }, { store }) => store.read('countAutomations', { automations: body.automations }, 'scan'),
  }),
  route({
    method: 'GET',
    path: '/automations/{id}',
    operationId: 'read_automation_automations__id__get',
    tag,
    params: { id: 'uuid' },
    replies: { 200: Automation },
    handle: ({ params }, { store }) => store.read('readAutomation', params),
  }),
  route({
    method: 'GET',
    path: '/automations/related-to/{resource_id}',
    operationId: 'read_automations_related_to_resource_automations_related_to__resource_id__get',
    tag,
    params: { resource_id: 'text' },
    replies: { 200: list(Automation) },
    handle: ({ params }, { store }) => store.read('listAutomationsRelatedTo', { resourceId: params.resource_id }),
  }),
  route({
    method: 'DELETE',
    path: '/automations/owned-by/{resource_id}',
    operationId: 'delete_automations_owned_by_resource_automations_owned_by__resource_id__delete',
    tag,
    params: { resource_id: 'text' },
    replies: { 202: any() },
    handle: ({ params }, { store }) => store.write('deleteAutomationsOwnedBy', { resourceId: params.resource_id }),
  }),
]
