import type { Tx } from '../storage/port.ts'
import { ownProposer, transitionFlowRun } from './flow-run-transition.ts'
import { transitionTaskRun } from './task-run-transition.ts'

const parentCancelled = 'The parent flow run was cancelled.'
const timedOut = 'Flow run cancellation timed out; marked this flow run as Cancelled.'

/** Cancels task runs that are left under a cancelled flow run. @returns how many. */
async function cancelLeftTaskRuns(tx: Tx, args: { ids: readonly string[] }): Promise<number> {
  const left = await tx.all<{ id: string }>(
    `select t.id from task_run t join flow_run r on r.id = t.flow_run_id
     where t.id in (select value from json_each(?)) and r.state_type = 'CANCELLED'
       and t.state_type in ('PENDING', 'SCHEDULED', 'RUNNING', 'PAUSED', 'CANCELLING')`,
    [JSON.stringify(args.ids)],
  )
  for (const { id } of left) {
    await transitionTaskRun(tx, { id, proposed: { type: 'CANCELLED', message: parentCancelled }, policy: 'minimal' })
  }
  return left.length
}

/**
 * Ends subflow runs whose parent flow run is cancelled: one of a deployment has a process of its own that has to be
 * stopped first. @returns how many got a new state.
 */
async function cancelLeftSubflowRuns(tx: Tx, args: { ids: readonly string[] }): Promise<number> {
  const left = await tx.all<{ id: string; deployment_id: string | null }>(
    `select r.id, r.deployment_id from flow_run r
     join task_run t on t.id = r.parent_task_run_id join flow_run parent on parent.id = t.flow_run_id
     where r.id in (select value from json_each(?)) and parent.state_type = 'CANCELLED'
       and r.state_type in ('PENDING', 'SCHEDULED', 'RUNNING', 'PAUSED', 'CANCELLING')
       and not (r.deployment_id is not null and r.state_type = 'CANCELLING')`,
    [JSON.stringify(args.ids)],
  )
  let changed = 0
  for (const { id, deployment_id: deploymentId } of left) {
    const result = await transitionFlowRun(tx, {
      id,
      proposed: { type: deploymentId === null ? 'CANCELLED' : 'CANCELLING', message: parentCancelled },
      policy: 'minimal',
      ...ownProposer,
    })
    if (result.written) changed += 1
  }
  return changed
}

/** Marks runs as cancelled whose process never said that it stopped. @returns how many. */
async function endTimedOutCancellations(tx: Tx, args: { ids: readonly string[]; sinceBeforeUs: number }): Promise<number> {
  const stuck = await tx.all<{ id: string }>(
    `select id from flow_run where id in (select value from json_each(?)) and state_type = 'CANCELLING' and state_timestamp <= ?`,
    [JSON.stringify(args.ids), args.sinceBeforeUs],
  )
  let changed = 0
  for (const { id } of stuck) {
    const proposed = { type: 'CANCELLED', message: timedOut } as const
    const result = await transitionFlowRun(tx, { id, proposed, policy: 'core', ...ownProposer })
    if (result.written) changed += 1
  }
  return changed
}

export const cancellationCommands = { cancelLeftTaskRuns, cancelLeftSubflowRuns, endTimedOutCancellations }
