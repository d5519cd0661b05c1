import { jsonArray } from './answers.ts'
import type { Sql } from './port.ts'
import type { ConcurrencyLimitRow } from './rows/concurrency-limits.ts'
import { encodeDeploymentSchedule, type DeploymentScheduleRow, type ShownDeploymentRow } from './rows/deployments.ts'

/** Adds the schedules and limits of deployments to their rows: two statements whatever their number. */
export async function completeDeployments(sql: Sql, rows: readonly ShownDeploymentRow[]): Promise<void> {
  if (rows.length === 0) return
  const schedules = new Map<string, string[]>()
  const scheduleRows = await sql.all<DeploymentScheduleRow>(
    `select * from deployment_schedule where deployment_id in (select value from json_each(?)) order by updated desc, id desc`,
    [JSON.stringify(rows.map(({ id }) => id))],
  )
  for (const row of scheduleRows) {
    const encoded = encodeDeploymentSchedule(row, sql.nowUs)
    const list = schedules.get(row.deployment_id)
    if (list) list.push(encoded)
    else schedules.set(row.deployment_id, [encoded])
  }
  const limitIds = rows.flatMap(({ concurrency_limit_id: id }) => id ?? [])
  const limits = new Map<string, ConcurrencyLimitRow>()
  if (limitIds.length > 0) {
    const limitRows = await sql.all<ConcurrencyLimitRow>(
      'select * from concurrency_limit where id in (select value from json_each(?))',
      [JSON.stringify(limitIds)],
    )
    for (const row of limitRows) limits.set(row.id, row)
  }
  for (const row of rows) {
    row.schedules = jsonArray(schedules.get(row.id) ?? [])
    row.limit_row = limits.get(row.concurrency_limit_id ?? '') ?? null
  }
}
