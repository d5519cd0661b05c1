import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { listCondition, type EntityFilters } from '../storage/filters/entities.ts'
import { pageJson, type Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { encodeTaskRun, encodeTaskRunResponse, encodeUiTaskRun, type TaskRunRow } from '../storage/rows/task-runs.ts'

const orders = {
  ID_DESC: 'task_run.id desc',
  EXPECTED_START_TIME_ASC: 'task_run.expected_start_time',
  EXPECTED_START_TIME_DESC: 'task_run.expected_start_time desc',
  NAME_ASC: 'task_run.name',
  NAME_DESC: 'task_run.name desc',
  NEXT_SCHEDULED_START_TIME_ASC: 'task_run.next_scheduled_start_time',
  END_TIME_DESC: 'task_run.end_time desc',
} as const

export type TaskRunSort = keyof typeof orders

async function readTaskRun(sql: Sql, args: { id: string }): Promise<Answer> {
  const row = await sql.get<TaskRunRow>('select * from task_run where id = ?', [args.id])
  if (!row) throw httpError(404, 'Task not found')
  return ok(encodeTaskRun(row, sql.nowUs))
}

/** A task run with the name of its flow run. */
async function readUiTaskRun(sql: Sql, args: { id: string }): Promise<Answer> {
  const row = await sql.get<TaskRunRow & { flow_run_name: string | null }>(
    `select task_run.*, r.name as flow_run_name from task_run left join flow_run r on r.id = task_run.flow_run_id
     where task_run.id = ?`,
    [args.id],
  )
  if (!row) throw httpError(404, 'Task not found')
  return ok(encodeUiTaskRun(row, sql.nowUs))
}

async function listTaskRuns(sql: Sql, args: { filters: EntityFilters; sort: TaskRunSort; page: Page }): Promise<Answer> {
  const rows = await selectTaskRuns(sql, args)
  return ok(jsonArray(rows.map((row) => encodeTaskRun(row, sql.nowUs))))
}

async function countTaskRuns(sql: Sql, args: { filters: EntityFilters }): Promise<Answer> {
  return ok(String(await count(sql, args.filters)))
}

async function paginateTaskRuns(
  sql: Sql,
  args: { filters: EntityFilters; sort: TaskRunSort; limit: number; page: number },
): Promise<Answer> {
  const page = { limit: args.limit, offset: (args.page - 1) * args.limit }
  const rows = await selectTaskRuns(sql, { ...args, page })
  const results = rows.map((row) => encodeTaskRunResponse(row, sql.nowUs))
  return ok(pageJson(results, await count(sql, args.filters), args.limit, args.page))
}

function selectTaskRuns(sql: Sql, args: { filters: EntityFilters; sort: TaskRunSort; page: Page }) {
  const where = listCondition('task_run', args.filters)
  return sql.all<TaskRunRow>(
    `select task_run.* from task_run where ${where.text} order by ${orders[args.sort]} limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
}

async function count(sql: Sql, filters: EntityFilters): Promise<number> {
  const where = listCondition('task_run', filters)
  const row = await sql.get<{ n: number }>(`select count(*) as n from task_run where ${where.text}`, where.params)
  return row?.n ?? 0
}

export const taskRunQueries = { readTaskRun, readUiTaskRun, listTaskRuns, countTaskRuns, paginateTaskRuns }
