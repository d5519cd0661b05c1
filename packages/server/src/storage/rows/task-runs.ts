import { estimatedRunTimeSeconds, latenessSeconds } from '@spillway/core/domain/derived-times'
import type { StateType } from '@spillway/core/domain/state'
import { floatJson, rowEncoder, type ColumnKind } from '../row-encoder.ts'
import { runTimes } from './flow-runs.ts'

/** A row of `task_run`. Times in microseconds; documents are JSON text. */
export interface TaskRunRow {
  id: string
  created: number
  updated: number
  name: string
  flow_run_id: string | null
  task_key: string
  dynamic_key: string
  cache_key: string | null
  cache_expiration: number | null
  task_version: string | null
  empirical_policy: string
  tags: string
  labels: string
  task_inputs: string
  run_count: number
  flow_run_run_count: number
  expected_start_time: number | null
  next_scheduled_start_time: number | null
  start_time: number | null
  end_time: number | null
  total_run_time: number
  state_id: string | null
  state_type: StateType | null
  state_name: string | null
  state_timestamp: number | null
  state: string | null
}

const members: Readonly<Record<string, ColumnKind<TaskRunRow>>> = {
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  flow_run_id: 'text',
  task_key: 'text',
  dynamic_key: 'text',
  cache_key: 'text',
  cache_expiration: 'time',
  task_version: 'text',
  empirical_policy: 'json',
  tags: 'json',
  labels: 'json',
  state_id: 'text',
  task_inputs: 'json',
  state_type: 'text',
  state_name: 'text',
  run_count: 'number',
  flow_run_run_count: 'number',
  expected_start_time: 'time',
  next_scheduled_start_time: 'time',
  start_time: 'time',
  end_time: 'time',
  total_run_time: (row) => floatJson(row.total_run_time),
  estimated_run_time: (row, nowUs) => floatJson(estimatedRunTimeSeconds(runTimes(row), nowUs)),
  estimated_start_time_delta: (row, nowUs) => floatJson(latenessSeconds(runTimes(row), nowUs)),
  state: 'json',
}

/** TaskRun. */
export const encodeTaskRun = rowEncoder<TaskRunRow>(members)

/** The smaller TaskRunResponse of `/task_runs/paginate`. */
export const encodeTaskRunResponse = rowEncoder<TaskRunRow>(
  Object.fromEntries(
    [
      'id', 'created', 'updated', 'name', 'flow_run_id', 'task_key', 'state_id', 'state', 'task_version', 'task_inputs',
      'empirical_policy', 'tags', 'start_time', 'end_time', 'total_run_time', 'estimated_run_time', 'estimated_start_time_delta',
    ].map((name) => [name, members[name]!]),
  ),
)

/** UITaskRun: a task run with the name of its flow run. */
export const encodeUiTaskRun = rowEncoder<TaskRunRow & { flow_run_name: string | null }>({
  ...(members as Record<string, ColumnKind<TaskRunRow & { flow_run_name: string | null }>>),
  flow_run_name: 'text',
})
