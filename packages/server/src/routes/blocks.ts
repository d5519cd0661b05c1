import {
  BlockDocument, BlockDocumentCreate, BlockDocumentUpdate, CountBlockDocumentsBody, ReadBlockDocumentsBody,
} from '@spillway/core/wire/block-documents'
import { BlockSchema, BlockSchemaCreate, ReadBlockSchemasBody } from '@spillway/core/wire/block-schemas'
import { BlockType, BlockTypeCreate, BlockTypeUpdate, ReadBlockTypesBody } from '@spillway/core/wire/block-types'
import { any, boolean, integer, list, optional, text } from '@spillway/core/wire/schema'
import { readPage } from '../storage/page.ts'
import { parseFields, stringifyFields } from '../storage/block-schemas.ts'
import { route, type Route } from './route.ts'

const includeSecrets = boolean({
  default: false,
  description: 'Whether to include sensitive values in the block document.',
})

const typeRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/block_types/',
    operationId: 'create_block_type_block_types__post',
    tag: 'Block types',
    body: BlockTypeCreate,
    replies: { 201: BlockType },
    handle: ({ body }, { store }) => store.write('createBlockType', body),
  }),
  route({
    method: 'GET',
    path: '/block_types/{id}',
    operationId: 'read_block_type_by_id_block_types__id__get',
    tag: 'Block types',
    params: { id: 'uuid' },
    replies: { 200: BlockType },
    handle: ({ params }, { store }) => store.read('readBlockType', params),
  }),
  route({
    method: 'GET',
    path: '/block_types/slug/{slug}',
    operationId: 'read_block_type_by_slug_block_types_slug__slug__get',
    tag: 'Block types',
    params: { slug: 'text' },
    replies: { 200: BlockType },
    handle: ({ params }, { store }) => store.read('readBlockType', params),
  }),
  route({
    method: 'POST',
    path: '/block_types/filter',
    operationId: 'read_block_types_block_types_filter_post',
    tag: 'Block types',
    body: ReadBlockTypesBody,
    replies: { 200: list(BlockType) },
    handle: ({ body: { block_types, block_schemas, limit, offset } }, { store, settings }) =>
      store.read(
        'listBlockTypes',
        { block_types, block_schemas, page: readPage({ limit, offset }, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'PATCH',
    path: '/block_types/{id}',
    operationId: 'update_block_type_block_types__id__patch',
    tag: 'Block types',
    params: { id: 'uuid' },
    body: BlockTypeUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateBlockType', { id: params.id, changes: body }),
  }),
  route({
    method: 'DELETE',
    path: '/block_types/{id}',
    operationId: 'delete_block_type_block_types__id__delete',
    tag: 'Block types',
    params: { id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteBlockType', params),
  }),
  route({
    method: 'GET',
    path: '/block_types/slug/{slug}/block_documents',
    operationId: 'read_block_documents_for_block_type_block_types_slug__slug__block_documents_get',
    tag: 'Block types',
    params: { slug: 'text' },
    query: { include_secrets: includeSecrets },
    replies: { 200: list(BlockDocument) },
    handle: ({ params, query }, { store }) =>
      store.read('listBlockDocumentsOfType', { slug: params.slug, includeSecrets: query.include_secrets }, 'scan'),
  }),
  route({
    method: 'GET',
    path: '/block_types/slug/{slug}/block_documents/name/{block_document_name}',
    operationId:
      'read_block_document_by_name_for_block_type_block_types_slug__slug__block_documents_name__block_document_name__get',
    tag: 'Block types',
    params: { slug: 'text', block_document_name: 'text' },
    query: { include_secrets: includeSecrets },
    replies: { 200: BlockDocument },
    handle: ({ params, query }, { store }) =>
      store.read('readBlockDocument', {
        slug: params.slug,
        name: params.block_document_name,
        includeSecrets: query.include_secrets,
      }),
  }),
  route({
    method: 'POST',
    path: '/block_types/install_system_block_types',
    operationId: 'install_system_block_types_block_types_install_system_block_types_post',
    tag: 'Block types',
    replies: { 200: any() },
    handle: (_request, { store }) => store.write('seedBlockTypes', undefined),
  }),
]

const schemaRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/block_schemas/',
    operationId: 'create_block_schema_block_schemas__post',
    tag: 'Block schemas',
    body: BlockSchemaCreate,
    replies: { 201: BlockSchema },
    // From the body as it came: JSON.parse takes 1.0 for 1, and the schema would get another checksum than its client's.
    handle: ({ body, rawBody }, { store }) =>
      store.write('createBlockSchema', { ...body, fields: fieldsText(rawBody) ?? JSON.stringify(body.fields) }),
  }),
  route({
    method: 'DELETE',
    path: '/block_schemas/{id}',
    operationId: 'delete_block_schema_block_schemas__id__delete',
    tag: 'Block schemas',
    params: { id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteBlockSchema', params),
  }),
  route({
    method: 'POST',
    path: '/block_schemas/filter',
    operationId: 'read_block_schemas_block_schemas_filter_post',
    tag: 'Block schemas',
    body: ReadBlockSchemasBody,
    replies: { 200: list(BlockSchema) },
    handle: ({ body }, { store, settings }) =>
      store.read(
        'listBlockSchemas',
        { block_schemas: body.block_schemas, page: readPage(body, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'GET',
    path: '/block_schemas/{id}',
    operationId: 'read_block_schema_by_id_block_schemas__id__get',
    tag: 'Block schemas',
    params: { id: 'uuid' },
    replies: { 200: BlockSchema },
    handle: ({ params }, { store }) => store.read('readBlockSchema', params),
  }),
  route({
    method: 'GET',
    path: '/block_schemas/checksum/{checksum}',
    operationId: 'read_block_schema_by_checksum_block_schemas_checksum__checksum__get',
    tag: 'Block schemas',
    params: { checksum: 'text' },
    query: { version: optional(text()) },
    replies: { 200: BlockSchema },
    handle: ({ params, query }, { store }) =>
      store.read('readBlockSchema', { checksum: params.checksum, version: query.version }),
  }),
  route({
    method: 'GET',
    path: '/block_capabilities/',
    operationId: 'read_available_block_capabilities_block_capabilities__get',
    tag: 'Block capabilities',
    replies: { 200: list(text()) },
    handle: (_request, { store }) => store.read('listBlockCapabilities', undefined, 'scan'),
  }),
]

const documentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/block_documents/',
    operationId: 'create_block_document_block_documents__post',
    tag: 'Block documents',
    body: BlockDocumentCreate,
    replies: { 201: BlockDocument },
    handle: ({ body }, { store }) => store.write('createBlockDocument', body),
  }),
  route({
    method: 'POST',
    path: '/block_documents/filter',
    operationId: 'read_block_documents_block_documents_filter_post',
    tag: 'Block documents',
    body: ReadBlockDocumentsBody,
    replies: { 200: list(BlockDocument) },
    handle: ({ body: { include_secrets, sort, limit, offset, ...filters } }, { store, settings }) =>
      store.read(
        'listBlockDocuments',
        { filters, sort, includeSecrets: include_secrets, page: readPage({ limit, offset }, settings.defaultLimit) },
        'scan',
      ),
  }),
  route({
    method: 'POST',
    path: '/block_documents/count',
    operationId: 'count_block_documents_block_documents_count_post',
    tag: 'Block documents',
    body: CountBlockDocumentsBody,
    replies: { 200: integer() },
    handle: ({ body }, { store }) => store.read('countBlockDocuments', { filters: body }, 'scan'),
  }),
  route({
    method: 'GET',
    path: '/block_documents/{id}',
    operationId: 'read_block_document_by_id_block_documents__id__get',
    tag: 'Block documents',
    params: { id: 'uuid' },
    query: { include_secrets: includeSecrets },
    replies: { 200: BlockDocument },
    handle: ({ params, query }, { store }) =>
      store.read('readBlockDocument', { id: params.id, includeSecrets: query.include_secrets }),
  }),
  route({
    method: 'DELETE',
    path: '/block_documents/{id}',
    operationId: 'delete_block_document_block_documents__id__delete',
    tag: 'Block documents',
    params: { id: 'uuid' },
    replies: { 204: null },
    handle: ({ params }, { store }) => store.write('deleteBlockDocument', params),
  }),
  route({
    method: 'PATCH',
    path: '/block_documents/{id}',
    operationId: 'update_block_document_data_block_documents__id__patch',
    tag: 'Block documents',
    params: { id: 'uuid' },
    body: BlockDocumentUpdate,
    keepAbsent: true,
    replies: { 204: null },
    handle: ({ params, body }, { store }) => store.write('updateBlockDocument', { id: params.id, changes: body }),
  }),
]

function fieldsText(rawBody: Buffer | undefined): string | undefined {
  const fields = rawBody && parseFields(rawBody.toString('utf8'))['fields']
  return fields === undefined ? undefined : stringifyFields(fields)
}

export const blockRoutes: readonly Route[] = [...typeRoutes, ...schemaRoutes, ...documentRoutes]
