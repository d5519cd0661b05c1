import { estimatedRunTimeSeconds, latenessSeconds, type RunTimes } from '@spillway/core/domain/derived-times'
import type { StateType } from '@spillway/core/domain/state'
import { formatIso } from '@spillway/core/wire/time'
import { floatJson, rowEncoder } from '../row-encoder.ts'

/** A row of `flow_run`. Times in microseconds; documents are JSON text. */
export interface FlowRunRow {
  id: string
  created: number
  updated: number
  name: string
  flow_id: string
  deployment_id: string | null
  deployment_version: string | null
  work_queue_id: string | null
  work_queue_name: string | null
  flow_version: string | null
  parameters: string
  idempotency_key: string | null
  context: string
  empirical_policy: string
  tags: string
  labels: string
  parent_task_run_id: string | null
  run_count: number
  expected_start_time: number | null
  next_scheduled_start_time: number | null
  start_time: number | null
  end_time: number | null
  total_run_time: number
  auto_scheduled: number
  infrastructure_document_id: string | null
  infrastructure_pid: string | null
  created_by: string | null
  job_variables: string | null
  state_id: string | null
  state_type: StateType | null
  state_name: string | null
  state_timestamp: number | null
  state: string | null
}

/** A flow run with the names of its queue and pool, as the API shows it. */
export interface ShownFlowRunRow extends FlowRunRow {
  queue_name: string | null
  pool_id: string | null
  pool_name: string | null
}

/** Columns and joins of a ShownFlowRunRow. */
export const shownFlowRuns = `select flow_run.*, shown_queue.name as queue_name, shown_pool.id as pool_id, shown_pool.name as pool_name
  from flow_run
  left join work_queue shown_queue on shown_queue.id = flow_run.work_queue_id
  left join work_pool shown_pool on shown_pool.id = shown_queue.work_pool_id`

/** What the derived times of a run are computed from. */
export function runTimes(row: {
  state_type: StateType | null
  state_timestamp: number | null
  total_run_time: number
  expected_start_time: number | null
  start_time: number | null
}): RunTimes {
  return {
    stateType: row.state_type,
    stateTimestampUs: row.state_timestamp,
    totalRunTimeSeconds: row.total_run_time,
    expectedStartTimeUs: row.expected_start_time,
    startTimeUs: row.start_time,
  }
}

/** FlowRunResponse. */
export const encodeFlowRun = rowEncoder<ShownFlowRunRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  flow_id: 'text',
  state_id: 'text',
  deployment_id: 'text',
  deployment_version: 'text',
  // The column keeps the id of a queue that has been deleted.
  work_queue_id: (row) => JSON.stringify(row.queue_name === null ? null : row.work_queue_id),
  work_queue_name: (row) => JSON.stringify(row.queue_name ?? row.work_queue_name),
  flow_version: 'text',
  parameters: 'json',
  idempotency_key: 'text',
  context: 'json',
  empirical_policy: 'json',
  tags: 'json',
  labels: 'json',
  parent_task_run_id: 'text',
  state_type: 'text',
  state_name: 'text',
  run_count: 'number',
  expected_start_time: 'time',
  next_scheduled_start_time: 'time',
  start_time: 'time',
  end_time: 'time',
  total_run_time: (row) => floatJson(row.total_run_time),
  estimated_run_time: (row, nowUs) => floatJson(estimatedRunTimeSeconds(runTimes(row), nowUs)),
  estimated_start_time_delta: (row, nowUs) => floatJson(latenessSeconds(runTimes(row), nowUs)),
  auto_scheduled: 'bool',
  infrastructure_document_id: 'text',
  infrastructure_pid: 'text',
  created_by: 'json',
  work_pool_id: (row) => JSON.stringify(row.pool_id),
  work_pool_name: (row) => JSON.stringify(row.pool_name),
  state: 'json',
  job_variables: 'json',
})

export type SimpleFlowRunRow = Pick<
  FlowRunRow,
  'id' | 'state_type' | 'state_timestamp' | 'start_time' | 'expected_start_time' | 'total_run_time'
>

/** SimpleFlowRun: what a chart of runs needs. */
export const encodeSimpleFlowRun = rowEncoder<SimpleFlowRunRow>({
  id: 'text',
  state_type: 'text',
  timestamp: (row) => JSON.stringify(formatIso(row.start_time ?? row.expected_start_time ?? 0)),
  duration: (row, nowUs) => floatJson(estimatedRunTimeSeconds(runTimes(row), nowUs)),
  lateness: (row, nowUs) => floatJson(latenessSeconds(runTimes(row), nowUs)),
})
