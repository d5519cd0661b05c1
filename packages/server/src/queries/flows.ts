import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { listCondition, type EntityFilters } from '../storage/filters/entities.ts'
import { pageJson, type Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeFlow, type FlowRow } from '../storage/rows/flows.ts'

const orders = {
  NAME_ASC: 'flow.name',
  NAME_DESC: 'flow.name desc',
  CREATED_DESC: 'flow.created desc',
  UPDATED_DESC: 'flow.updated desc',
} as const

type FlowSort = keyof typeof orders

async function readFlow(sql: Sql, args: { id: string } | { name: string }): Promise<Answer> {
  const flow =
    'id' in args
      ? await sql.get<FlowRow>('select * from flow where id = ?', [args.id])
      : await sql.get<FlowRow>('select * from flow where name = ?', [args.name])
  if (!flow) throw httpError(404, 'Flow not found')
  return ok(encodeFlow(flow, sql.nowUs))
}

async function listFlows(sql: Sql, args: { filters: EntityFilters; sort: FlowSort; page: Page }): Promise<Answer> {
  return ok(jsonArray(await selectFlows(sql, args)))
}

async function countFlows(sql: Sql, args: { filters: EntityFilters }): Promise<Answer> {
  return ok(String(await count(sql, args.filters)))
}

async function paginateFlows(
  sql: Sql,
  args: { filters: EntityFilters; sort: FlowSort; limit: number; page: number },
): Promise<Answer> {
  const page = { limit: args.limit, offset: (args.page - 1) * args.limit }
  const results = await selectFlows(sql, { ...args, page })
  return ok(pageJson(results, await count(sql, args.filters), args.limit, args.page))
}

async function selectFlows(sql: Sql, args: { filters: EntityFilters; sort: FlowSort; page: Page }): Promise<string[]> {
  const where = listCondition('flow', args.filters)
  const rows = await sql.all<FlowRow>(
    `select * from flow where ${where.text} order by ${orders[args.sort]} limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  return rows.map((row) => encodeFlow(row, sql.nowUs))
}

async function count(sql: Sql, filters: EntityFilters): Promise<number> {
  const where = listCondition('flow', filters)
  const row = await sql.get<{ n: number }>(`select count(*) as n from flow where ${where.text}`, where.params)
  return row?.n ?? 0
}

/** Ids of the first flows by name that match. */
async function listFlowIds(sql: Sql, args: { filters: EntityFilters; limit: number }): Promise<string[]> {
  const where = listCondition('flow', args.filters)
  const rows = await sql.all<{ id: string }>(`select flow.id from flow where ${where.text} order by flow.name limit ?`, [
    ...where.params,
    args.limit,
  ])
  return rows.map((row) => row.id).sort()
}

export const flowQueries = { readFlow, listFlowIds, listFlows, countFlows, paginateFlows }
