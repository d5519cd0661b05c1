import type { Tx } from '../storage/port.ts'
import { removeFlowRun } from './flow-runs.ts'

interface StoredBody {
  resource: Record<string, string>
  related: Record<string, string>[]
}

/**
 * Deletes the oldest events that occurred before a moment, with their rows in the index by resource: these are found
 * through the event's own body, so that keeping events costs no further index.
 *
 * @returns how many events went; fewer than `limit` means that none is left.
 */
async function deleteOldEvents(tx: Tx, args: { beforeUs: number; limit: number }): Promise<number> {
  const events = await tx.all<{ seq: number; occurred: number; body: string }>(
    'select seq, occurred, body from event where occurred < ? order by occurred, seq limit ?',
    [args.beforeUs, args.limit],
  )
  for (const { seq, occurred, body } of events) {
    const { resource, related } = JSON.parse(body) as StoredBody
    const ids = new Set([resource, ...related].map((labels) => labels['prefect.resource.id'] ?? ''))
    for (const id of ids) {
      await tx.run('delete from event_resource where resource_id = ? and occurred = ? and event_seq = ?', [id, occurred, seq])
    }
    await tx.run('delete from event where seq = ?', [seq])
  }
  return events.length
}

/** Deletes flow runs that ended long ago, with their logs and artifacts. @returns how many. */
async function deleteOldFlowRuns(tx: Tx, args: { ids: readonly string[]; endedBeforeUs: number }): Promise<number> {
  const old = await tx.all<{ id: string }>(
    `select id from flow_run where id in (select value from json_each(?)) and end_time < ?
       and state_type in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED')`,
    [JSON.stringify(args.ids), args.endedBeforeUs],
  )
  for (const { id } of old) {
    const keys = await tx.all<{ key: string }>(
      'delete from artifact where flow_run_id = ? returning key',
      [id],
    )
    await repointCollections(tx, keys.flatMap(({ key }) => key ?? []))
    await removeFlowRun(tx, id)
  }
  return old.length
}

/** After artifacts went: each collection shows the newest artifact of its key, or goes when there is none. */
async function repointCollections(tx: Tx, keys: readonly string[]): Promise<void> {
  for (const key of new Set(keys)) {
    const latest = await tx.get<{ id: string }>('select id from artifact where key = ? order by created desc limit 1', [key])
    if (!latest) await tx.run('delete from artifact_collection where key = ?', [key])
    else {
      await tx.run(
        `update artifact_collection set updated = ?, latest_id = a.id, type = a.type, description = a.description, data = a.data,
           metadata_ = a.metadata_, flow_run_id = a.flow_run_id, task_run_id = a.task_run_id
         from artifact a where a.id = ? and artifact_collection.key = a.key and artifact_collection.latest_id <> a.id`,
        [tx.nowUs, latest.id],
      )
    }
  }
}

/**
 * Deletes logs and artifacts by what identifies them, once more checking that their runs are gone. @returns how many.
 */
async function deleteOrphans(tx: Tx, args: { logs: readonly number[]; artifacts: readonly string[] }): Promise<number> {
  const logs = await tx.run(
    `delete from log where seq in (select value from json_each(?))
       and not exists (select 1 from flow_run r where r.id = log.flow_run_id)`,
    [JSON.stringify(args.logs)],
  )
  const artifacts = await tx.all<{ key: string | null }>(
    `delete from artifact where id in (select value from json_each(?))
       and not exists (select 1 from flow_run r where r.id = artifact.flow_run_id) returning key`,
    [JSON.stringify(args.artifacts)],
  )
  await repointCollections(tx, artifacts.flatMap(({ key }) => key ?? []))
  return logs + artifacts.length
}

export const retentionCommands = { deleteOldEvents, deleteOldFlowRuns, deleteOrphans }
