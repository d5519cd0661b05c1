import { ServerDefaultResultStorage, ServerDefaultResultStorageUpdate } from '@spillway/core/wire/admin'
import { CsrfToken } from '@spillway/core/wire/csrf'
import { text } from '@spillway/core/wire/schema'
import { Settings } from '@spillway/core/wire/settings/all'
import { describeSettings } from '../described-settings.ts'
import { httpError } from '../errors.ts'
import { prefectVersion } from '../versions.ts'
import { route, type Route } from './route.ts'

const tag = 'Admin'

/** What this server is and how it is set up, its default result storage, and the CSRF token. */
export const adminRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/admin/settings',
    operationId: 'read_settings_admin_settings_get',
    tag,
    replies: { 200: Settings },
    handle: ({ baseUrl }, { settings }) => ({
      status: 200,
      json: JSON.stringify(describeSettings(process.env, settings, `${baseUrl}${settings.basePath}`)),
    }),
  }),
  route({
    method: 'GET',
    path: '/admin/version',
    operationId: 'read_version_admin_version_get',
    tag,
    replies: { 200: text() },
    handle: () => ({ status: 200, json: JSON.stringify(prefectVersion) }),
  }),
  route({
    method: 'GET',
    path: '/admin/storage',
    operationId: 'read_server_default_result_storage_admin_storage_get',
    tag,
    replies: { 200: ServerDefaultResultStorage },
    handle: (_request, { store }) => store.read('readDefaultResultStorage', undefined),
  }),
  route({
    method: 'PUT',
    path: '/admin/storage',
    operationId: 'update_server_default_result_storage_admin_storage_put',
    tag,
    body: ServerDefaultResultStorageUpdate,
    replies: { 200: ServerDefaultResultStorage },
    handle: ({ body }, { store }) =>
      store.write('setDefaultResultStorage', { blockDocumentId: body.default_result_storage_block_id }),
  }),
  route({
    method: 'DELETE',
    path: '/admin/storage',
    operationId: 'clear_server_default_result_storage_admin_storage_delete',
    tag,
    replies: { 204: null },
    handle: (_request, { store }) => store.write('clearDefaultResultStorage', undefined),
  }),
  route({
    method: 'GET',
    path: '/csrf-token',
    operationId: 'create_csrf_token_csrf_token_get',
    tag: 'Root',
    query: { client: text() },
    replies: { 200: CsrfToken },
    handle({ query }, { store, settings }) {
      if (!settings.csrfEnabled) throw httpError(422, 'CSRF protection is disabled.')
      return store.write('issueCsrfToken', { client: query.client, validSeconds: settings.csrfTokenSeconds })
    },
  }),
]
