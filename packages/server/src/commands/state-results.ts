import type { Tx } from '../storage/port.ts'

export interface StoredResult {
  /** Id of the artifact that keeps the data; null when nothing is kept. */
  artifactId: string | null
  /** What the stored state carries: the data without the members that describe the artifact. */
  data: unknown
}

const NOTHING: StoredResult = { artifactId: null, data: null }

/** Whose result it is. */
export interface ResultOwner {
  flowRunId: string | null
  taskRunId: string | null
}

/**
 * Keeps a state's data as an artifact. `artifact_key`, `artifact_type` and `artifact_description` in it describe that
 * artifact and are taken out; with a key it becomes the latest of its collection. Data of type `unpersisted` is not kept.
 */
export async function storeResult(tx: Tx, data: unknown, owner: ResultOwner): Promise<StoredResult> {
  if (data === null || data === undefined) return NOTHING
  let kept = data
  let key: string | null = null
  let type: string | null = null
  let description: string | null = null
  if (typeof data === 'object' && !Array.isArray(data)) {
    const { artifact_key, artifact_type, artifact_description, ...rest } = data as Record<string, unknown>
    if (rest['type'] === 'unpersisted') return NOTHING
    kept = rest
    key = textOrNull(artifact_key)
    type = textOrNull(artifact_type)
    description = textOrNull(artifact_description)
  }
  const artifactId = tx.newId()
  const json = JSON.stringify(kept)
  const described = [type, description, json, null, owner.flowRunId, owner.taskRunId]
  await tx.run(
    `insert into artifact (id, created, updated, key, type, description, data, metadata_, flow_run_id, task_run_id)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [artifactId, tx.nowUs, tx.nowUs, key, ...described],
  )
  if (key !== null) {
    await tx.run(
      `insert into artifact_collection
         (id, created, updated, key, latest_id, type, description, data, metadata_, flow_run_id, task_run_id)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (key) do update set updated = excluded.updated, latest_id = excluded.latest_id, type = excluded.type,
         description = excluded.description, data = excluded.data, metadata_ = excluded.metadata_,
         flow_run_id = excluded.flow_run_id, task_run_id = excluded.task_run_id`,
      [tx.newId(), tx.nowUs, tx.nowUs, key, artifactId, ...described],
    )
  }
  return { artifactId, data: kept }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
