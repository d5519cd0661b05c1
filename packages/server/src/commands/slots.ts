import type { LeaseHolder } from '@spillway/core/domain/flow-run-facts'
import { addLease, giveSlotsBack, lockLimits, takeSlots } from '../storage/limit-slots.ts'
import type { Tx } from '../storage/port.ts'

/** Takes one slot of each limit and notes one lease for all of them. The caller has judged that they are free. */
export async function acquireSlots(
  tx: Tx,
  args: { limitIds: readonly string[]; leaseId: string; leaseSeconds: number; holder: LeaseHolder },
): Promise<void> {
  await takeSlots(tx, await lockLimits(tx, 'id', args.limitIds), 1)
  await addLease(tx, { id: args.leaseId, limitIds: args.limitIds, slots: 1, seconds: args.leaseSeconds, holder: args.holder })
}

export async function renewLease(tx: Tx, leaseId: string, leaseSeconds: number): Promise<void> {
  await tx.run('update concurrency_lease set expires = ? where id = ?', [
    tx.nowUs + Math.round(leaseSeconds * 1e6),
    leaseId,
  ])
}

/** Gives slots back to each limit, never below 0, and forgets the lease. */
export async function releaseSlots(
  tx: Tx,
  args: { limitIds: readonly string[]; slots: number; leaseId: string },
): Promise<void> {
  await giveSlotsBack(tx, await lockLimits(tx, 'id', args.limitIds), args.slots)
  await tx.run('delete from concurrency_lease where id = ?', [args.leaseId])
}

/** A lease with the limits whose slots it holds. */
export interface HeldLease {
  id: string
  slots: number
  limitIds: readonly string[]
}

/**
 * The lease under which a flow run holds the slot of its deployment: the one that its state names, else one in its name on
 * the deployment's limit alone, for a forced state loses the id. A lease counts until its slots are taken back.
 */
export async function findRunLease(
  tx: Tx,
  run: { id: string; leaseId: string | null; limitId: string | null },
): Promise<HeldLease | undefined> {
  const named = run.leaseId === null ? undefined : await readLease(tx, 'id = ?', [run.leaseId])
  if (named || run.limitId === null) return named
  return readLease(tx, `holder_id = ? and holder_type = 'flow_run' and resource_ids = ?`, [run.id, JSON.stringify([run.limitId])])
}

async function readLease(tx: Tx, where: string, params: string[]): Promise<HeldLease | undefined> {
  const row = await tx.get<{ id: string; slots: number; resource_ids: string }>(
    `select id, slots, resource_ids from concurrency_lease where ${where} limit 1`,
    params,
  )
  return row && { id: row.id, slots: row.slots, limitIds: JSON.parse(row.resource_ids) }
}

/** Gives back the slots that task runs hold on the limits of their tags, because these runs are about to go. */
export async function releaseSlotsOfTaskRuns(tx: Tx, by: 'id' | 'flow_run_id', value: string): Promise<void> {
  // From the leases, which are few, to the runs, which may be many.
  const leases = await tx.all<{ id: string; slots: number; resource_ids: string }>(
    `select l.id, l.slots, l.resource_ids from concurrency_lease l cross join task_run t
     where l.holder_id is not null and l.holder_type = 'task_run' and t.id = l.holder_id and t.${by} = ?`,
    [value],
  )
  for (const { id, slots, resource_ids: limitIds } of leases) {
    await releaseSlots(tx, { leaseId: id, slots, limitIds: JSON.parse(limitIds) })
  }
}
