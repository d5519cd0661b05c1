import * as rules from '@spillway/core/domain/concurrency-slots'
import type { SlotCounts, SlotLimit } from '@spillway/core/domain/concurrency-slots'
import { normalizeUuid } from '@spillway/core/wire/ids'
import type { Sql, StoreSettings, Tx } from './port.ts'
import type { ConcurrencyLimitRow } from './rows/concurrency-limits.ts'

/** What reads as a uuid is an id, everything else a name. */
export function keyColumn(idOrName: string): 'id' | 'name' {
  return normalizeUuid(idOrName) === undefined ? 'name' : 'id'
}

/** The value that keyColumn's column has. */
export function key(idOrName: string): string {
  return normalizeUuid(idOrName) ?? idOrName
}

/** The limits of these names or ids, in the order of their names, held for this transaction. */
export async function lockLimits(tx: Tx, by: 'name' | 'id', values: readonly string[]): Promise<ConcurrencyLimitRow[]> {
  return selectLimits(tx, by, values, tx.dialect === 'postgres' ? ' for update' : '')
}

/** The limits of these names or ids, in the order of their names. */
export async function selectLimits(
  sql: Sql,
  by: 'name' | 'id',
  values: readonly string[],
  suffix = '',
): Promise<ConcurrencyLimitRow[]> {
  return sql.all<ConcurrencyLimitRow>(
    `select * from concurrency_limit where ${by} in (select value from json_each(?)) order by name${suffix}`,
    [JSON.stringify(values)],
  )
}

/**
 * Takes `slots` on each of the limits, or on none; a refusal is noted too. Inactive limits let everybody pass.
 *
 * @param limits From lockLimits, so that nobody takes a slot in between.
 * @returns the average wait in seconds when one of them has too few left, undefined when they are taken.
 */
export async function takeSlots(
  tx: Tx,
  limits: readonly ConcurrencyLimitRow[],
  slots: number,
): Promise<number | undefined> {
  const decision = rules.takeSlots(limits.map(slotLimitOf), slots, tx.nowUs, waits(tx.settings))
  for (const [index, counts] of decision.changes.entries()) {
    if (counts) await writeSlots(tx, limits[index]!, counts)
  }
  return decision.kind === 'acquired' ? undefined : decision.averageWaitSeconds
}

/**
 * Gives slots back on each active limit.
 *
 * @param occupancySeconds How long they were held; moves the average that tells waiting callers when to come back.
 */
export async function giveSlotsBack(
  tx: Tx,
  limits: readonly ConcurrencyLimitRow[],
  slots: number,
  occupancySeconds?: number | null,
): Promise<void> {
  for (const row of limits) {
    if (!row.active) continue
    const heldSeconds = occupancySeconds ?? undefined
    const counts = rules.releaseSlots(slotLimitOf(row), slots, tx.nowUs, heldSeconds, waits(tx.settings))
    await writeSlots(tx, row, counts, counts.avgSlotOccupancySeconds)
  }
}

function slotLimitOf(row: ConcurrencyLimitRow): SlotLimit {
  return {
    name: row.name,
    limit: row.limit,
    active: row.active === 1,
    activeSlots: row.active_slots,
    deniedSlots: row.denied_slots,
    slotDecayPerSecond: row.slot_decay_per_second,
    avgSlotOccupancySeconds: row.avg_slot_occupancy_seconds,
    updatedUs: row.updated,
  }
}

function waits(settings: StoreSettings): { maxWaitSeconds: number; maxTagWaitSeconds: number } {
  return { maxWaitSeconds: settings.maximumSlotWaitSeconds, maxTagWaitSeconds: settings.tagSlotWaitSeconds }
}

async function writeSlots(
  tx: Tx,
  row: ConcurrencyLimitRow,
  counts: SlotCounts,
  averageSeconds = row.avg_slot_occupancy_seconds,
): Promise<void> {
  await tx.run(
    `update concurrency_limit set active_slots = ?, denied_slots = ?, avg_slot_occupancy_seconds = ?, updated = ?
     where id = ?`,
    [counts.activeSlots, counts.deniedSlots, averageSeconds, counts.updatedUs, row.id],
  )
}

export interface NewLease {
  /** Made up when absent. */
  id?: string
  limitIds: readonly string[]
  slots: number
  /** Until it expires unless it is renewed. */
  seconds: number
  holder?: { type: string; id: string } | null | undefined
}

/** Writes a lease over slots that were taken in this transaction. @returns its id */
export async function addLease(tx: Tx, lease: NewLease): Promise<string> {
  const id = lease.id ?? tx.newId()
  await tx.run(
    `insert into concurrency_lease (id, created, expires, resource_ids, slots, holder_type, holder_id)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [
      id,
      tx.nowUs,
      tx.nowUs + Math.round(lease.seconds * 1e6),
      JSON.stringify(lease.limitIds),
      lease.slots,
      lease.holder?.type ?? null,
      lease.holder?.id ?? null,
    ],
  )
  return id
}
