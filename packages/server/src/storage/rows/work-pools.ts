import { rowEncoder } from '../row-encoder.ts'

export type WorkPoolStatus = 'READY' | 'NOT_READY' | 'PAUSED'

/** A row of `work_pool`. Documents are JSON text. */
export interface WorkPoolRow {
  id: string
  created: number
  updated: number
  name: string
  description: string | null
  type: string
  base_job_template: string
  is_paused: number
  concurrency_limit: number | null
  status: WorkPoolStatus | null
  last_transitioned_status_at: number | null
  last_status_event_id: string | null
  default_queue_id: string | null
  storage_configuration: string
}

/** A pool with the number of its runs that hold a slot, null where the pool has no limit. */
export interface ShownWorkPoolRow extends WorkPoolRow {
  active_slots: number | null
}

/** Columns of a ShownWorkPoolRow. The state list is worded as the index `flow_run_in_slot` words it. */
export const shownWorkPools = `select work_pool.*,
    case when work_pool.concurrency_limit is null then null else (
      select count(*) from work_queue q
      join flow_run r on r.work_queue_id = q.id
        and r.state_type in ('RUNNING', 'PENDING', 'CANCELLING') and r.state_type <> 'CANCELLING'
      where q.work_pool_id = work_pool.id
    ) end as active_slots
  from work_pool`

/** WorkPoolResponse. */
export const encodeWorkPool = rowEncoder<ShownWorkPoolRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  description: 'text',
  type: 'text',
  base_job_template: 'json',
  is_paused: 'bool',
  concurrency_limit: 'number',
  status: 'text',
  default_queue_id: 'text',
  storage_configuration: 'json',
  active_slots: 'number',
})

/** Clients up to 3.3.7 refuse a pool that names a block for results. */
export const encodeWorkPoolForOldClients = (row: ShownWorkPoolRow, nowUs: number): string => {
  const { default_result_storage_block_id: _, ...rest } = JSON.parse(row.storage_configuration)
  return encodeWorkPool({ ...row, storage_configuration: JSON.stringify(rest) }, nowUs)
}

/** What a pool stores for its storage configuration: every member. */
export function storageConfigurationJson(given: Readonly<Record<string, unknown>> | null | undefined): string {
  return JSON.stringify({
    bundle_upload_step: given?.['bundle_upload_step'] ?? null,
    bundle_execution_step: given?.['bundle_execution_step'] ?? null,
    default_result_storage_block_id: given?.['default_result_storage_block_id'] ?? null,
  })
}
