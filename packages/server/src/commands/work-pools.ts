import { httpError } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import {
  encodeWorkPool, encodeWorkPoolForOldClients, storageConfigurationJson, type WorkPoolRow, type WorkPoolStatus,
} from '../storage/rows/work-pools.ts'
import { checkTemplateDefaults } from './job-variables.ts'
import {
  emitWorkPoolCreatedOrDeleted, emitWorkPoolStatus, emitWorkPoolUpdated, emitWorkQueueEvent, type ChangedFields,
} from './work-pool-events.ts'
import { addQueue } from './work-queue-rows.ts'
import type { WorkQueueRow } from '../storage/rows/work-queues.ts'

export interface NewWorkPool {
  name: string
  description: string | null
  type: string
  base_job_template: Record<string, unknown>
  is_paused: boolean
  concurrency_limit: number | null
  storage_configuration: Record<string, unknown>
}

/** A pool of this type is polled by agents of old; it has no status. */
const agentType = 'prefect-agent'

function isReserved(name: string): boolean {
  return name.toLowerCase().startsWith('prefect')
}

async function createWorkPool(tx: Tx, args: { pool: NewWorkPool; oldClient: boolean }): Promise<Answer> {
  if (isReserved(args.pool.name)) {
    throw httpError(403, `Work pools starting with 'Prefect' are reserved for internal use.`)
  }
  const taken = await tx.get('select 1 from work_pool where name = ?', [args.pool.name])
  if (taken) throw httpError(409, 'A work pool with this name already exists.')
  await checkTemplateDefaults(tx, args.pool.base_job_template)
  const pool = await addWorkPool(tx, args.pool)
  await emitWorkPoolStatus(tx, tx.newId(), null, pool)
  const encode = args.oldClient ? encodeWorkPoolForOldClients : encodeWorkPool
  return created(encode({ ...pool, active_slots: pool.concurrency_limit === null ? null : 0 }, tx.nowUs))
}

/** Writes a pool with its queue `default` and tells of both. */
export async function addWorkPool(tx: Tx, given: NewWorkPool): Promise<WorkPoolRow> {
  const id = tx.newId()
  const status = given.type === agentType ? null : given.is_paused ? 'PAUSED' : 'NOT_READY'
  await tx.run(
    `insert into work_pool (id, created, updated, name, description, type, base_job_template, is_paused, concurrency_limit,
       status, storage_configuration)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      id, tx.nowUs, tx.nowUs, given.name, given.description, given.type, JSON.stringify(given.base_job_template),
      given.is_paused ? 1 : 0, given.concurrency_limit, status, storageConfigurationJson(given.storage_configuration),
    ],
  )
  const queue = await addQueue(tx, id, {
    name: 'default', description: `The work pool's default queue.`, is_paused: false, concurrency_limit: null, priority: null, filter: null,
  })
  const pool = await tx.get<WorkPoolRow>('update work_pool set default_queue_id = ? where id = ? returning *', [queue.id, id])
  await emitWorkPoolCreatedOrDeleted(tx, 'created', pool!)
  return pool!
}

/** The pool of that name. @throws 404 with Prefect's text. */
export async function findWorkPool(tx: Pick<Tx, 'get'>, name: string): Promise<WorkPoolRow> {
  const pool = await tx.get<WorkPoolRow>('select * from work_pool where name = ?', [name])
  if (!pool) throw httpError(404, `Work pool "${name}" not found.`)
  return pool
}

export type WorkPoolChanges = Partial<Omit<NewWorkPool, 'name' | 'type' | 'base_job_template' | 'storage_configuration'>> & {
  base_job_template?: Record<string, unknown> | null
  storage_configuration?: Record<string, unknown> | null
}

async function updateWorkPool(tx: Tx, args: { name: string; changes: WorkPoolChanges }): Promise<Answer> {
  const touchesMore = Object.keys(args.changes).some((field) => field !== 'is_paused' && field !== 'concurrency_limit')
  if (isReserved(args.name) && touchesMore) {
    throw httpError(
      403,
      `Work pools starting with 'Prefect' are reserved for internal use and can only be updated to set concurrency limits or pause.`,
    )
  }
  await changeWorkPool(tx, await findWorkPool(tx, args.name), args.changes)
  return noContent()
}

