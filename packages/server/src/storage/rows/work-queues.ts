import { rowEncoder } from '../row-encoder.ts'

export type WorkQueueStatus = 'READY' | 'NOT_READY' | 'PAUSED'

/** A row of `work_queue`. */
export interface WorkQueueRow {
  id: string
  created: number
  updated: number
  name: string
  description: string | null
  is_paused: number
  concurrency_limit: number | null
  priority: number
  work_pool_id: string
  filter: string | null
  last_polled: number | null
  status: WorkQueueStatus
}

/** A queue with the name of its pool and the number of its runs that hold a slot, null where it has no limit. */
export interface ShownWorkQueueRow extends WorkQueueRow {
  pool_name: string
  active_slots: number | null
}

function shown(states: string): string {
  return `select work_queue.*, work_pool.name as pool_name,
    case when work_queue.concurrency_limit is null then null else (
      select count(*) from flow_run r
      where r.work_queue_id = work_queue.id and r.state_type in ('RUNNING', 'PENDING', 'CANCELLING')${states}
    ) end as active_slots
  from work_queue join work_pool on work_pool.id = work_queue.work_pool_id`
}

/** Columns of a ShownWorkQueueRow as the pool's routes show it. */
export const shownPoolQueues = shown(` and r.state_type <> 'CANCELLING'`)
/** The same as the legacy routes show it: runs that are being cancelled count too. */
export const shownLegacyQueues = shown('')

const members = {
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  description: 'text',
  is_paused: 'bool',
  concurrency_limit: 'number',
  priority: 'number',
  work_pool_id: 'text',
  filter: 'json',
  last_polled: 'time',
} as const

/** WorkQueueResponse. */
export const encodeWorkQueue = rowEncoder<ShownWorkQueueRow>({
  ...members,
  work_pool_name: (row) => JSON.stringify(row.pool_name),
  status: 'text',
  active_slots: 'number',
})

/** WorkQueue, without what the responses add. */
export const encodePlainWorkQueue = rowEncoder<WorkQueueRow>(members)
