import { createHash } from 'node:crypto'
import { blockSchemaChecksum } from '@spillway/core/domain/block-checksum'
import { parseKeepingNumbers, WrittenNumber } from '@spillway/core/domain/python-json'
import { formatIso } from '@spillway/core/wire/time'
import type { Sql } from './port.ts'
import { rawJson } from './raw-json.ts'
import { encodeBlockType, type BlockSchemaRow, type BlockTypeRow } from './rows/blocks.ts'

/** The fields of a block schema, numbers kept as they were written: the checksum tells 1.0 from 1. */
export type BlockFields = Record<string, unknown>

/** One block that a schema refers to, as `fields.block_schema_references` shows it. */
export interface BlockSchemaReference {
  block_schema_checksum: string
  block_type_slug: string
}

/** References nest a few levels in practice; this bounds a graph that somebody made on purpose. */
const depthMax = 50

export function parseFields(json: string): BlockFields {
  return parseKeepingNumbers(json) as BlockFields
}

export function stringifyFields(fields: unknown): string {
  return JSON.stringify(fields, (_key, value: unknown) =>
    value instanceof WrittenNumber ? rawJson(value.source) : value,
  )
}

/** Definitions that say nothing do not count: clients leave them out. */
export function fieldsChecksum(fields: BlockFields): string {
  const { definitions, ...rest } = fields
  const given = (definitions ?? {}) as BlockFields
  const kept = sayingSomething(given)
  const isGone = Object.keys(kept).length === 0 && Object.keys(given).length > 0
  const counted = isGone ? rest : definitions ? { ...rest, definitions: kept } : fields
  return blockSchemaChecksum(counted, (text) => createHash('sha256').update(text, 'utf8').digest('hex'))
}

/** The definitions without those that are empty objects. */
export function sayingSomething(definitions: BlockFields): BlockFields {
  return Object.fromEntries(
    Object.entries(definitions).filter(([, definition]) => Object.keys(definition as object).length > 0),
  )
}

/** The JSON of each schema as the API shows it, by its id. */
export async function encodeBlockSchemas(sql: Sql, rows: readonly BlockSchemaRow[]): Promise<Map<string, string>> {
  const graph = await loadGraph(sql, rows)
  const encoded = new Map<string, string>()
  for (const row of rows) {
    const type = graph.types.get(row.block_type_id)!
    encoded.set(row.id, encodeBlockSchema(row, fullFields(row, graph, 0), type, sql.nowUs))
  }
  return encoded
}

export function encodeBlockSchema(row: BlockSchemaRow, fields: BlockFields, type: BlockTypeRow, nowUs: number): string {
  return (
    `{"id":"${row.id}","created":"${formatIso(row.created)}","updated":"${formatIso(row.updated)}",` +
    `"checksum":${JSON.stringify(row.checksum)},"fields":${stringifyFields(fields)},` +
    `"block_type_id":"${row.block_type_id}","block_type":${encodeBlockType(type, nowUs)},` +
    `"capabilities":${row.capabilities},"version":${JSON.stringify(row.version)}}`
  )
}

interface Graph {
  schemas: Map<string, BlockSchemaRow>
  types: Map<string, BlockTypeRow>
  references: Map<string, { name: string; child: string }[]>
}

/** The schemas with everything that they refer to, directly or not. */
async function loadGraph(sql: Sql, rows: readonly BlockSchemaRow[]): Promise<Graph> {
  const schemas = new Map(rows.map((row) => [row.id, row]))
  const references: Graph['references'] = new Map()
  let fresh = [...schemas.keys()]
  while (fresh.length > 0) {
    const found = await sql.all<{ name: string; parent: string; child: string }>(
      `select name, parent_block_schema_id as parent, reference_block_schema_id as child from block_schema_reference
       where parent_block_schema_id in (select value from json_each(?)) order by id`,
      [JSON.stringify(fresh)],
    )
    for (const { name, parent, child } of found) {
      const list = references.get(parent) ?? []
      if (!list.some((one) => one.name === name && one.child === child)) list.push({ name, child })
      references.set(parent, list)
    }
    const missing = [...new Set(found.map(({ child }) => child))].filter((id) => !schemas.has(id))
    fresh = missing
    if (missing.length === 0) break
    const children = await sql.all<BlockSchemaRow>(
      'select * from block_schema where id in (select value from json_each(?))',
      [JSON.stringify(missing)],
    )
    for (const child of children) schemas.set(child.id, child)
  }
  const typeIds = [...new Set([...schemas.values()].map((row) => row.block_type_id))]
  const types = await sql.all<BlockTypeRow>('select * from block_type where id in (select value from json_each(?))', [
    JSON.stringify(typeIds),
  ])
  return { schemas, references, types: new Map(types.map((type) => [type.id, type])) }
}

/** The fields with references and the definitions of the blocks referred to put back, which are stored once. */
function fullFields(row: BlockSchemaRow, graph: Graph, depth: number): BlockFields {
  const fields = parseFields(row.fields)
  const references: Record<string, BlockSchemaReference | BlockSchemaReference[]> = {}
  let definitions = (fields['definitions'] ?? {}) as BlockFields
  for (const { name, child } of graph.references.get(row.id) ?? []) {
    const schema = graph.schemas.get(child)
    const type = schema && graph.types.get(schema.block_type_id)
    if (!schema || !type) continue
    const reference = { block_schema_checksum: schema.checksum, block_type_slug: type.slug }
    const present = references[name]
    references[name] = present ? [present, reference].flat() : reference
    if (depth >= depthMax) continue
    const { definitions: inner, ...childFields } = fullFields(schema, graph, depth + 1)
    const title = childFields['title']
    if (typeof title === 'string') definitions = { ...definitions, [title]: childFields, ...(inner as BlockFields) }
  }
  const full: BlockFields = { ...fields, block_schema_references: references }
  if (Object.keys(definitions).length > 0) full['definitions'] = definitions
  return full
}