/** Members of a pool whose change is told by its `updated` event. */
const eventFields = ['description', 'base_job_template', 'concurrency_limit', 'storage_configuration'] as const
/** Members that a worker works by: their change goes to the workers that are connected. */
const snapshotFields = ['base_job_template', 'concurrency_limit', 'is_paused', 'storage_configuration'] as const

/** Changes a pool, its status with it, and tells whoever listens. */
export async function changeWorkPool(tx: Tx, pool: WorkPoolRow, changes: WorkPoolChanges): Promise<WorkPoolRow> {
  const columns: Record<string, SqlParam> = {}
  if (changes.description !== undefined) columns['description'] = changes.description
  if (changes.base_job_template) columns['base_job_template'] = JSON.stringify(changes.base_job_template)
  if (changes.concurrency_limit !== undefined) columns['concurrency_limit'] = changes.concurrency_limit
  if (typeof changes.is_paused === 'boolean') columns['is_paused'] = changes.is_paused ? 1 : 0
  if (changes.storage_configuration !== undefined) {
    columns['storage_configuration'] = storageConfigurationJson(changes.storage_configuration)
  }
  let changed = pool
  if (Object.keys(columns).length > 0) {
    const assignments = Object.keys(columns).map((column) => `${column} = ?, `).join('')
    changed = (await tx.get<WorkPoolRow>(`update work_pool set ${assignments}updated = ? where id = ? returning *`, [
      ...Object.values(columns),
      tx.nowUs,
      pool.id,
    ]))!
  }
  await emitWorkPoolUpdated(tx, changed, differences(pool, changed))
  if (typeof changes.is_paused === 'boolean' && pool.type !== agentType) {
    changed = await setWorkPoolStatus(tx, changed, changes.is_paused ? 'PAUSED' : await statusOfRunningPool(tx, pool.id))
  }
  if (snapshotFields.some((field) => field in changes)) tx.publish({ topic: 'work-pool', id: pool.id, name: pool.name })
  return changed
}

async function statusOfRunningPool(tx: Tx, poolId: string): Promise<WorkPoolStatus> {
  const online = await tx.get(`select 1 from worker where work_pool_id = ? and status = 'ONLINE' limit 1`, [poolId])
  return online ? 'READY' : 'NOT_READY'
}

function differences(before: WorkPoolRow, after: WorkPoolRow): ChangedFields {
  const changed: ChangedFields = {}
  for (const field of eventFields) {
    if (before[field] === after[field]) continue
    const isDocument = field === 'base_job_template' || field === 'storage_configuration'
    const value = (row: WorkPoolRow): unknown => (isDocument ? JSON.parse(row[field] as string) : row[field])
    changed[field] = { from: value(before), to: value(after) }
  }
  return changed
}

/** Writes a pool's status and its event. Being told again what it was already counts, as in Prefect. */
export async function setWorkPoolStatus(tx: Tx, pool: WorkPoolRow, status: WorkPoolStatus): Promise<WorkPoolRow> {
  const eventId = tx.newId()
  const changed = await tx.get<WorkPoolRow>(
    `update work_pool set status = ?, last_status_event_id = ?, last_transitioned_status_at = ?, updated = ? where id = ? returning *`,
    [status, eventId, tx.nowUs, tx.nowUs, pool.id],
  )
  await emitWorkPoolStatus(tx, eventId, pool, changed!)
  return changed!
}

async function deleteWorkPool(tx: Tx, args: { name: string }): Promise<Answer> {
  if (isReserved(args.name)) {
    throw httpError(403, `Work pools starting with 'Prefect' are reserved for internal use and can not be deleted.`)
  }
  const pool = await findWorkPool(tx, args.name)
  const queues = await tx.all<WorkQueueRow>('select * from work_queue where work_pool_id = ? order by priority', [pool.id])
  for (const queue of queues) await emitWorkQueueEvent(tx, 'deleted', queue)
  await emitWorkPoolCreatedOrDeleted(tx, 'deleted', pool)
  await tx.run('delete from work_pool where id = ?', [pool.id])
  tx.publish({ topic: 'work-pool', id: pool.id, name: pool.name })
  return noContent()
}

export const workPoolCommands = { createWorkPool, updateWorkPool, deleteWorkPool }
