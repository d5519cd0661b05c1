import { catchUpLabel, maxLateLabel } from '@spillway/core/domain/catch-up'
import { runsToSkip } from '../storage/catch-up.ts'
import type { Tx } from '../storage/port.ts'
import { ownProposer, transitionFlowRun } from './flow-run-transition.ts'

/**
 * Ends runs that are too late for what their deployments say of late runs. Each is judged again: whoever has taken one in the meantime
 * keeps it.
 *
 * @returns how many got a new state.
 */
async function skipLateRuns(tx: Tx, args: { ids: readonly string[] }): Promise<number> {
  let changed = 0
  for (const { id, message } of await runsToSkip(tx, args.ids)) {
    const proposed = { type: 'CANCELLED', name: 'Skipped', message } as const
    const result = await transitionFlowRun(tx, { id, proposed, policy: 'minimal', ...ownProposer })
    if (result.written) changed += 1
  }
  return changed
}

/** Waiting runs of schedules take over what their deployment says of late runs now. */
export async function renewCatchUp(tx: Tx, deployment: { id: string; labels: string }, before: { labels: string }): Promise<void> {
  const sayings = [deployment, before].map(({ labels }) => {
    const { [catchUpLabel]: mode = null, [maxLateLabel]: maxLate = null } = JSON.parse(labels) as Record<string, unknown>
    return JSON.stringify({ [catchUpLabel]: mode, [maxLateLabel]: maxLate })
  })
  if (sayings[0] === sayings[1]) return
  await tx.run(
    `update flow_run set labels = json_patch(labels, ?)
     where deployment_id = ? and state_type = 'SCHEDULED' and auto_scheduled = 1 and run_count = 0`,
    [sayings[0]!, deployment.id],
  )
}

export const catchUpCommands = { skipLateRuns }
