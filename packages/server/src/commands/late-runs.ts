import { formatIso } from '@spillway/core/wire/time'
import type { Tx } from '../storage/port.ts'
import { ownProposer, transitionFlowRun } from './flow-run-transition.ts'

/**
 * Marks runs late that still wait for their start. Where the deployment is full and cancels what it cannot take, such
 * a run is cancelled instead.
 *
 * @returns how many runs got a new state.
 */
async function markRunsLate(tx: Tx, args: { ids: readonly string[]; dueBeforeUs: number }): Promise<number> {
  const waiting = await tx.all<{ id: string; due: number }>(
    `select id, next_scheduled_start_time as due from flow_run
     where id in (select value from json_each(?)) and state_type = 'SCHEDULED' and state_name = 'Scheduled'
       and next_scheduled_start_time <= ?`,
    [JSON.stringify(args.ids), args.dueBeforeUs],
  )
  let changed = 0
  for (const { id, due } of waiting) {
    const result = await transitionFlowRun(tx, {
      id,
      proposed: { type: 'SCHEDULED', name: 'Late', details: { scheduled_time: formatIso(due) } },
      policy: 'mark-late',
      ...ownProposer,
    })
    if (result.written) changed += 1
  }
  return changed
}

/** Fails runs whose pause has ended without anybody resuming them. @returns how many. */
async function failExpiredPauses(tx: Tx, args: { ids: readonly string[] }): Promise<number> {
  const paused = await tx.all<{ id: string }>(
    `select id from flow_run where id in (select value from json_each(?)) and state_type = 'PAUSED'
       and state -> 'state_details' ->> 'pause_timeout' < ?`,
    [JSON.stringify(args.ids), formatIso(tx.nowUs)],
  )
  let changed = 0
  for (const { id } of paused) {
    const result = await transitionFlowRun(tx, {
      id,
      proposed: { type: 'FAILED', message: 'The flow was paused and never resumed.' },
      policy: 'minimal',
      ...ownProposer,
    })
    if (result.written) changed += 1
  }
  return changed
}

export const lateRunCommands = { markRunsLate, failExpiredPauses }
