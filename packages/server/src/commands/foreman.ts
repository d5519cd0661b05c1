import type { Tx } from '../storage/port.ts'
import type { DeploymentRow } from '../storage/rows/deployments.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import type { WorkQueueRow } from '../storage/rows/work-queues.ts'
import { emitDeploymentEvent } from './deployment-events.ts'
import { emitWorkQueueEvent } from './work-pool-events.ts'
import { setWorkPoolStatus } from './work-pools.ts'

/** How many objects of each kind one command changes. */
const batch = 200

/**
 * Notes what nobody has heard of lately: workers are OFFLINE, pools without a worker, deployments and queues that
 * nobody polls are NOT_READY, and each is told. @returns how many changed; a full batch calls for another round.
 */
async function noteAbsence(tx: Tx, _args: object): Promise<{ changed: number; isFull: boolean }> {
  const { settings, nowUs } = tx
  const workers = await tx.run(
    `update worker set status = 'OFFLINE' where status = 'ONLINE'
     and last_heartbeat_time < ? - coalesce(heartbeat_interval_seconds, ?) * ? * 1000000`,
    [nowUs, settings.workerFallbackHeartbeatSeconds, settings.workerHeartbeatMultiple],
  )
  const pools = await tx.all<WorkPoolRow>(
    `select * from work_pool where status = 'READY'
     and not exists (select 1 from worker w where w.work_pool_id = work_pool.id and w.status = 'ONLINE') limit ?`,
    [batch],
  )
  for (const pool of pools) await setWorkPoolStatus(tx, pool, 'NOT_READY')
  const deployments = await deploymentsNotPolled(tx)
  const queues = await queuesNotPolled(tx)
  return {
    changed: workers + pools.length + deployments + queues,
    isFull: pools.length === batch || deployments === batch || queues === batch,
  }
}

/** `updated` is left alone: it stands for changes by people. */
async function deploymentsNotPolled(tx: Tx): Promise<number> {
  const beforeUs = tx.nowUs - tx.settings.deploymentPolledTimeoutSeconds * 1e6
  const rows = await tx.all<DeploymentRow>(
    `update deployment set status = 'NOT_READY' where id in (
       select d.id from deployment d left join work_queue q on q.id = d.work_queue_id
       where d.status = 'READY' and d.last_polled < ? and coalesce(q.last_polled, 0) < ? limit ?
     ) returning *`,
    [beforeUs, beforeUs, batch],
  )
  for (const row of rows) await emitDeploymentEvent(tx, 'prefect.deployment.not-ready', row)
  return rows.length
}

async function queuesNotPolled(tx: Tx): Promise<number> {
  const rows = await tx.all<WorkQueueRow>(
    `update work_queue set status = 'NOT_READY' where id in (
       select id from work_queue where status = 'READY' and last_polled < ? order by last_polled limit ?
     ) returning *`,
    [tx.nowUs - tx.settings.queuePolledTimeoutSeconds * 1e6, batch],
  )
  for (const row of rows) await emitWorkQueueEvent(tx, 'status', row)
  return rows.length
}

export const foremanCommands = { noteAbsence }
