import { formatIso } from '@spillway/core/wire/time'
import { rowEncoder } from '../row-encoder.ts'

export interface LogRow {
  id: string
  created: number
  name: string
  level: number
  message: string
  timestamp: number
  flow_run_id: string | null
  task_run_id: string | null
}

export const encodeLog = rowEncoder<LogRow>({
  id: 'text',
  created: 'time',
  updated: (row) => `"${formatIso(row.created)}"`,
  name: 'text',
  level: 'number',
  message: 'text',
  timestamp: 'time',
  flow_run_id: 'text',
  task_run_id: 'text',
})
