import { rowEncoder } from '../row-encoder.ts'

export interface FlowRunInputRow {
  id: string
  created: number
  updated: number
  flow_run_id: string
  key: string
  value: string
  sender: string | null
}

export const encodeFlowRunInput = rowEncoder<FlowRunInputRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  flow_run_id: 'text',
  key: 'text',
  value: 'text',
  sender: 'text',
})
