import type { Tx } from '../storage/port.ts'
import type { DeploymentRow } from '../storage/rows/deployments.ts'
import type { WorkQueueRow } from '../storage/rows/work-queues.ts'
import { emitDeploymentEvent } from './deployment-events.ts'
import { emitWorkQueueEvent, statusEventName } from './work-pool-events.ts'

/**
 * Notes that queues, the deployments of these queues, and further deployments were polled: what was NOT_READY is READY
 * now, and that is told. A paused queue stays paused. `updated` is left alone, for it stands for changes by people.
 */
async function recordPoll(tx: Tx, args: { queueIds: readonly string[]; deploymentIds: readonly string[] }): Promise<void> {
  const queueIds = JSON.stringify(args.queueIds)
  const deploymentIds = JSON.stringify(args.deploymentIds)
  if (args.queueIds.length > 0) {
    const ready = await tx.all<WorkQueueRow>(
      `update work_queue set status = 'READY', last_polled = ? where id in (select value from json_each(?))
       and status = 'NOT_READY' returning *`,
      [tx.nowUs, queueIds],
    )
    await tx.run('update work_queue set last_polled = ? where id in (select value from json_each(?))', [tx.nowUs, queueIds])
    for (const queue of ready) await emitWorkQueueEvent(tx, 'status', queue)
  }
  const polled = `(id in (select value from json_each(?)) or work_queue_id in (select value from json_each(?)))`
  const ready = await tx.all<DeploymentRow>(
    `update deployment set status = 'READY', last_polled = ? where ${polled} and status = 'NOT_READY' returning *`,
    [tx.nowUs, deploymentIds, queueIds],
  )
  await tx.run(`update deployment set last_polled = ? where ${polled}`, [tx.nowUs, deploymentIds, queueIds])
  for (const deployment of ready) await emitDeploymentEvent(tx, statusEventName('deployment', 'READY'), deployment)
}

export const pollCommands = { recordPoll }
