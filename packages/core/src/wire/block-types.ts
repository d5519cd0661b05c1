import { Name } from './common.ts'
import { dashedName } from './field-checks.ts'
import { BlockSchemaFilter, BlockTypeFilter } from './filters/blocks.ts'
import {
  absentIsNull,
  bodyParameters,
  boolean,
  dateTime,
  integer,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

export const BlockType = model('BlockType', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: Name,
  slug: text(),
  logo_url: optional(text()),
  documentation_url: optional(text()),
  description: optional(text()),
  code_example: optional(text()),
  is_protected: boolean({ default: false }),
})
export type BlockType = Static<typeof BlockType>

export const BlockTypeCreate = strictModel('BlockTypeCreate', {
  name: Name,
  slug: text({ check: dashedName('Block type slug') }),
  logo_url: optional(text()),
  documentation_url: optional(text()),
  description: optional(text()),
  code_example: optional(text()),
})
export type BlockTypeCreate = Static<typeof BlockTypeCreate>

export const BlockTypeUpdate = strictModel('BlockTypeUpdate', {
  logo_url: optional(text()),
  documentation_url: optional(text()),
  description: optional(text()),
  code_example: optional(text()),
})
export type BlockTypeUpdate = Static<typeof BlockTypeUpdate>

export const ReadBlockTypesBody = bodyParameters('Body_read_block_types_block_types_filter_post', {
  limit: absentIsNull(integer()),
  block_types: optional(BlockTypeFilter),
  block_schemas: optional(BlockSchemaFilter),
  offset: integer({ minimum: 0, default: 0 }),
})
export type ReadBlockTypesBody = Static<typeof ReadBlockTypesBody>

export * from './filters/blocks.ts'
