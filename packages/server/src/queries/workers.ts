import { httpError } from '../errors.ts'
import { jsonArray, ok } from '../storage/answers.ts'
import type { Filter } from '../storage/filters/condition.ts'
import { workerFilter } from '../storage/filters/entities.ts'
import type { Page } from '../storage/page.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { workerEncoder, type WorkerRow } from '../storage/rows/workers.ts'

async function listWorkers(sql: Sql, args: { poolName: string; filter: Filter | null; page: Page }): Promise<Answer> {
  const pool = await sql.get<{ id: string }>('select id from work_pool where name = ?', [args.poolName])
  if (!pool) throw httpError(404, `Work pool "${args.poolName}" not found.`)
  const where = workerFilter(args.filter)
  const workers = await sql.all<WorkerRow>(
    `select * from worker where work_pool_id = ? and ${where.text} order by last_heartbeat_time desc limit ? offset ?`,
    [pool.id, ...where.params, args.page.limit, args.page.offset],
  )
  const encode = workerEncoder(sql.settings)
  return ok(jsonArray(workers.map((worker) => encode(worker, sql.nowUs))))
}

export const workerQueries = { listWorkers }
