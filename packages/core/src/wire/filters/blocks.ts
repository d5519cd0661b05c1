import { Operator } from '../common.ts'
import { boolean, list, nullable, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const BlockDocumentFilterBlockTypeId = strictModel('BlockDocumentFilterBlockTypeId', {
  any_: optional(list(uuid())),
})
export type BlockDocumentFilterBlockTypeId = Static<typeof BlockDocumentFilterBlockTypeId>

export const BlockDocumentFilterId = strictModel('BlockDocumentFilterId', {
  any_: optional(list(uuid())),
})
export type BlockDocumentFilterId = Static<typeof BlockDocumentFilterId>

export const BlockDocumentFilterIsAnonymous = strictModel('BlockDocumentFilterIsAnonymous', {
  eq_: optional(boolean()),
})
export type BlockDocumentFilterIsAnonymous = Static<typeof BlockDocumentFilterIsAnonymous>

export const BlockDocumentFilterName = strictModel('BlockDocumentFilterName', {
  any_: optional(list(text())),
  like_: optional(text()),
})
export type BlockDocumentFilterName = Static<typeof BlockDocumentFilterName>

export const BlockDocumentFilter = strictModel('BlockDocumentFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  id: optional(BlockDocumentFilterId),
  is_anonymous: nullable(BlockDocumentFilterIsAnonymous, { default: { eq_: false } }),
  block_type_id: optional(BlockDocumentFilterBlockTypeId),
  name: optional(BlockDocumentFilterName),
})
export type BlockDocumentFilter = Static<typeof BlockDocumentFilter>

export const BlockSchemaFilterBlockTypeId = strictModel('BlockSchemaFilterBlockTypeId', {
  any_: optional(list(uuid())),
})
export type BlockSchemaFilterBlockTypeId = Static<typeof BlockSchemaFilterBlockTypeId>

export const BlockSchemaFilterCapabilities = strictModel('BlockSchemaFilterCapabilities', {
  all_: optional(list(text())),
})
export type BlockSchemaFilterCapabilities = Static<typeof BlockSchemaFilterCapabilities>

export const BlockSchemaFilterId = strictModel('BlockSchemaFilterId', {
  any_: optional(list(uuid())),
})
export type BlockSchemaFilterId = Static<typeof BlockSchemaFilterId>

export const BlockSchemaFilterVersion = strictModel('BlockSchemaFilterVersion', {
  any_: optional(list(text())),
})
export type BlockSchemaFilterVersion = Static<typeof BlockSchemaFilterVersion>

export const BlockSchemaFilter = strictModel('BlockSchemaFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  block_type_id: optional(BlockSchemaFilterBlockTypeId),
  block_capabilities: optional(BlockSchemaFilterCapabilities),
  id: optional(BlockSchemaFilterId),
  version: optional(BlockSchemaFilterVersion),
})
export type BlockSchemaFilter = Static<typeof BlockSchemaFilter>

export const BlockTypeFilterName = strictModel('BlockTypeFilterName', {
  like_: optional(text()),
})
export type BlockTypeFilterName = Static<typeof BlockTypeFilterName>

export const BlockTypeFilterSlug = strictModel('BlockTypeFilterSlug', {
  any_: optional(list(text())),
})
export type BlockTypeFilterSlug = Static<typeof BlockTypeFilterSlug>

export const BlockTypeFilter = strictModel('BlockTypeFilter', {
  name: optional(BlockTypeFilterName),
  slug: optional(BlockTypeFilterSlug),
})
export type BlockTypeFilter = Static<typeof BlockTypeFilter>
