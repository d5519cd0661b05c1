import { columnLeaf, compileFilter, condition, tagsLeaf, type Condition, type Filter } from './condition.ts'

const typeLeaves = { name: columnLeaf('block_type.name'), slug: columnLeaf('block_type.slug') }

const schemaLeaves = {
  block_type_id: columnLeaf('block_schema.block_type_id'),
  block_capabilities: tagsLeaf('block_schema.capabilities'),
  id: columnLeaf('block_schema.id'),
  version: columnLeaf('block_schema.version'),
}

const documentLeaves = {
  id: columnLeaf('block_document.id'),
  is_anonymous: columnLeaf('block_document.is_anonymous'),
  block_type_id: columnLeaf('block_document.block_type_id'),
  name: columnLeaf('block_document.name'),
}

export function blockTypeFilter(filter: Filter | null | undefined): Condition {
  return compileFilter(filter, typeLeaves)
}

export function blockSchemaFilter(filter: Filter | null | undefined): Condition {
  return compileFilter(filter, schemaLeaves)
}

/** Without a filter, anonymous documents are left out. */
export function blockDocumentFilter(filter: Filter | null | undefined): Condition {
  return filter ? compileFilter(filter, documentLeaves) : condition('block_document.is_anonymous = 0')
}
