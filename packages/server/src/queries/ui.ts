import { STATE_TYPES, type StateType } from '@spillway/core/domain/state'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import { ok } from '../storage/answers.ts'
import { listCondition, type EntityFilters } from '../storage/filters/entities.ts'
import type { Answer, Sql } from '../storage/port.ts'

/** `id → json`, in the order asked for; ids without a value get `absent`. */
function mapJson(ids: readonly string[], values: ReadonlyMap<string, string>, absent: string): string {
  const members = [...new Set(ids)].map((id) => `"${id}":${values.get(id) ?? absent}`)
  return `{${members.join()}}`
}

async function countDeploymentsByFlow(sql: Sql, args: { flowIds: string[] }): Promise<Answer> {
  const rows = await sql.all<{ flow_id: string; n: number }>(
    `select flow_id, count(*) as n from deployment where flow_id in (select value from json_each(?)) group by flow_id`,
    [JSON.stringify(args.flowIds)],
  )
  return ok(mapJson(args.flowIds, new Map(rows.map((row) => [row.flow_id, String(row.n)])), '0'))
}

/** Task runs of each flow run, without those that stand for a subflow. */
async function countTaskRunsByFlowRun(sql: Sql, args: { flowRunIds: string[] }): Promise<Answer> {
  const rows = await sql.all<{ flow_run_id: string; n: number }>(
    `select t.flow_run_id, count(*) as n from task_run t
     where t.flow_run_id in (select value from json_each(?))
       and not exists (select 1 from flow_run c where c.parent_task_run_id = t.id)
     group by t.flow_run_id`,
    [JSON.stringify(args.flowRunIds)],
  )
  return ok(mapJson(args.flowRunIds, new Map(rows.map((row) => [row.flow_run_id, String(row.n)])), '0'))
}

interface NextRunRow {
  id: string
  flow_id: string
  name: string
  state_name: string
  state_type: string
  next_scheduled_start_time: number
}

/** The scheduled run of each flow that is due first. */
async function readNextRunsByFlow(sql: Sql, args: { flowIds: string[] }): Promise<Answer> {
  const next = new Map<string, string>()
  for (const flowId of new Set(args.flowIds)) {
    const row = await sql.get<NextRunRow>(
      `select id, flow_id, name, state_name, state_type, next_scheduled_start_time from flow_run
       where flow_id = ? and state_type = 'SCHEDULED' and next_scheduled_start_time is not null
       order by next_scheduled_start_time limit 1`,
      [flowId],
    )
    if (!row) continue
    const { next_scheduled_start_time, ...rest } = row
    next.set(flowId, JSON.stringify({ ...rest, next_scheduled_start_time: formatIso(next_scheduled_start_time) }))
  }
  return ok(mapJson(args.flowIds, next, 'null'))
}

const DASHBOARD_BUCKETS = 20
const MINUTE_US = 60_000_000

/** Finished task runs in twenty equal stretches between two whole minutes, by whether they came through. */
async function readDashboardTaskRunCounts(
  sql: Sql,
  args: { filters: EntityFilters; after: string; before: string | null },
): Promise<Answer> {
  const floorMinute = (us: number): number => Math.floor(us / MINUTE_US) * MINUTE_US
  const startUs = floorMinute(parseIso(args.after) ?? 0)
  const endUs = floorMinute(args.before === null ? sql.nowUs : (parseIso(args.before) ?? sql.nowUs)) + MINUTE_US - 1
  const stretchUs = Math.ceil((endUs - startUs) / DASHBOARD_BUCKETS)
  const filters: EntityFilters = {
    ...args.filters,
    task_runs: { ...args.filters.task_runs, state: { type: { any_: ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'] } } },
  }
  const where = listCondition('task_run', filters)
  const rows = await sql.all<{ bucket: number; failed: number; total: number }>(
    `select cast((task_run.start_time - ?) / ? as integer) as bucket, count(*) as total,
       sum(case when task_run.state_type in ('FAILED', 'CRASHED') then 1 else 0 end) as failed
     from task_run where ${where.text} group by 1`,
    [startUs, stretchUs, ...where.params],
  )
  const counts = Array.from({ length: DASHBOARD_BUCKETS }, () => ({ completed: 0, failed: 0 }))
  for (const { bucket, failed, total } of rows) {
    const count = counts[Math.min(Number(bucket), DASHBOARD_BUCKETS - 1)]
    if (!count) continue
    count.completed += Number(total) - Number(failed)
    count.failed += Number(failed)
  }
  return ok(JSON.stringify(counts))
}

async function countTaskRunsByState(sql: Sql, args: { filters: EntityFilters }): Promise<Answer> {
  const where = listCondition('task_run', args.filters)
  const rows = await sql.all<{ state_type: StateType | null; n: number }>(
    `select task_run.state_type, count(*) as n from task_run where ${where.text} group by task_run.state_type`,
    where.params,
  )
  const counts: Partial<Record<StateType, number>> = {}
  for (const type of STATE_TYPES) counts[type] = 0
  for (const row of rows) if (row.state_type) counts[row.state_type] = Number(row.n)
  return ok(JSON.stringify(counts))
}

export const uiQueries = {
  countDeploymentsByFlow,
  countTaskRunsByFlowRun,
  readNextRunsByFlow,
  readDashboardTaskRunCounts,
  countTaskRunsByState,
}
