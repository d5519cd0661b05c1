import { readCatchUp, whySkipped } from '@spillway/core/domain/catch-up'
import type { Awaitable, Sql } from './port.ts'
import type { FlowRunRow } from './rows/flow-runs.ts'

/** A condition of two indexes, in the words that they were made with. */
const hasCatchUp = `auto_scheduled = 1 and instr(labels, '"spillway.') > 0`

/**
 * Runs whose time has come and that nobody has taken; one that waits for a slot or a retry was taken before. The name stands in coalesce()
 * because its index would be the wrong one.
 */
const waits = `state_type = 'SCHEDULED' and coalesce(state_name, '') in ('Scheduled', 'Late') and run_count = 0 and next_scheduled_start_time <= ?
  and ${hasCatchUp}`

const facts = `select id, labels, next_scheduled_start_time as due, exists (
    select 1 from (
      select deployment_id, created_by, expected_start_time from flow_run where ${hasCatchUp}
    ) newer
    where newer.deployment_id = run.deployment_id and newer.created_by ->> 'display_value' = run.created_by ->> 'display_value'
      and newer.expected_start_time > run.next_scheduled_start_time and newer.expected_start_time <= ?
  ) as is_newer_due`

/** By their ids. */
export const waitingRunsById = `${facts} from (select value as wanted from json_each(?)) cross join flow_run run where run.id = wanted and ${waits}`

/** The next ones after a cursor. */
export const waitingRunsAfter = `${facts} from flow_run run where ${waits} and (next_scheduled_start_time, id) > (?, ?)
  order by next_scheduled_start_time, id limit ?`

interface Facts {
  id: string
  labels: string
  due: number
  is_newer_due: number
}

export interface SkippedRun {
  id: string
  message: string
}

/** How far a look at the waiting runs has come. */
export interface CatchUpCursor {
  dueUs: number
  id: string
}

function judged(sql: Sql, rows: readonly Facts[]): SkippedRun[] {
  return rows.flatMap(({ id, labels, due, is_newer_due: isNewerDue }) => {
    const run = { dueUs: due, isNewerDue: isNewerDue === 1 }
    const message = whySkipped(readCatchUp(JSON.parse(labels)), run, sql.nowUs, sql.settings.catchUpGraceSeconds)
    return message === null ? [] : [{ id, message }]
  })
}

/** Of these runs, those that their deployments do not want to start any more. */
export async function runsToSkip(sql: Sql, ids: readonly string[]): Promise<SkippedRun[]> {
  return judged(sql, await sql.all<Facts>(waitingRunsById, [sql.nowUs, JSON.stringify(ids), sql.nowUs]))
}

/** The same of the next `limit` waiting runs after a cursor. @returns the cursor to go on from, null at the end. */
export async function nextRunsToSkip(
  sql: Sql,
  after: CatchUpCursor | null,
  limit: number,
): Promise<{ ids: string[]; next: CatchUpCursor | null }> {
  const rows = await sql.all<Facts>(waitingRunsAfter, [sql.nowUs, sql.nowUs, after?.dueUs ?? 0, after?.id ?? '', limit])
  const last = rows.at(-1)
  const next = last && rows.length === limit ? { dueUs: last.due, id: last.id } : null
  return { ids: judged(sql, rows).map(({ id }) => id), next }
}

type PolledRow = Pick<FlowRunRow, 'id' | 'labels' | 'auto_scheduled'>

/** What a poll may hand out of the runs that it has found. Costs a statement only where one of them has the labels. */
export async function withoutSkipped<Row extends PolledRow>(sql: Sql, runs: Row[]): Promise<Row[]> {
  const asked = runs.filter((run) => run.auto_scheduled === 1 && run.labels.includes('"spillway.'))
  if (asked.length === 0) return runs
  const skipped = new Set((await runsToSkip(sql, asked.map(({ id }) => id))).map(({ id }) => id))
  return skipped.size === 0 ? runs : runs.filter(({ id }) => !skipped.has(id))
}

/** Pages that a poll reads, and the least size of those after the first. */
const pollPages = 5
const pollPageRuns = 200

/**
 * The first `limit` runs that may be handed out. Where some may not, it reads on, so that they do not stand in the way of those behind
 * them; beyond some pages the next poll does better, when the service has taken them away.
 *
 * @param read gives due runs by time
 */
export async function runsToHandOut<Row extends PolledRow>(
  sql: Sql,
  limit: number,
  read: (limit: number, offset: number) => Awaitable<Row[]>,
): Promise<Row[]> {
  const found: Row[] = []
  let offset = 0
  for (let page = 0; page < pollPages && found.length < limit; page++) {
    const size = page === 0 ? limit : Math.max(limit, pollPageRuns)
    const runs = await read(size, offset)
    const kept = await withoutSkipped(sql, runs)
    found.push(...kept)
    if (runs.length < size || kept.length === runs.length) break
    offset += runs.length
  }
  return found.slice(0, limit)
}
