import { obfuscateSecrets } from '@spillway/core/domain/block-secrets'
import { formatIso } from '@spillway/core/wire/time'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import { httpError } from '../errors.ts'
import { encodeBlockSchemas } from './block-schemas.ts'
import { decryptText, encryptText } from './encryption.ts'
import type { Sql } from './port.ts'
import { encodeBlockType, type BlockDocumentRow, type BlockSchemaRow, type BlockTypeRow } from './rows/blocks.ts'

export type BlockData = Record<string, unknown>

/** References nest a few levels in practice; this bounds a chain that somebody made on purpose. */
const depthMax = 50
/** Documents that one answer may hold, those referred to included. */
const documentsMax = 10_000

export function encryptData(sql: Sql, documentId: string, data: BlockData): string {
  return encryptText(JSON.stringify(data), sql.settings.encryptionKey, documentId)
}

export function decryptData(sql: Sql, row: Pick<BlockDocumentRow, 'id' | 'data'>): BlockData {
  return parseExactJson(decryptText(row.data, sql.settings.encryptionKey, row.id)) as BlockData
}

export function secretFieldsOf(schema: Pick<BlockSchemaRow, 'fields'>): string[] {
  return (JSON.parse(schema.fields) as { secret_fields?: string[] }).secret_fields ?? []
}

interface Graph {
  documents: Map<string, BlockDocumentRow>
  schemas: Map<string, BlockSchemaRow>
  types: Map<string, BlockTypeRow>
  references: Map<string, { name: string; child: string }[]>
}

/** The documents as the API shows them: with the blocks that they refer to, secrets covered unless they are asked for. */
export async function encodeBlockDocuments(
  sql: Sql,
  rows: readonly BlockDocumentRow[],
  includeSecrets: boolean,
): Promise<string[]> {
  const graph = await loadGraph(sql, rows)
  const roots = [...new Set(rows.map((row) => row.block_schema_id))]
  const schemas = await encodeBlockSchemas(sql, roots.map((id) => graph.schemas.get(id)!))
  return rows.map((row) => {
    const { data, references } = fullDocument(sql, row, graph, includeSecrets, 0)
    return (
      `{"id":"${row.id}","created":"${formatIso(row.created)}","updated":"${formatIso(row.updated)}",` +
      `"name":${JSON.stringify(row.name)},"data":${JSON.stringify(data)},` +
      `"block_schema_id":"${row.block_schema_id}","block_schema":${schemas.get(row.block_schema_id)},` +
      `"block_type_id":"${row.block_type_id}","block_type_name":${JSON.stringify(row.block_type_name)},` +
      `"block_type":${encodeBlockType(graph.types.get(row.block_type_id)!, sql.nowUs)},` +
      `"block_document_references":${JSON.stringify(references)},"is_anonymous":${row.is_anonymous === 1}}`
    )
  })
}

function fullDocument(
  sql: Sql,
  row: BlockDocumentRow,
  graph: Graph,
  includeSecrets: boolean,
  depth: number,
): { data: BlockData; references: BlockData } {
  if (depth > depthMax) {
    throw httpError(422, `The block documents refer to each other more than ${depthMax} levels deep.`)
  }
  const plain = decryptData(sql, row)
  const schema = graph.schemas.get(row.block_schema_id)!
  const data: BlockData = { ...(includeSecrets ? plain : obfuscateSecrets(plain, secretFieldsOf(schema))) }
  const references: BlockData = {}
  for (const { name, child } of graph.references.get(row.id) ?? []) {
    const document = graph.documents.get(child)
    if (!document) continue
    const inner = fullDocument(sql, document, graph, includeSecrets, depth + 1)
    data[name] = inner.data
    references[name] = {
      block_document: {
        id: document.id,
        name: document.name,
        block_type: JSON.parse(encodeBlockType(graph.types.get(document.block_type_id)!, sql.nowUs)) as unknown,
        is_anonymous: document.is_anonymous === 1,
        block_document_references: inner.references,
      },
    }
  }
  return { data, references }
}

/** The documents with everything that they refer to, directly or not. */
async function loadGraph(sql: Sql, rows: readonly BlockDocumentRow[]): Promise<Graph> {
  const documents = new Map(rows.map((row) => [row.id, row]))
  const references: Graph['references'] = new Map()
  let fresh = [...documents.keys()]
  while (fresh.length > 0) {
    const found = await sql.all<{ name: string; parent: string; child: string }>(
      `select name, parent_block_document_id as parent, reference_block_document_id as child
       from block_document_reference where parent_block_document_id in (select value from json_each(?)) order by id`,
      [JSON.stringify(fresh)],
    )
    for (const { name, parent, child } of found) {
      references.set(parent, [...(references.get(parent) ?? []), { name, child }])
    }
    const missing = [...new Set(found.map(({ child }) => child))].filter((id) => !documents.has(id))
    if (missing.length === 0) break
    if (documents.size + missing.length > documentsMax) {
      throw httpError(422, `The block documents refer to more than ${documentsMax} others.`)
    }
    for (const child of await rowsById<BlockDocumentRow>(sql, 'block_document', missing)) documents.set(child.id, child)
    fresh = missing
  }
  const all = [...documents.values()]
  const schemas = await rowsById<BlockSchemaRow>(sql, 'block_schema', all.map((row) => row.block_schema_id))
  const types = await rowsById<BlockTypeRow>(sql, 'block_type', all.map((row) => row.block_type_id))
  return {
    documents,
    references,
    schemas: new Map(schemas.map((row) => [row.id, row])),
    types: new Map(types.map((row) => [row.id, row])),
  }
}

async function rowsById<Row>(
  sql: Sql,
  table: 'block_document' | 'block_schema' | 'block_type',
  ids: readonly string[],
): Promise<Row[]> {
  return sql.all<Row>(`select * from ${table} where id in (select value from json_each(?))`, [
    JSON.stringify([...new Set(ids)]),
  ])
}
