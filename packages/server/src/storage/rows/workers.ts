import { rowEncoder } from '../row-encoder.ts'
import type { StoreSettings } from '../port.ts'

/** A row of `worker`. */
export interface WorkerRow {
  id: string
  created: number
  updated: number
  name: string
  work_pool_id: string
  last_heartbeat_time: number
  heartbeat_interval_seconds: number | null
  status: 'ONLINE' | 'OFFLINE'
}

/** A worker counts as online until its heartbeat has been missing several times. */
function isOnline(row: WorkerRow, nowUs: number, settings: StoreSettings): boolean {
  const intervalSeconds = row.heartbeat_interval_seconds ?? settings.workerFallbackHeartbeatSeconds
  return row.last_heartbeat_time > nowUs - intervalSeconds * settings.workerHeartbeatMultiple * 1e6
}

/** WorkerResponse; whether a worker is online is told by its last heartbeat, whatever is stored. */
export const workerEncoder = (settings: StoreSettings): ((row: WorkerRow, nowUs: number) => string) =>
  rowEncoder<WorkerRow>({
    id: 'text',
    created: 'time',
    updated: 'time',
    name: 'text',
    work_pool_id: 'text',
    last_heartbeat_time: 'time',
    heartbeat_interval_seconds: 'number',
    status: (row, nowUs) => (isOnline(row, nowUs, settings) ? '"ONLINE"' : '"OFFLINE"'),
  })
