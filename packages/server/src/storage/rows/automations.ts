import { rowEncoder } from '../row-encoder.ts'

export interface AutomationRow {
  id: string
  created: number
  updated: number
  name: string
  description: string
  enabled: number
  /** JSON array of texts. */
  tags: string
  /** JSON texts, as on the wire. */
  trigger: string
  actions: string
  actions_on_trigger: string
  actions_on_resolve: string
}

export const encodeAutomation = rowEncoder<AutomationRow>({
  name: 'text',
  description: 'text',
  enabled: 'bool',
  tags: 'json',
  trigger: 'json',
  actions: 'json',
  actions_on_trigger: 'json',
  actions_on_resolve: 'json',
  id: 'text',
  created: 'time',
  updated: 'time',
})
