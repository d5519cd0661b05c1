import { parseExactJson } from '@spillway/core/wire/exact-json'
import { httpError } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { encodeArtifact, type ArtifactCollectionRow, type ArtifactRow } from '../storage/rows/artifacts.ts'

export interface NewArtifact {
  key: string | null
  type: string | null
  description: string | null
  data: unknown
  metadata_: Record<string, string> | null
  flow_run_id: string | null
  task_run_id: string | null
}

/** Adds an artifact; one with a key becomes the latest of its collection. */
async function createArtifact(tx: Tx, args: NewArtifact): Promise<Answer> {
  const id = tx.newId()
  const contents: SqlParam[] = [
    args.key,
    args.type,
    args.description,
    jsonOrNull(args.data),
    jsonOrNull(args.metadata_),
    args.flow_run_id,
    args.task_run_id,
  ]
  const row = await tx.get<ArtifactRow>(
    `insert into artifact (id, created, updated, key, type, description, data, metadata_, flow_run_id, task_run_id)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
    [id, tx.nowUs, tx.nowUs, ...contents],
  )
  if (args.key !== null) {
    const collection = await tx.get<ArtifactCollectionRow>(
      `insert into artifact_collection
         (id, latest_id, created, updated, key, type, description, data, metadata_, flow_run_id, task_run_id)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (key) do update set latest_id = excluded.latest_id, updated = excluded.updated, type = excluded.type,
         description = excluded.description, data = excluded.data, metadata_ = excluded.metadata_,
         flow_run_id = excluded.flow_run_id, task_run_id = excluded.task_run_id
       returning *`,
      [tx.newId(), id, tx.nowUs, tx.nowUs, ...contents],
    )
    await emitCollectionEvent(tx, collection!.created === tx.nowUs ? 'created' : 'updated', collection!)
  }
  return created(encodeArtifact(row!, tx.nowUs))
}

interface ArtifactChanges {
  data?: unknown
  description?: string | null
  metadata_?: Record<string, string> | null
}

/** Changes an artifact, and its collection where it is the latest. */
async function updateArtifact(tx: Tx, args: { id: string; changes: ArtifactChanges }): Promise<Answer> {
  const { changes } = args
  const assignments: string[] = []
  const params: SqlParam[] = []
  const assign = (column: string, value: SqlParam): void => {
    assignments.push(`${column} = ?, `)
    params.push(value)
  }
  if ('data' in changes) assign('data', jsonOrNull(changes.data))
  if ('description' in changes) assign('description', changes.description ?? null)
  if ('metadata_' in changes) assign('metadata_', jsonOrNull(changes.metadata_))
  const set = `${assignments.join('')}updated = ?`
  const all = [...params, tx.nowUs, args.id]
  const changed =
    (await tx.run(`update artifact set ${set} where id = ?`, all)) +
    (await tx.run(`update artifact_collection set ${set} where latest_id = ?`, all))
  if (changed === 0) throw httpError(404, 'Artifact not found.')
  return noContent()
}

/** Removes an artifact; the next newest of its key becomes the latest, or the collection goes too. */
async function deleteArtifact(tx: Tx, args: { id: string }): Promise<Answer> {
  const artifact = await tx.get<ArtifactRow>('delete from artifact where id = ? returning *', [args.id])
  if (!artifact) throw httpError(404, 'Artifact not found.')
  const next = await tx.get<ArtifactRow>('select * from artifact where key = ? order by created desc, id desc limit 1', [
    artifact.key,
  ])
  if (next) {
    const collection = await tx.get<ArtifactCollectionRow>(
      `update artifact_collection set latest_id = ?, created = ?, updated = ?, type = ?, description = ?, data = ?,
         metadata_ = ?, flow_run_id = ?, task_run_id = ? where key = ? and latest_id = ? returning *`,
      [
        next.id, next.created, next.updated, next.type, next.description, next.data,
        next.metadata_, next.flow_run_id, next.task_run_id, artifact.key, artifact.id,
      ],
    )
    if (collection) await emitCollectionEvent(tx, 'updated', collection)
  } else {
    const collection = await tx.get<ArtifactCollectionRow>(
      'delete from artifact_collection where key = ? and latest_id = ? returning *',
      [artifact.key, artifact.id],
    )
    if (collection) await emitCollectionEvent(tx, 'deleted', collection)
  }
  return noContent()
}

function jsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

async function emitCollectionEvent(
  tx: Tx,
  what: 'created' | 'updated' | 'deleted',
  row: ArtifactCollectionRow,
): Promise<void> {
  const related = [{ 'prefect.resource.id': `prefect.artifact.${row.latest_id}`, 'prefect.resource.role': 'latest' }]
  if (row.flow_run_id) {
    related.push({ 'prefect.resource.id': `prefect.flow-run.${row.flow_run_id}`, 'prefect.resource.role': 'flow-run' })
  }
  if (row.task_run_id) {
    related.push({ 'prefect.resource.id': `prefect.task-run.${row.task_run_id}`, 'prefect.resource.role': 'task-run' })
  }
  await tx.emit({
    event: `prefect.artifact-collection.${what}`,
    resource: { 'prefect.resource.id': `prefect.artifact-collection.${row.id}`, 'prefect.resource.name': row.key },
    related,
    payload: {
      key: row.key,
      type: row.type,
      data: parseExactJson(row.data ?? 'null'),
      description: row.description,
    },
  })
}

export const artifactCommands = { createArtifact, updateArtifact, deleteArtifact }
