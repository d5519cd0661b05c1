import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import { completeDeployments } from '../storage/deployment-parts.ts'
import { listCondition, type EntityFilters } from '../storage/filters/entities.ts'
import { pageJson, type Page } from '../storage/page.ts'
import type { Answer, Sql, SqlParam } from '../storage/port.ts'
import {
  encodeDeployment, encodeDeploymentSchedule, shownDeployments, type DeploymentScheduleRow, type ShownDeploymentRow,
} from '../storage/rows/deployments.ts'
import { encodePlainWorkQueue, type WorkQueueRow } from '../storage/rows/work-queues.ts'

const orders = {
  NAME_ASC: 'deployment.name',
  NAME_DESC: 'deployment.name desc',
  CREATED_DESC: 'deployment.created desc',
  UPDATED_DESC: 'deployment.updated desc',
} as const

type DeploymentSort = keyof typeof orders

async function encodeAll(sql: Sql, tail: string, params: readonly SqlParam[]): Promise<string[]> {
  const rows = await sql.all<ShownDeploymentRow>(`${shownDeployments} ${tail}`, params)
  await completeDeployments(sql, rows)
  return rows.map((row) => encodeDeployment(row, sql.nowUs))
}

async function readDeployment(sql: Sql, args: { id: string } | { flowName: string; name: string }): Promise<Answer> {
  const [json] =
    'id' in args
      ? await encodeAll(sql, 'where deployment.id = ?', [args.id])
      : await encodeAll(
          sql,
          'where deployment.name = ? and deployment.flow_id = (select flow.id from flow where flow.name = ?)',
          [args.name, args.flowName],
        )
  if (json === undefined) throw httpError(404, 'Deployment not found')
  return ok(json)
}

interface ListArgs {
  filters: EntityFilters
  sort: DeploymentSort
}

async function listDeployments(sql: Sql, args: ListArgs & { page: Page }): Promise<Answer> {
  return ok(jsonArray(await select(sql, args, args.page)))
}

async function countDeployments(sql: Sql, args: { filters: EntityFilters }): Promise<Answer> {
  return ok(String(await count(sql, args.filters)))
}

async function paginateDeployments(sql: Sql, args: ListArgs & { limit: number; page: number }): Promise<Answer> {
  const results = await select(sql, args, { limit: args.limit, offset: (args.page - 1) * args.limit })
  return ok(pageJson(results, await count(sql, args.filters), args.limit, args.page))
}

function select(sql: Sql, args: ListArgs, page: Page): Promise<string[]> {
  const where = listCondition('deployment', args.filters)
  return encodeAll(sql, `where ${where.text} order by ${orders[args.sort]} limit ? offset ?`, [
    ...where.params,
    page.limit,
    page.offset,
  ])
}

async function count(sql: Sql, filters: EntityFilters): Promise<number> {
  const where = listCondition('deployment', filters)
  const row = await sql.get<{ n: number }>(`select count(*) as n from deployment where ${where.text}`, where.params)
  return row?.n ?? 0
}

async function listDeploymentSchedules(sql: Sql, args: { deploymentId: string }): Promise<Answer> {
  if (!(await sql.get('select 1 from deployment where id = ?', [args.deploymentId]))) {
    throw httpError(404, 'Deployment not found.')
  }
  const rows = await sql.all<DeploymentScheduleRow>(
    'select * from deployment_schedule where deployment_id = ? order by updated desc, id desc limit 1000',
    [args.deploymentId],
  )
  return ok(jsonArray(rows.map((row) => encodeDeploymentSchedule(row, sql.nowUs))))
}

/** Queues that would take this deployment's runs: those that choose by tags or deployments may not, all others do. */
async function checkQueuesOfDeployment(sql: Sql, args: { id: string }): Promise<Answer> {
  const deployment = await sql.get<{ tags: string }>('select tags from deployment where id = ?', [args.id])
  if (!deployment) throw httpError(404, 'Deployment not found')
  const tags = new Set<string>(JSON.parse(deployment.tags))
  const queues = await sql.all<WorkQueueRow>('select * from work_queue order by created limit 10000')
  const chosen = queues.filter((queue) => {
    if (queue.filter === null) return true
    const filter = JSON.parse(queue.filter) as { tags?: string[] | null; deployment_ids?: string[] | null }
    const ids = filter.deployment_ids ?? []
    return (filter.tags ?? []).every((tag) => tags.has(tag)) && (ids.length === 0 || ids.includes(args.id))
  })
  return ok(jsonArray(chosen.map((queue) => encodePlainWorkQueue(queue, sql.nowUs))))
}

/** Deployments that the scheduler has to look at, in the order of their ids. */
async function deploymentsToSchedule(
  sql: Sql,
  args: { afterId: string; recentSeconds: number | null },
): Promise<string[]> {
  const { minRuns, minScheduledSeconds, deploymentBatchSize } = sql.settings.scheduler
  if (args.recentSeconds !== null) {
    const recent = await sql.all<{ id: string }>(
      `select id from deployment where updated >= ? and id > ? and paused = 0
         and exists (select 1 from deployment_schedule s where s.deployment_id = deployment.id and s.active = 1)
       order by id limit ?`,
      [sql.nowUs - args.recentSeconds * 1e6, args.afterId, deploymentBatchSize],
    )
    return recent.map(({ id }) => id)
  }
  const rows = await sql.all<{ id: string }>(
    `select d.id from deployment d where d.id > ? and d.paused = 0 and exists (
       select 1 from deployment_schedule s where s.deployment_id = d.id and s.active = 1 and (
         select count(*) < ? or max(r.next_scheduled_start_time) < ? from flow_run r
         where r.deployment_id = d.id and r.state_type = 'SCHEDULED' and r.next_scheduled_start_time >= ?
           and r.auto_scheduled = 1 and r.created_by ->> 'id' = s.id
       )
     ) order by d.id limit ?`,
    [args.afterId, minRuns, sql.nowUs + minScheduledSeconds * 1e6, sql.nowUs, deploymentBatchSize],
  )
  return rows.map(({ id }) => id)
}

export const deploymentQueries = {
  readDeployment, listDeployments, countDeployments, paginateDeployments, listDeploymentSchedules, checkQueuesOfDeployment,
  deploymentsToSchedule,
}
