import { parseIso } from '@spillway/core/wire/time'
import { httpError, integrityConflict } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import { encodeWorkQueue, type WorkQueueRow } from '../storage/rows/work-queues.ts'
import { emitWorkQueueEvent, type ChangedFields } from './work-pool-events.ts'
import { addWorkPool, findWorkPool } from './work-pools.ts'
import { addQueue, makeRoomFor, plainQueue, type NewWorkQueue } from './work-queue-rows.ts'

/** Queues without a pool, as agents of old know them, live in this one. */
const legacyPoolName = 'default-agent-pool'

export interface WorkQueueChanges {
  name?: string
  description?: string | null
  is_paused?: boolean
  concurrency_limit?: number | null
  priority?: number | null
  last_polled?: string | null
  filter?: Record<string, unknown> | null
}

async function createPoolQueue(tx: Tx, args: { poolName: string; queue: NewWorkQueue }): Promise<Answer> {
  const pool = await findWorkPool(tx, args.poolName)
  // The placeholder goes out as it stands: that is what Prefect answers.
  await refuseTakenName(tx, pool.id, args.queue.name, 'A work queue with this name already exists in work pool {work_pool_name!r}.')
  return answerNewQueue(tx, await addQueue(tx, pool.id, args.queue), pool)
}

async function createLegacyQueue(tx: Tx, args: { queue: NewWorkQueue }): Promise<Answer> {
  const existing = await tx.get<WorkPoolRow>('select * from work_pool where name = ?', [legacyPoolName])
  const pool = existing ?? (await addLegacyPool(tx))
  if (!existing && args.queue.name === 'default') return answerNewQueue(tx, await defaultQueue(tx, pool), pool)
  await refuseTakenName(tx, pool.id, args.queue.name, 'A work queue with this name already exists.')
  return answerNewQueue(tx, await addQueue(tx, pool.id, args.queue), pool)
}

function answerNewQueue(tx: Tx, queue: WorkQueueRow, pool: WorkPoolRow): Answer {
  const activeSlots = queue.concurrency_limit === null ? null : 0
  return created(encodeWorkQueue({ ...queue, pool_name: pool.name, active_slots: activeSlots }, tx.nowUs))
}

async function refuseTakenName(tx: Tx, poolId: string, name: string, detail: string): Promise<void> {
  const taken = await tx.get('select 1 from work_queue where work_pool_id = ? and name = ?', [poolId, name])
  if (taken) throw httpError(409, detail)
}

function addLegacyPool(tx: Tx): Promise<WorkPoolRow> {
  return addWorkPool(tx, {
    name: legacyPoolName, description: null, type: 'prefect-agent', base_job_template: {}, is_paused: false,
    concurrency_limit: null, storage_configuration: {},
  })
}

async function defaultQueue(tx: Tx, pool: WorkPoolRow): Promise<WorkQueueRow> {
  return (await tx.get<WorkQueueRow>('select * from work_queue where id = ?', [pool.default_queue_id]))!
}

/** The queue that a deployment without a pool names; made, with its pool, when there is none. */
export async function legacyQueue(tx: Tx, name: string): Promise<WorkQueueRow> {
  const existing = await tx.get<WorkPoolRow>('select * from work_pool where name = ?', [legacyPoolName])
  const pool = existing ?? (await addLegacyPool(tx))
  if (name === 'default') return defaultQueue(tx, pool)
  const queue = await tx.get<WorkQueueRow>('select * from work_queue where work_pool_id = ? and name = ?', [pool.id, name])
  return queue ?? addQueue(tx, pool.id, { ...plainQueue(name), priority: 1 })
}

async function findPoolQueue(tx: Tx, poolName: string, name: string): Promise<WorkQueueRow> {
  const pool = await findWorkPool(tx, poolName)
  const queue = await tx.get<WorkQueueRow>('select * from work_queue where work_pool_id = ? and name = ?', [pool.id, name])
  if (!queue) throw httpError(404, `Work pool queue '${poolName}/${name}' not found.`)
  return queue
}

async function updatePoolQueue(tx: Tx, args: { poolName: string; name: string; changes: WorkQueueChanges }): Promise<Answer> {
  const queue = await findPoolQueue(tx, args.poolName, args.name)
  await changeQueue(tx, queue, args.changes)
  const priority = args.changes.priority
  if (typeof priority === 'number') await makeRoomFor(tx, queue.work_pool_id, { id: queue.id, priority })
  return noContent()
}

