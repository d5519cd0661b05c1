import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { allOf, anyOf, columnLeaf, condition, timeLeaf, type Condition, type Filter } from '../storage/filters/condition.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeLog, type LogRow } from '../storage/rows/logs.ts'
import { parseTextQuery } from '@spillway/core/domain/text-search'

const leaves = {
  level: columnLeaf('log.level'),
  timestamp: timeLeaf('log.timestamp'),
  flow_run_id: columnLeaf('log.flow_run_id'),
  task_run_id: columnLeaf('log.task_run_id'),
}

/** The members of a log filter; the groups of a text search are members of their own, which matters under `or_`. */
export function logCondition(filter: Filter | null | undefined): Condition {
  if (!filter) return allOf([])
  const conditions: Condition[] = []
  for (const [name, leaf] of Object.entries(leaves)) {
    const member = filter[name] as Filter | null | undefined
    if (member) conditions.push(leaf(member) ?? allOf([]))
  }
  const text = filter['text'] as { query: string } | null | undefined
  if (text) conditions.push(...textConditions(text.query))
  return filter['operator'] === 'or_' ? anyOf(conditions) : allOf(conditions)
}

function textConditions(query: string): Condition[] {
  const { include, exclude, required } = parseTextQuery(query)
  const contains = (term: string, yes = true): Condition =>
    condition(`instr(lower(log.message || ' ' || log.name), lower(?)) ${yes ? '>' : '='} 0`, term)
  return [
    ...(include.length > 0 ? [anyOf(include.map((term) => contains(term)))] : []),
    ...(exclude.length > 0 ? [allOf(exclude.map((term) => contains(term, false)))] : []),
    ...(required.length > 0 ? [allOf(required.map((term) => contains(term)))] : []),
  ]
}

async function listLogs(
  sql: Sql,
  args: { filter: Filter | null | undefined; sort: 'TIMESTAMP_ASC' | 'TIMESTAMP_DESC'; page: Page },
): Promise<Answer> {
  const where = logCondition(args.filter)
  const direction = args.sort === 'TIMESTAMP_DESC' ? 'desc' : 'asc'
  const rows = await sql.all<LogRow>(
    `select * from log where ${where.text} order by timestamp ${direction}, seq ${direction} limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  return ok(jsonArray(rows.map((row) => encodeLog(row, sql.nowUs))))
}

/** A run's log lines after a cursor, for the CSV download, which goes out page by page. */
async function readLogPage(
  sql: Sql,
  args: { flowRunId: string; after: { timestamp: number; seq: number } | undefined; limit: number },
): Promise<{ rows: LogRow[]; next: { timestamp: number; seq: number } | undefined; flowRunName: string }> {
  const run = await sql.get<{ name: string }>('select name from flow_run where id = ?', [args.flowRunId])
  if (!run) throw httpError(404, 'Flow run not found')
  const rows = await sql.all<LogRow & { seq: number }>(
    `select * from log where flow_run_id = ? ${args.after ? 'and (timestamp, seq) > (?, ?)' : ''} order by timestamp, seq limit ?`,
    [args.flowRunId, ...(args.after ? [args.after.timestamp, args.after.seq] : []), args.limit],
  )
  const last = rows.length === args.limit ? rows.at(-1) : undefined
  return { rows, next: last && { timestamp: last.timestamp, seq: last.seq }, flowRunName: run.name }
}

export const logQueries = { listLogs, readLogPage }
