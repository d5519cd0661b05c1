import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { isIn, not } from '../storage/filters/condition.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeFlowRunInput, type FlowRunInputRow } from '../storage/rows/flow-run-inputs.ts'

/** Inputs given back at most, also where a caller sets no bound. */
const INPUTS_MAX = 10_000

/** The raw text of an input. */
async function readFlowRunInput(sql: Sql, args: { flowRunId: string; key: string }): Promise<string> {
  const row = await sql.get<{ value: string }>('select value from flow_run_input where flow_run_id = ? and key = ?', [
    args.flowRunId,
    args.key,
  ])
  if (!row) throw httpError(404, 'Flow run input not found')
  return row.value
}

/** Inputs whose key starts with `prefix`, oldest first. A negative limit means all. */
async function filterFlowRunInputs(
  sql: Sql,
  args: { flowRunId: string; prefix: string; limit: number; excludeKeys: string[] },
): Promise<Answer> {
  const { flowRunId, prefix, limit, excludeKeys } = args
  const excluded = not(isIn('key', excludeKeys))
  const rows = await sql.all<FlowRunInputRow>(
    `select * from flow_run_input where flow_run_id = ? and substr(key, 1, ?) = ? and ${excluded.text}
     order by created, id limit ?`,
    [flowRunId, prefix.length, prefix, ...excluded.params, limit < 0 ? INPUTS_MAX : Math.min(limit, INPUTS_MAX)],
  )
  return ok(jsonArray(rows.map((row) => encodeFlowRunInput(row, sql.nowUs))))
}

export const flowRunInputQueries = { readFlowRunInput, filterFlowRunInputs }
