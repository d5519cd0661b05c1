import { rowEncoder } from '../row-encoder.ts'

export interface SavedSearchRow {
  id: string
  created: number
  updated: number
  name: string
  filters: string
}

export const encodeSavedSearch = rowEncoder<SavedSearchRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  name: 'text',
  filters: 'json',
})
