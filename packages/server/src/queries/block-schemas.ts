import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { encodeBlockSchemas } from '../storage/block-schemas.ts'
import { blockSchemaFilter, blockTypeFilter } from '../storage/filters/blocks.ts'
import { allOf, around, type Filter } from '../storage/filters/condition.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeBlockType, type BlockSchemaRow, type BlockTypeRow } from '../storage/rows/blocks.ts'

async function readBlockType(sql: Sql, args: { id: string } | { slug: string }): Promise<Answer> {
  const row =
    'id' in args
      ? await sql.get<BlockTypeRow>('select * from block_type where id = ?', [args.id])
      : await sql.get<BlockTypeRow>('select * from block_type where slug = ?', [args.slug])
  if (!row) throw httpError(404, 'Block type not found')
  return ok(encodeBlockType(row, sql.nowUs))
}

async function listBlockTypes(
  sql: Sql,
  args: { block_types: Filter | null; block_schemas: Filter | null; page: Page },
): Promise<Answer> {
  const conditions = [blockTypeFilter(args.block_types)]
  if (args.block_schemas) {
    const before = 'exists (select 1 from block_schema where block_schema.block_type_id = block_type.id and '
    conditions.push(around(before, blockSchemaFilter(args.block_schemas), ')'))
  }
  const where = allOf(conditions)
  const rows = await sql.all<BlockTypeRow>(
    `select * from block_type where ${where.text} order by name limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  return ok(jsonArray(rows.map((row) => encodeBlockType(row, sql.nowUs))))
}

async function readBlockSchema(
  sql: Sql,
  args: { id: string } | { checksum: string; version: string | null },
): Promise<Answer> {
  const row =
    'id' in args
      ? await sql.get<BlockSchemaRow>('select * from block_schema where id = ?', [args.id])
      : await sql.get<BlockSchemaRow>(
          `select * from block_schema where checksum = ? and version = coalesce(?, version)
           order by created desc, id desc limit 1`,
          [args.checksum, args.version],
        )
  if (!row) throw httpError(404, 'Block schema not found')
  return ok((await encodeBlockSchemas(sql, [row])).get(row.id)!)
}

/** Newest first. */
async function listBlockSchemas(sql: Sql, args: { block_schemas: Filter | null; page: Page }): Promise<Answer> {
  const where = blockSchemaFilter(args.block_schemas)
  const rows = await sql.all<BlockSchemaRow>(
    `select * from block_schema where ${where.text} order by created desc, id desc limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  const encoded = await encodeBlockSchemas(sql, rows)
  return ok(jsonArray(rows.map((row) => encoded.get(row.id)!)))
}

async function listBlockCapabilities(sql: Sql): Promise<Answer> {
  const rows = await sql.all<{ value: string }>(
    'select distinct c.value from block_schema, json_each(block_schema.capabilities) c order by c.value',
  )
  return ok(JSON.stringify(rows.map((row) => row.value)))
}

export const blockSchemaQueries = {
  readBlockType,
  listBlockTypes,
  readBlockSchema,
  listBlockSchemas,
  listBlockCapabilities,
}
