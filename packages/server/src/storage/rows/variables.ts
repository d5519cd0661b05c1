import { rowEncoder } from '../row-encoder.ts'

export interface VariableRow {
  id: string
  created: number
  updated: number
  name: string
  /** JSON text. */
  value: string | null
  /** JSON array of texts. */
  tags: string
}

export const encodeVariable = rowEncoder<VariableRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  value: 'json',
  tags: 'json',
})
