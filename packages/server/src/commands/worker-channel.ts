import { encodeWorkPool, shownWorkPools, type ShownWorkPoolRow } from '../storage/rows/work-pools.ts'
import type { Sql, Tx } from '../storage/port.ts'
import { addWorkPool, changeWorkPool } from './work-pools.ts'
import { recordWorkerHeartbeat } from './workers.ts'

export interface ChannelHello {
  poolName: string
  workerName: string
  workerType: string
  heartbeatSeconds: number
  queueNames: readonly string[]
  createPool: boolean
  defaultTemplate: Record<string, unknown>
}

export interface ChannelOpened {
  poolId: string
  /** The pool as on the wire. */
  pool: string
  queues: { id: string; name: string }[]
}

/**
 * What a worker's hello does: makes the pool if asked, fills an empty job template, records a heartbeat.
 *
 * @returns undefined when the pool or a queue does not exist, or the pool's name is reserved.
 */
async function openWorkerChannel(tx: Tx, args: ChannelHello): Promise<ChannelOpened | undefined> {
  let pool = await showPool(tx, args.poolName)
  if (!pool) {
    if (!args.createPool || args.poolName.toLowerCase().startsWith('prefect')) return undefined
    await addWorkPool(tx, {
      name: args.poolName,
      description: null,
      type: args.workerType,
      base_job_template: args.defaultTemplate,
      is_paused: false,
      concurrency_limit: null,
      storage_configuration: {},
    })
    pool = await showPool(tx, args.poolName)
  } else if (pool.base_job_template === '{}' && Object.keys(args.defaultTemplate).length > 0) {
    await changeWorkPool(tx, pool, { base_job_template: args.defaultTemplate })
  }
  if (!pool) return undefined
  const queues = await tx.all<{ id: string; name: string }>(
    'select id, name from work_queue where work_pool_id = ? and name in (select value from json_each(?)) order by priority',
    [pool.id, JSON.stringify(args.queueNames)],
  )
  if (queues.length < new Set(args.queueNames).size) return undefined
  await recordWorkerHeartbeat(tx, {
    poolName: args.poolName,
    workerName: args.workerName,
    intervalSeconds: args.heartbeatSeconds,
  })
  const shown = (await showPool(tx, args.poolName))!
  return { poolId: pool.id, pool: encodeWorkPool(shown, tx.nowUs), queues }
}

function showPool(sql: Sql, name: string): Promise<ShownWorkPoolRow | undefined> {
  return Promise.resolve(sql.get<ShownWorkPoolRow>(`${shownWorkPools} where work_pool.name = ?`, [name]))
}

export const workerChannelCommands = { openWorkerChannel }
