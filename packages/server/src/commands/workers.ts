import { httpError } from '../errors.ts'
import { noContent } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import { findWorkPool, setWorkPoolStatus } from './work-pools.ts'

/**
 * Notes that a worker lives; the first time it is registered. A pool that waited for a worker becomes READY, a paused
 * one stays paused.
 */
export async function recordWorkerHeartbeat(
  tx: Tx,
  args: { poolName: string; workerName: string; intervalSeconds: number | null },
): Promise<Answer> {
  const pool = await findWorkPool(tx, args.poolName)
  await tx.run(
    `insert into worker (id, created, updated, name, work_pool_id, last_heartbeat_time, heartbeat_interval_seconds, status)
     values (?, ?, ?, ?, ?, ?, ?, 'ONLINE')
     on conflict (work_pool_id, name) do update set last_heartbeat_time = excluded.last_heartbeat_time, status = 'ONLINE',
       heartbeat_interval_seconds = coalesce(excluded.heartbeat_interval_seconds, worker.heartbeat_interval_seconds)`,
    [tx.newId(), tx.nowUs, tx.nowUs, args.workerName, pool.id, tx.nowUs, args.intervalSeconds],
  )
  if (pool.status === 'NOT_READY') await setWorkPoolStatus(tx, pool, 'READY')
  return noContent()
}

async function deleteWorker(tx: Tx, args: { poolName: string; name: string }): Promise<Answer> {
  const pool = await findWorkPool(tx, args.poolName)
  const deleted = await tx.run('delete from worker where work_pool_id = ? and name = ?', [pool.id, args.name])
  if (deleted === 0) throw httpError(404, 'Worker not found.')
  return noContent()
}

export const workerCommands = { recordWorkerHeartbeat, deleteWorker }
