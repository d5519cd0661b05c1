import { slotsNow } from '@spillway/core/domain/concurrency-slots'
import { formatIso } from '@spillway/core/wire/time'
import type { Sql } from '../port.ts'
import { floatJson, rowEncoder } from '../row-encoder.ts'

export interface ConcurrencyLimitRow {
  id: string
  created: number
  updated: number
  name: string
  active: number
  limit: number
  active_slots: number
  denied_slots: number
  slot_decay_per_second: number
  avg_slot_occupancy_seconds: number
}

export interface ConcurrencyLeaseRow {
  id: string
  created: number
  expires: number
  /** JSON array of limit ids. */
  resource_ids: string
  slots: number
  holder_type: string | null
  holder_id: string | null
}

export const encodeConcurrencyLimit = rowEncoder<ConcurrencyLimitRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  active: 'bool',
  name: 'text',
  limit: 'number',
  active_slots: 'number',
  denied_slots: 'number',
  slot_decay_per_second: (row) => floatJson(row.slot_decay_per_second),
  avg_slot_occupancy_seconds: (row) => floatJson(row.avg_slot_occupancy_seconds),
})

/** What the global limits' reads answer; slots count as they are after decay. */
export const encodeGlobalLimit = rowEncoder<ConcurrencyLimitRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  active: 'bool',
  name: 'text',
  limit: 'number',
  active_slots: (row, nowUs) => String(activeSlotsAfterDecay(row, nowUs)),
  slot_decay_per_second: (row) => floatJson(row.slot_decay_per_second),
})

/** What the acquiring routes answer about each limit. */
export function minimalLimitJson(row: Pick<ConcurrencyLimitRow, 'id' | 'limit'>, name: string): string {
  return `{"id":"${row.id}","name":${JSON.stringify(name)},"limit":${row.limit}}`
}

/** A limit on a tag as the older API shows it: its active slots are the task runs that hold them. */
export async function tagLimitJson(sql: Sql, row: ConcurrencyLimitRow): Promise<string> {
  const holders = await sql.all<{ holder_id: string }>(
    `select holder_id from concurrency_lease
     where holder_type = 'task_run' and exists (select 1 from json_each(resource_ids) where value = ?)
     order by created`,
    [row.id],
  )
  return JSON.stringify({
    id: row.id,
    created: formatIso(row.created),
    updated: formatIso(row.updated),
    tag: row.name.slice('tag:'.length),
    concurrency_limit: row.limit,
    active_slots: holders.map((holder) => holder.holder_id),
  })
}

/** Slots of a limit that are taken now, whole slots that came back by themselves taken off. */
export function activeSlotsAfterDecay(
  row: Pick<ConcurrencyLimitRow, 'active_slots' | 'slot_decay_per_second' | 'updated'>,
  nowUs: number,
): number {
  const limit = { name: '', limit: 0, active: true, deniedSlots: 0, avgSlotOccupancySeconds: 2 }
  return slotsNow(
    { ...limit, activeSlots: row.active_slots, slotDecayPerSecond: row.slot_decay_per_second, updatedUs: row.updated },
    nowUs,
  ).activeSlots
}
