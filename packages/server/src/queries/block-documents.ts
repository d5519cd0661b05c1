import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { encodeBlockDocuments } from '../storage/block-documents.ts'
import { blockDocumentFilter, blockSchemaFilter, blockTypeFilter } from '../storage/filters/blocks.ts'
import { allOf, around, type Condition, type Filter } from '../storage/filters/condition.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import type { BlockDocumentRow } from '../storage/rows/blocks.ts'

const orders = {
  NAME_DESC: 'name desc, id desc',
  NAME_ASC: 'name, id',
  BLOCK_TYPE_AND_NAME_ASC: 'block_type_name, name, id',
} as const

interface DocumentFilters {
  block_documents: Filter | null
  block_types: Filter | null
  block_schemas: Filter | null
}

async function readBlockDocument(
  sql: Sql,
  args: ({ id: string } | { slug: string; name: string }) & { includeSecrets: boolean },
): Promise<Answer> {
  const row =
    'id' in args
      ? await sql.get<BlockDocumentRow>('select * from block_document where id = ?', [args.id])
      : await sql.get<BlockDocumentRow>(
          `select * from block_document
           where name = ? and block_type_id = (select id from block_type where slug = ?)`,
          [args.name, args.slug],
        )
  if (!row) throw httpError(404, 'Block document not found')
  return ok((await encodeBlockDocuments(sql, [row], args.includeSecrets))[0]!)
}

/** The named documents of a type; an unknown type is an error. */
async function listBlockDocumentsOfType(sql: Sql, args: { slug: string; includeSecrets: boolean }): Promise<Answer> {
  const type = await sql.get<{ id: string }>('select id from block_type where slug = ?', [args.slug])
  if (!type) throw httpError(404, 'Block type not found')
  const rows = await sql.all<BlockDocumentRow>(
    'select * from block_document where block_type_id = ? and is_anonymous = 0 order by name limit 10000',
    [type.id],
  )
  return ok(jsonArray(await encodeBlockDocuments(sql, rows, args.includeSecrets)))
}

async function listBlockDocuments(
  sql: Sql,
  args: { filters: DocumentFilters; sort: keyof typeof orders | null; includeSecrets: boolean; page: Page },
): Promise<Answer> {
  const where = listCondition(args.filters)
  const rows = await sql.all<BlockDocumentRow>(
    `select * from block_document where ${where.text} order by ${orders[args.sort ?? 'NAME_ASC']} limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  return ok(jsonArray(await encodeBlockDocuments(sql, rows, args.includeSecrets)))
}

async function countBlockDocuments(sql: Sql, args: { filters: DocumentFilters }): Promise<Answer> {
  const where = listCondition(args.filters)
  const row = await sql.get<{ n: number }>(`select count(*) as n from block_document where ${where.text}`, where.params)
  return ok(String(row?.n ?? 0))
}

function listCondition(filters: DocumentFilters): Condition {
  const conditions = [blockDocumentFilter(filters.block_documents)]
  if (filters.block_types) {
    const before = 'exists (select 1 from block_type where block_type.id = block_document.block_type_id and '
    conditions.push(around(before, blockTypeFilter(filters.block_types), ')'))
  }
  if (filters.block_schemas) {
    const before = 'exists (select 1 from block_schema where block_schema.id = block_document.block_schema_id and '
    conditions.push(around(before, blockSchemaFilter(filters.block_schemas), ')'))
  }
  return allOf(conditions)
}

export const blockDocumentQueries = {
  readBlockDocument,
  listBlockDocumentsOfType,
  listBlockDocuments,
  countBlockDocuments,
}
