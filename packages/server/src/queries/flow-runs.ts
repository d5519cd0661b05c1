import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { EntityFilters } from '../storage/filters/entities.ts'
import { newestFlowRuns, pageOfFlowRuns, scopeFlowRuns } from '../storage/filters/flow-run-scope.ts'
import { pageJson, type Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { floatJson } from '../storage/row-encoder.ts'
import {
  encodeFlowRun, encodeSimpleFlowRun, shownFlowRuns, type ShownFlowRunRow, type SimpleFlowRunRow,
} from '../storage/rows/flow-runs.ts'
import { asTallied, sumTallied } from './flow-run-tally.ts'

const startTime = 'coalesce(flow_run.start_time, flow_run.expected_start_time)'

const orders = {
  ID_DESC: { key: 'flow_run.id', descending: true },
  START_TIME_ASC: { key: startTime, descending: false },
  START_TIME_DESC: { key: startTime, descending: true },
  EXPECTED_START_TIME_ASC: { key: 'flow_run.expected_start_time', descending: false },
  EXPECTED_START_TIME_DESC: { key: 'flow_run.expected_start_time', descending: true },
  NAME_ASC: { key: 'flow_run.name', descending: false },
  NAME_DESC: { key: 'flow_run.name', descending: true },
  NEXT_SCHEDULED_START_TIME_ASC: { key: 'flow_run.next_scheduled_start_time', descending: false },
  END_TIME_DESC: { key: 'flow_run.end_time', descending: true },
} as const

export type FlowRunSort = keyof typeof orders

async function readFlowRun(sql: Sql, args: { id: string }): Promise<Answer> {
  const row = await sql.get<ShownFlowRunRow>(`${shownFlowRuns} where flow_run.id = ?`, [args.id])
  if (!row) throw httpError(404, 'Flow run not found')
  return ok(encodeFlowRun(row, sql.nowUs))
}

async function listFlowRuns(sql: Sql, args: { filters: EntityFilters; sort: FlowRunSort; page: Page }): Promise<Answer> {
  return ok(jsonArray(await selectFlowRuns(sql, args)))
}

async function countFlowRuns(sql: Sql, args: { filters: EntityFilters }): Promise<Answer> {
  return ok(String(await count(sql, args.filters)))
}

async function paginateFlowRuns(
  sql: Sql,
  args: { filters: EntityFilters; sort: FlowRunSort; limit: number; page: number },
): Promise<Answer> {
  const page = { limit: args.limit, offset: (args.page - 1) * args.limit }
  const results = await selectFlowRuns(sql, { ...args, page })
  return ok(pageJson(results, await count(sql, args.filters), args.limit, args.page))
}

async function selectFlowRuns(
  sql: Sql,
  args: { filters: EntityFilters; sort: FlowRunSort; page: Page },
): Promise<string[]> {
  const rows = await selectPage<ShownFlowRunRow>(sql, shownFlowRuns, args)
  return rows.map((row) => encodeFlowRun(row, sql.nowUs))
}

/** One page of runs out of `select`, which reads from flow_run. */
async function selectPage<Row>(
  sql: Sql,
  select: string,
  args: { filters: EntityFilters; sort: FlowRunSort; page: Page },
): Promise<Row[]> {
  const { key, descending } = orders[args.sort]
  const order = `order by ${key}${descending ? ' desc' : ''}`
  const scope = await scopeFlowRuns(sql, args.filters)
  const page =
    args.sort === 'ID_DESC'
      ? await newestFlowRuns(sql, scope, args.page)
      : pageOfFlowRuns(scope, { key, descending }, args.page)
  if (page) return sql.all<Row>(`${select} where ${page.text} ${order}`, page.params)
  return sql.all<Row>(`${select} where ${scope.where.text} ${order} limit ? offset ?`, [
    ...scope.where.params,
    args.page.limit,
    args.page.offset,
  ])
}

async function count(sql: Sql, filters: EntityFilters): Promise<number> {
  const tallied = asTallied(filters)
  if (tallied) return (await sumTallied(sql, tallied)).runs
  const { where } = await scopeFlowRuns(sql, filters)
  const row = await sql.get<{ n: number }>(`select count(*) as n from flow_run where ${where.text}`, where.params)
  return row?.n ?? 0
}

/** Mean lateness in seconds over the runs that match, or null when there are none. */
async function averageLateness(sql: Sql, args: { filters: EntityFilters }): Promise<Answer> {
  const tallied = asTallied(args.filters)
  if (tallied) {
    const { runs, latenessSeconds } = await sumTallied(sql, tallied)
    return ok(runs === 0 ? 'null' : floatJson(latenessSeconds / runs))
  }
  const { where } = await scopeFlowRuns(sql, args.filters)
  const row = await sql.get<{ lateness: number | null }>(
    `select avg(case
         when flow_run.start_time > flow_run.expected_start_time then flow_run.start_time - flow_run.expected_start_time
         when flow_run.start_time is null and flow_run.expected_start_time < ?
           and flow_run.state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') then ? - flow_run.expected_start_time
         else 0 end) as lateness
     from flow_run where ${where.text}`,
    [sql.nowUs, sql.nowUs, ...where.params],
  )
  const us = row?.lateness ?? null
  return ok(us === null ? 'null' : floatJson(Number(us) / 1e6))
}

/** Short forms of runs for a chart: `/ui/flow_runs/history`. */
async function listSimpleFlowRuns(
  sql: Sql,
  args: { filters: EntityFilters; sort: FlowRunSort; page: Page },
): Promise<Answer> {
  const rows = await selectPage<SimpleFlowRunRow>(
    sql,
    `select flow_run.id, flow_run.state_type, flow_run.state_timestamp, flow_run.start_time, flow_run.expected_start_time,
       flow_run.total_run_time
     from flow_run`,
    args,
  )
  return ok(jsonArray(rows.map((row) => encodeSimpleFlowRun(row, sql.nowUs))))
}

/** Ids of the newest runs that match. */
async function listFlowRunIds(sql: Sql, args: { filters: EntityFilters; limit: number }): Promise<string[]> {
  const { where } = await scopeFlowRuns(sql, args.filters)
  const rows = await sql.all<{ id: string }>(
    `select flow_run.id from flow_run where ${where.text} order by flow_run.id desc limit ?`,
    [...where.params, args.limit],
  )
  return rows.map((row) => row.id)
}

export const flowRunQueries = {
  listFlowRunIds,
  readFlowRun,
  listFlowRuns,
  countFlowRuns,
  paginateFlowRuns,
  averageLateness,
  listSimpleFlowRuns,
}
