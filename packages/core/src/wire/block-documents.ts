import { BlockSchema } from './block-schemas.ts'
import { BlockType } from './block-types.ts'
import { Name } from './common.ts'
import { anonymousNameFault, dashedName } from './field-checks.ts'
import { BlockDocumentFilter, BlockSchemaFilter, BlockTypeFilter } from './filters/blocks.ts'
import {
  absentIsNull,
  bodyParameters,
  boolean,
  dateTime,
  dict,
  emptyObject,
  enumOf,
  integer,
  jsonObject,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

export const BlockDocument = model('BlockDocument', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: optional(Name),
  data: jsonObject({ makeDefault: emptyObject }),
  block_schema_id: uuid(),
  block_schema: optional(BlockSchema),
  block_type_id: uuid(),
  block_type_name: optional(text()),
  block_type: optional(BlockType),
  block_document_references: dict(jsonObject(), { makeDefault: emptyObject }),
  is_anonymous: boolean({ default: false }),
})
export type BlockDocument = Static<typeof BlockDocument>

export const BlockDocumentCreate = strictModel('BlockDocumentCreate', {
  name: optional(Name, { check: dashedName('Block document name') }),
  data: jsonObject({ makeDefault: emptyObject }),
  block_schema_id: uuid(),
  block_type_id: uuid(),
  is_anonymous: boolean({ default: false }),
}, { beforeCheck: anonymousNameFault })
export type BlockDocumentCreate = Static<typeof BlockDocumentCreate>

export const BlockDocumentSort = enumOf('BlockDocumentSort', ['NAME_DESC', 'NAME_ASC', 'BLOCK_TYPE_AND_NAME_ASC'])
export type BlockDocumentSort = Static<typeof BlockDocumentSort>

export const BlockDocumentUpdate = strictModel('BlockDocumentUpdate', {
  block_schema_id: optional(uuid()),
  data: jsonObject({ makeDefault: emptyObject }),
  merge_existing_data: boolean({ default: true }),
})
export type BlockDocumentUpdate = Static<typeof BlockDocumentUpdate>

export const CountBlockDocumentsBody = bodyParameters('Body_count_block_documents_block_documents_count_post', {
  block_documents: optional(BlockDocumentFilter),
  block_types: optional(BlockTypeFilter),
  block_schemas: optional(BlockSchemaFilter),
})
export type CountBlockDocumentsBody = Static<typeof CountBlockDocumentsBody>

export const ReadBlockDocumentsBody = bodyParameters('Body_read_block_documents_block_documents_filter_post', {
  limit: absentIsNull(integer()),
  block_documents: optional(BlockDocumentFilter),
  block_types: optional(BlockTypeFilter),
  block_schemas: optional(BlockSchemaFilter),
  include_secrets: boolean({ default: false }),
  sort: nullable(BlockDocumentSort, { default: 'NAME_ASC' }),
  offset: integer({ minimum: 0, default: 0 }),
})
export type ReadBlockDocumentsBody = Static<typeof ReadBlockDocumentsBody>

export * from './filters/blocks.ts'
