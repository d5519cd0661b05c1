import { floatJson, rowEncoder } from '../row-encoder.ts'

/** What is shown of a run that holds a slot of a pool or queue. */
export interface SlotHolderRow {
  id: string
  name: string
  state_type: string | null
  state_name: string | null
  start_time: number | null
  state_timestamp: number | null
}

/** FlowRunSlotSummary. */
export const slotSummaryJson = rowEncoder<SlotHolderRow>({
  id: 'text',
  name: 'text',
  state_type: 'text',
  state_name: 'text',
  start_time: 'time',
  state_timestamp: 'time',
  time_in_current_state: (row, nowUs) =>
    floatJson(row.state_timestamp === null ? null : (nowUs - row.state_timestamp) / 1e6),
})
