import { giveSlotsBack, lockLimits } from '../storage/limit-slots.ts'
import type { Tx } from '../storage/port.ts'
import type { ConcurrencyLeaseRow } from '../storage/rows/concurrency-limits.ts'

/** Takes back the slots of leases that nobody renewed. @returns how many leases went. */
async function reapExpiredLeases(tx: Tx, args: { limit: number }): Promise<number> {
  const expired = await tx.all<ConcurrencyLeaseRow>(
    'select * from concurrency_lease where expires <= ? order by expires limit ?',
    [tx.nowUs, args.limit],
  )
  for (const lease of expired) {
    const limits = await lockLimits(tx, 'id', JSON.parse(lease.resource_ids))
    await giveSlotsBack(tx, limits, lease.slots, (tx.nowUs - lease.created) / 1e6)
    await tx.run('delete from concurrency_lease where id = ?', [lease.id])
  }
  return expired.length
}

export const leaseExpiryCommands = { reapExpiredLeases }
