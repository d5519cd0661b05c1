import { key, keyColumn } from '../storage/limit-slots.ts'
import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeGlobalLimit, tagLimitJson, type ConcurrencyLimitRow } from '../storage/rows/concurrency-limits.ts'

async function readConcurrencyLimitV2(sql: Sql, args: { idOrName: string }): Promise<Answer> {
  const row = await sql.get<ConcurrencyLimitRow>(
    `select * from concurrency_limit where ${keyColumn(args.idOrName)} = ?`,
    [key(args.idOrName)],
  )
  if (!row) throw httpError(404, 'Concurrency Limit not found')
  return ok(encodeGlobalLimit(row, sql.nowUs))
}

async function listConcurrencyLimitsV2(sql: Sql, args: { page: Page }): Promise<Answer> {
  const rows = await sql.all<ConcurrencyLimitRow>('select * from concurrency_limit order by name limit ? offset ?', [
    args.page.limit,
    args.page.offset,
  ])
  return ok(jsonArray(rows.map((row) => encodeGlobalLimit(row, sql.nowUs))))
}

async function readTagLimit(sql: Sql, args: { id: string } | { tag: string }): Promise<Answer> {
  const row =
    'id' in args
      ? await sql.get<ConcurrencyLimitRow>(
          `select * from concurrency_limit where id = ? and name like 'tag:%'`,
          [args.id],
        )
      : await sql.get<ConcurrencyLimitRow>('select * from concurrency_limit where name = ?', [`tag:${args.tag}`])
  if (!row) throw httpError(404, 'Concurrency limit not found')
  return ok(await tagLimitJson(sql, row))
}

async function listTagLimits(sql: Sql, args: { page: Page }): Promise<Answer> {
  const rows = await sql.all<ConcurrencyLimitRow>(
    `select * from concurrency_limit where name like 'tag:%' order by name limit ? offset ?`,
    [args.page.limit, args.page.offset],
  )
  const members: string[] = []
  for (const row of rows) members.push(await tagLimitJson(sql, row))
  return ok(jsonArray(members))
}

export const concurrencyLimitQueries = {
  readConcurrencyLimitV2,
  listConcurrencyLimitsV2,
  readTagLimit,
  listTagLimits,
}
