import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { Filter } from '../storage/filters/condition.ts'
import { workPoolFilter } from '../storage/filters/entities.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import {
  encodeWorkPool, encodeWorkPoolForOldClients, shownWorkPools, type ShownWorkPoolRow, type WorkPoolRow,
} from '../storage/rows/work-pools.ts'
import { slotSummaryJson, type SlotHolderRow } from '../storage/rows/slot-holders.ts'

async function readWorkPool(sql: Sql, args: { name: string; oldClient: boolean }): Promise<Answer> {
  const pool = await sql.get<ShownWorkPoolRow>(`${shownWorkPools} where work_pool.name = ?`, [args.name])
  if (!pool) throw httpError(404, `Work pool "${args.name}" not found.`)
  return ok((args.oldClient ? encodeWorkPoolForOldClients : encodeWorkPool)(pool, sql.nowUs))
}

async function listWorkPools(
  sql: Sql,
  args: { filter: Filter | null; page: Page; oldClient: boolean },
): Promise<Answer> {
  const where = workPoolFilter(args.filter)
  const pools = await sql.all<ShownWorkPoolRow>(
    `${shownWorkPools} where ${where.text} order by work_pool.name limit ? offset ?`,
    [...where.params, args.page.limit, args.page.offset],
  )
  const encode = args.oldClient ? encodeWorkPoolForOldClients : encodeWorkPool
  return ok(jsonArray(pools.map((pool) => encode(pool, sql.nowUs))))
}

async function countWorkPools(sql: Sql, args: { filter: Filter | null }): Promise<Answer> {
  const where = workPoolFilter(args.filter)
  const row = await sql.get<{ n: number }>(`select count(*) as n from work_pool where ${where.text}`, where.params)
  return ok(String(row?.n ?? 0))
}

/** How full a pool is, queue by queue, with the runs that hold the slots. */
async function readWorkPoolConcurrency(
  sql: Sql,
  args: { name: string; page: number; limit: number; runsPerQueue: number },
): Promise<Answer> {
  const pool = await sql.get<WorkPoolRow>('select * from work_pool where name = ?', [args.name])
  if (!pool) throw httpError(404, `Work pool '${args.name}' not found.`)
  const queues = await sql.all<{ id: string; name: string; concurrency_limit: number | null; active: number }>(
    `select q.id, q.name, q.concurrency_limit, (
       select count(*) from flow_run r
       where r.work_queue_id = q.id and r.state_type in ('RUNNING', 'PENDING', 'CANCELLING') and r.state_type <> 'CANCELLING'
     ) as active
     from work_queue q where q.work_pool_id = ? order by q.priority`,
    [pool.id],
  )
  const shown = queues.slice((args.page - 1) * args.limit, args.page * args.limit)
  const details: string[] = []
  for (const queue of shown) {
    const runs = await sql.all<SlotHolderRow>(
      `select id, name, state_type, state_name, start_time, state_timestamp from flow_run
       where work_queue_id = ? and state_type in ('RUNNING', 'PENDING', 'CANCELLING') and state_type <> 'CANCELLING'
       order by id limit ?`,
      [queue.id, args.runsPerQueue],
    )
    details.push(
      `{"queue_id":"${queue.id}","queue_name":${JSON.stringify(queue.name)},"active_slots":${queue.active},` +
        `"concurrency_limit":${queue.concurrency_limit},"flow_runs":${jsonArray(runs.map((run) => slotSummaryJson(run, sql.nowUs)))},` +
        `"flow_run_count":${queue.active}}`,
    )
  }
  const active = queues.reduce((sum, queue) => sum + queue.active, 0)
  const pages = args.limit === 0 ? 0 : Math.ceil(queues.length / args.limit)
  return ok(
    `{"active_slots":${active},"concurrency_limit":${pool.concurrency_limit},"queues":${jsonArray(details)},` +
      `"count":${queues.length},"limit":${args.limit},"pages":${pages},"page":${args.page}}`,
  )
}

export const workPoolQueries = { readWorkPool, listWorkPools, countWorkPools, readWorkPoolConcurrency }
