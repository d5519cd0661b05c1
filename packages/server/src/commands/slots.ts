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

/** Forgets a lease; its slots stay taken. */
export async function revokeLease(tx: Tx, leaseId: string): Promise<void> {
  await tx.run('delete from concurrency_lease where id = ?', [leaseId])
}

/** Gives slots back to each limit, never below 0, and forgets the lease if there is one. */
export async function releaseSlots(
  tx: Tx,
  args: { limitIds: readonly string[]; slots: number; leaseId: string | null },
): Promise<void> {
  await giveSlotsBack(tx, await lockLimits(tx, 'id', args.limitIds), args.slots)
  if (args.leaseId !== null) await revokeLease(tx, args.leaseId)
}
