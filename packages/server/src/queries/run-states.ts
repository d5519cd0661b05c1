import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { Answer, Sql } from '../storage/port.ts'

/** More states of one run than these are cut off, oldest first. */
const STATES_MAX = 10_000

type Runs = 'flow_run' | 'task_run'

async function readRunState(sql: Sql, args: { runs: Runs; id: string }): Promise<Answer> {
  const row = await sql.get<{ state: string }>(`select state from ${args.runs}_state where id = ?`, [args.id])
  // Prefect says "Flow run state" for states of task runs too.
  if (!row) throw httpError(404, 'Flow run state not found')
  return ok(row.state)
}

/** All states of one run in order of time. */
async function listRunStates(sql: Sql, args: { runs: Runs; runId: string }): Promise<Answer> {
  const rows = await sql.all<{ state: string }>(
    `select state from ${args.runs}_state where ${args.runs}_id = ? order by timestamp limit ?`,
    [args.runId, STATES_MAX],
  )
  return ok(jsonArray(rows.map((row) => row.state)))
}

export const runStateQueries = { readRunState, listRunStates }
