import { rowEncoder } from '../row-encoder.ts'

export interface FlowRow {
  id: string
  created: number
  updated: number
  name: string
  tags: string
  labels: string
}

export const encodeFlow = rowEncoder<FlowRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  tags: 'json',
  labels: 'json',
})
