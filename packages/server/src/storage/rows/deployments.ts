import { rowEncoder } from '../row-encoder.ts'
import { encodeGlobalLimit, type ConcurrencyLimitRow } from './concurrency-limits.ts'

export type DeploymentStatus = 'READY' | 'NOT_READY'

/** A row of `deployment`. Times in microseconds; documents are JSON text. */
export interface DeploymentRow {
  id: string
  created: number
  updated: number
  name: string
  version: string | null
  description: string | null
  flow_id: string
  paused: number
  concurrency_limit_id: string | null
  concurrency_options: string | null
  job_variables: string
  parameters: string
  tags: string
  labels: string
  work_queue_name: string | null
  work_queue_id: string | null
  last_polled: number | null
  parameter_openapi_schema: string | null
  path: string | null
  pull_steps: string | null
  entrypoint: string | null
  storage_document_id: string | null
  infrastructure_document_id: string | null
  created_by: string | null
  updated_by: string | null
  status: DeploymentStatus
  enforce_parameter_schema: number
}

/** A row of `deployment_schedule`. */
export interface DeploymentScheduleRow {
  id: string
  created: number
  updated: number
  deployment_id: string
  schedule: string
  active: number
  max_scheduled_runs: number | null
  parameters: string
  slug: string | null
}

/** A deployment with what belongs to it, as the API shows it. */
export interface ShownDeploymentRow extends DeploymentRow {
  queue_name: string | null
  pool_name: string | null
  /** JSON array of DeploymentSchedule. */
  schedules: string
  limit_row: ConcurrencyLimitRow | null
}

/** Columns and joins of a ShownDeploymentRow but for `schedules` and `limit_row`. */
export const shownDeployments = `select deployment.*, shown_queue.name as queue_name, shown_pool.name as pool_name
  from deployment
  left join work_queue shown_queue on shown_queue.id = deployment.work_queue_id
  left join work_pool shown_pool on shown_pool.id = shown_queue.work_pool_id`

/** DeploymentSchedule. */
export const encodeDeploymentSchedule = rowEncoder<DeploymentScheduleRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  deployment_id: 'text',
  schedule: 'json',
  active: 'bool',
  max_scheduled_runs: 'number',
  parameters: 'json',
  slug: 'text',
})

/** DeploymentResponse. */
export const encodeDeployment = rowEncoder<ShownDeploymentRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  version: 'text',
  description: 'text',
  flow_id: 'text',
  paused: 'bool',
  schedules: 'json',
  // The old member; its place was taken by the limit below.
  concurrency_limit: () => 'null',
  global_concurrency_limit: (row, nowUs) => (row.limit_row ? encodeGlobalLimit(row.limit_row, nowUs) : 'null'),
  concurrency_options: 'json',
  job_variables: 'json',
  parameters: 'json',
  tags: 'json',
  labels: 'json',
  work_queue_name: (row) => JSON.stringify(row.queue_name ?? row.work_queue_name),
  work_queue_id: 'text',
  last_polled: 'time',
  parameter_openapi_schema: 'json',
  path: 'text',
  pull_steps: 'json',
  entrypoint: 'text',
  storage_document_id: 'text',
  infrastructure_document_id: 'text',
  created_by: 'json',
  updated_by: 'json',
  work_pool_name: (row) => JSON.stringify(row.pool_name),
  status: 'text',
  enforce_parameter_schema: 'bool',
})
