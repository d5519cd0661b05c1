import { httpError, objectNotFound } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { Filter } from '../storage/filters/condition.ts'
import { workQueueFilter } from '../storage/filters/entities.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { slotSummaryJson, type SlotHolderRow } from '../storage/rows/slot-holders.ts'
import {
  encodePlainWorkQueue, encodeWorkQueue, shownLegacyQueues, shownPoolQueues, type ShownWorkQueueRow, type WorkQueueRow,
} from '../storage/rows/work-queues.ts'

const legacyPoolName = 'default-agent-pool'

async function readPoolQueue(sql: Sql, args: { poolName: string; name: string }): Promise<Answer> {
  const queue = await sql.get<ShownWorkQueueRow>(`${shownPoolQueues} where work_pool.name = ? and work_queue.name = ?`, [
    args.poolName,
    args.name,
  ])
  if (!queue) throw httpError(404, `Work pool queue '${args.poolName}/${args.name}' not found.`)
  return ok(encodeWorkQueue(queue, sql.nowUs))
}

async function listPoolQueues(sql: Sql, args: { poolName: string; filter: Filter | null; page: Page }): Promise<Answer> {
  const pool = await sql.get<{ id: string }>('select id from work_pool where name = ?', [args.poolName])
  if (!pool) throw httpError(404, `Work pool "${args.poolName}" not found.`)
  const where = workQueueFilter(args.filter)
  const queues = await sql.all<ShownWorkQueueRow>(
    `${shownPoolQueues} where work_queue.work_pool_id = ? and ${where.text} order by work_queue.priority limit ? offset ?`,
    [pool.id, ...where.params, args.page.limit, args.page.offset],
  )
  return ok(jsonArray(queues.map((queue) => encodeWorkQueue(queue, sql.nowUs))))
}

async function readLegacyQueue(sql: Sql, args: { id: string } | { name: string }): Promise<Answer> {
  const queue =
    'id' in args
      ? await sql.get<ShownWorkQueueRow>(`${shownLegacyQueues} where work_queue.id = ?`, [args.id])
      : await legacyQueueByName(sql, args.name)
  if (!queue) throw httpError(404, 'work queue not found')
  return ok(encodeWorkQueue(queue, sql.nowUs))
}

/** While there is a pool for agents only its queues count; without it any queue of that name. */
async function legacyQueueByName(sql: Sql, name: string): Promise<ShownWorkQueueRow | undefined> {
  const pool = await sql.get('select 1 from work_pool where name = ?', [legacyPoolName])
  return sql.get<ShownWorkQueueRow>(
    `${shownLegacyQueues} where work_queue.name = ?${pool ? ` and work_pool.name = '${legacyPoolName}'` : ''} order by work_queue.created limit 1`,
    [name],
  )
}

async function listLegacyQueues(sql: Sql, args: { filter: Filter | null; page: Page }): Promise<Answer> {
  const where = workQueueFilter(args.filter)
  const queues = await sql.all<ShownWorkQueueRow>(
    `${shownLegacyQueues} where ${where.text} order by work_queue.name limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  return ok(jsonArray(queues.map((queue) => encodeWorkQueue(queue, sql.nowUs))))
}

async function readWorkQueueConcurrency(sql: Sql, args: { id: string; page: number; limit: number }): Promise<Answer> {
  const queue = await sql.get<WorkQueueRow>('select * from work_queue where id = ?', [args.id])
  if (!queue) throw httpError(404, 'Work queue not found.')
  const holders = `from flow_run where work_queue_id = ? and state_type in ('RUNNING', 'PENDING', 'CANCELLING')`
  const count = (await sql.get<{ n: number }>(`select count(*) as n ${holders}`, [queue.id]))?.n ?? 0
  const runs = await sql.all<SlotHolderRow>(
    `select id, name, state_type, state_name, start_time, state_timestamp ${holders} order by id limit ? offset ?`,
    [queue.id, args.limit, (args.page - 1) * args.limit],
  )
  const pages = args.limit === 0 ? 0 : Math.ceil(count / args.limit)
  return ok(
    `{"active_slots":${count},"concurrency_limit":${queue.concurrency_limit},` +
      `"flow_runs":${jsonArray(runs.map((run) => slotSummaryJson(run, sql.nowUs)))},` +
      `"count":${count},"limit":${args.limit},"pages":${pages},"page":${args.page}}`,
  )
}

/** A queue is healthy when it was polled in the last minute and has no late runs. */
const healthyPollSeconds = 60

async function readWorkQueueStatus(sql: Sql, args: { id: string }): Promise<Answer> {
  const queue = await sql.get<WorkQueueRow>('select * from work_queue where id = ?', [args.id])
  if (!queue) throw objectNotFound(`Work queue with id ${args.id} not found`)
  const late = await sql.get<{ n: number }>(
    `select count(*) as n from flow_run where work_queue_id = ? and state_type = 'SCHEDULED' and state_name = 'Late'`,
    [queue.id],
  )
  const lateRuns = late?.n ?? 0
  const isPolled = queue.last_polled !== null && sql.nowUs - queue.last_polled <= healthyPollSeconds * 1e6
  const lastPolled = JSON.parse(encodePlainWorkQueue(queue, sql.nowUs)).last_polled
  return ok(
    JSON.stringify({
      healthy: lateRuns === 0 && isPolled,
      late_runs_count: lateRuns,
      last_polled: lastPolled,
      health_check_policy: { maximum_late_runs: 0, maximum_seconds_since_last_polled: healthyPollSeconds },
    }),
  )
}

export const workQueueQueries = {
  readPoolQueue, listPoolQueues, readLegacyQueue, listLegacyQueues, readWorkQueueConcurrency, readWorkQueueStatus,
}