async function updateLegacyQueue(tx: Tx, args: { id: string; changes: WorkQueueChanges }): Promise<Answer> {
  const queue = await tx.get<WorkQueueRow>('select * from work_queue where id = ?', [args.id])
  if (!queue) throw httpError(404, `Work Queue ${args.id} not found`)
  await changeQueue(tx, queue, args.changes)
  return noContent()
}

/** Members of a queue whose change is told by its `updated` event. */
const eventFields = ['name', 'description', 'concurrency_limit', 'priority'] as const

/** Changes a queue, its status when it is paused or goes on, and tells of both. */
export async function changeQueue(tx: Tx, queue: WorkQueueRow, changes: WorkQueueChanges): Promise<void> {
  const columns = changedColumns(queue, changes, tx)
  if (Object.keys(columns).length === 0) return
  const changed = await tx.get<WorkQueueRow>(
    `update work_queue set ${Object.keys(columns).map((column) => `${column} = ?, `).join('')}updated = ? where id = ? returning *`,
    [...Object.values(columns), tx.nowUs, queue.id],
  )
  const differences: ChangedFields = {}
  for (const field of eventFields) {
    if (queue[field] !== changed![field]) differences[field] = { from: queue[field], to: changed![field] }
  }
  if (Object.keys(differences).length > 0) await emitWorkQueueEvent(tx, 'updated', changed!, differences)
  if ('status' in columns) await emitWorkQueueEvent(tx, 'status', changed!)
}

function changedColumns(queue: WorkQueueRow, changes: WorkQueueChanges, tx: Tx): Record<string, SqlParam> {
  const columns: Record<string, SqlParam> = {}
  if (changes.name !== undefined) columns['name'] = changes.name
  if (changes.description !== undefined) columns['description'] = changes.description
  if (changes.concurrency_limit !== undefined) columns['concurrency_limit'] = changes.concurrency_limit
  if (typeof changes.priority === 'number') columns['priority'] = changes.priority
  if (changes.filter !== undefined) columns['filter'] = changes.filter && JSON.stringify(changes.filter)
  if (changes.last_polled !== undefined) columns['last_polled'] = changes.last_polled === null ? null : (parseIso(changes.last_polled) ?? null)
  if (changes.is_paused === undefined) return columns
  columns['is_paused'] = changes.is_paused ? 1 : 0
  if (changes.is_paused && queue.status !== 'PAUSED') columns['status'] = 'PAUSED'
  if (!changes.is_paused && queue.status === 'PAUSED') {
    const lastPolledUs = 'last_polled' in columns ? (columns['last_polled'] as number | null) : queue.last_polled
    const isRecent = lastPolledUs !== null && tx.nowUs - lastPolledUs <= tx.settings.queuePolledTimeoutSeconds * 1e6
    columns['status'] = isRecent ? 'READY' : 'NOT_READY'
  }
  return columns
}

async function deletePoolQueue(tx: Tx, args: { poolName: string; name: string }): Promise<Answer> {
  const queue = await findPoolQueue(tx, args.poolName, args.name)
  if (await isDefaultQueue(tx, queue)) throw httpError(409, `Can't delete a pool's default queue.`)
  await removeQueue(tx, queue)
  await makeRoomFor(tx, queue.work_pool_id)
  return noContent()
}

async function deleteLegacyQueue(tx: Tx, args: { id: string }): Promise<Answer> {
  const queue = await tx.get<WorkQueueRow>('select * from work_queue where id = ?', [args.id])
  if (!queue) throw httpError(404, 'work queue not found')
  if (await isDefaultQueue(tx, queue)) throw integrityConflict()
  await removeQueue(tx, queue)
  return noContent()
}

async function isDefaultQueue(tx: Tx, queue: WorkQueueRow): Promise<boolean> {
  return (await tx.get('select 1 from work_pool where default_queue_id = ?', [queue.id])) !== undefined
}

/** Flow runs keep the id of a queue that goes; it leads nowhere, and answers show none. */
async function removeQueue(tx: Tx, queue: WorkQueueRow): Promise<void> {
  await emitWorkQueueEvent(tx, 'deleted', queue)
  await tx.run('delete from work_queue where id = ?', [queue.id])
}

export const workQueueCommands = {
  createPoolQueue, createLegacyQueue, updatePoolQueue, updateLegacyQueue, deletePoolQueue, deleteLegacyQueue,
}
