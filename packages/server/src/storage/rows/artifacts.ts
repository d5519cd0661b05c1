import { rowEncoder } from '../row-encoder.ts'

export interface ArtifactRow {
  id: string
  created: number
  updated: number
  key: string | null
  type: string | null
  description: string | null
  /** JSON text. */
  data: string | null
  /** JSON text. */
  metadata_: string | null
  flow_run_id: string | null
  task_run_id: string | null
}

export interface ArtifactCollectionRow extends ArtifactRow {
  key: string
  latest_id: string
}

export const encodeArtifact = rowEncoder<ArtifactRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  key: 'text',
  type: 'text',
  description: 'text',
  data: 'json',
  metadata_: 'json',
  flow_run_id: 'text',
  task_run_id: 'text',
})

export const encodeArtifactCollection = rowEncoder<ArtifactCollectionRow>({
  id: 'text',
  created: 'time',
  updated: 'time',
  key: 'text',
  latest_id: 'text',
  type: 'text',
  description: 'text',
  data: 'json',
  metadata_: 'json',
  flow_run_id: 'text',
  task_run_id: 'text',
})
