import { BlockType } from './block-types.ts'
import { BlockSchemaFilter } from './filters/blocks.ts'
import {
  absentIsNull,
  bodyParameters,
  dateTime,
  emptyList,
  emptyObject,
  integer,
  jsonObject,
  list,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

export const BlockSchema = model('BlockSchema', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  checksum: text(),
  fields: jsonObject({ makeDefault: emptyObject }),
  block_type_id: nullable(uuid()),
  block_type: optional(BlockType),
  capabilities: list(text(), { makeDefault: emptyList }),
  version: text({ default: 'non-versioned' }),
})
export type BlockSchema = Static<typeof BlockSchema>

export const BlockSchemaCreate = strictModel('BlockSchemaCreate', {
  fields: jsonObject({ makeDefault: emptyObject }),
  block_type_id: uuid(),
  capabilities: list(text(), { makeDefault: emptyList }),
  version: text({ default: 'non-versioned' }),
})
export type BlockSchemaCreate = Static<typeof BlockSchemaCreate>

export const ReadBlockSchemasBody = bodyParameters('Body_read_block_schemas_block_schemas_filter_post', {
  limit: absentIsNull(integer()),
  block_schemas: optional(BlockSchemaFilter),
  offset: integer({ minimum: 0, default: 0 }),
})
export type ReadBlockSchemasBody = Static<typeof ReadBlockSchemasBody>

export * from './filters/blocks.ts'
