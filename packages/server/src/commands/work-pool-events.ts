import type { NewEvent, Tx } from '../storage/port.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import type { WorkQueueRow } from '../storage/rows/work-queues.ts'

/** What changed of an object, for its `.updated` event. */
export type ChangedFields = Record<string, { from: unknown; to: unknown }>

/** Status events that come closer together than this name the one before them. */
const followsWithinUs = 600 * 1e6

export function statusEventName(kind: 'work-pool' | 'work-queue' | 'deployment', status: string): string {
  return `prefect.${kind}.${status.toLowerCase().replace('_', '-')}`
}

export function updatePayload(changed: ChangedFields): { updated_fields: string[]; updates: ChangedFields } {
  return { updated_fields: Object.keys(changed), updates: changed }
}

function poolResource(pool: WorkPoolRow, role: 'work-pool' | undefined): Record<string, string> {
  return {
    'prefect.resource.id': `prefect.work-pool.${pool.id}`,
    'prefect.resource.name': pool.name,
    'prefect.work-pool.type': pool.type,
    ...(role && { 'prefect.resource.role': role }),
  }
}

/** A pool as a related resource of another object's event. */
export function relatedPool(pool: Pick<WorkPoolRow, 'id' | 'name' | 'type'>): Record<string, string> {
  return poolResource(pool as WorkPoolRow, 'work-pool')
}

export async function emitWorkPoolCreatedOrDeleted(tx: Tx, what: 'created' | 'deleted', pool: WorkPoolRow): Promise<void> {
  const related: Record<string, string>[] = []
  if (pool.default_queue_id) {
    related.push({
      'prefect.resource.id': `prefect.work-queue.${pool.default_queue_id}`,
      'prefect.resource.role': 'default-queue',
    })
  }
  const block = JSON.parse(pool.storage_configuration).default_result_storage_block_id
  if (block) {
    related.push({ 'prefect.resource.id': `prefect.block-document.${block}`, 'prefect.resource.role': 'result-storage' })
  }
  await tx.emit({ event: `prefect.work-pool.${what}`, resource: poolResource(pool, 'work-pool'), related })
}

export async function emitWorkPoolUpdated(tx: Tx, pool: WorkPoolRow, changed: ChangedFields): Promise<void> {
  if (Object.keys(changed).length === 0) return
  await tx.emit({ event: 'prefect.work-pool.updated', resource: poolResource(pool, 'work-pool'), payload: updatePayload(changed) })
}

/**
 * Tells the status of a pool.
 *
 * @param before The pool before the change, null for a new one.
 */
export async function emitWorkPoolStatus(tx: Tx, id: string, before: WorkPoolRow | null, pool: WorkPoolRow): Promise<void> {
  if (!pool.status) return
  const lastUs = before?.last_transitioned_status_at
  const isRecent = typeof lastUs === 'number' && tx.nowUs - lastUs < followsWithinUs
  await tx.emit({
    id,
    event: statusEventName('work-pool', pool.status),
    resource: poolResource(pool, undefined),
    follows: isRecent ? before!.last_status_event_id : null,
  })
}

/** Tells of a queue; its status event carries the status that it has now. */
export async function emitWorkQueueEvent(
  tx: Tx,
  what: 'created' | 'deleted' | 'status' | 'updated',
  queue: WorkQueueRow,
  changed?: ChangedFields,
): Promise<void> {
  const pool = await tx.get<WorkPoolRow>('select * from work_pool where id = ?', [queue.work_pool_id])
  const event: NewEvent = {
    event: what === 'status' ? statusEventName('work-queue', queue.status) : `prefect.work-queue.${what}`,
    resource: {
      'prefect.resource.id': `prefect.work-queue.${queue.id}`,
      'prefect.resource.name': queue.name,
      'prefect.resource.role': 'work-queue',
    },
    related: pool ? [relatedPool(pool)] : [],
  }
  if (changed) event.payload = updatePayload(changed)
  await tx.emit(event)
}
