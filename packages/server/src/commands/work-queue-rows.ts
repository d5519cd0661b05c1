import type { Tx } from '../storage/port.ts'
import type { WorkQueueRow } from '../storage/rows/work-queues.ts'
import { emitWorkQueueEvent } from './work-pool-events.ts'

export interface NewWorkQueue {
  name: string
  description: string | null
  is_paused: boolean
  concurrency_limit: number | null
  /** 1 is served first; null takes the lowest number that is free. */
  priority: number | null
  filter: Record<string, unknown> | null
}

/** A queue about which only the name is known. */
export function plainQueue(name: string): NewWorkQueue {
  return { name, description: '', is_paused: false, concurrency_limit: null, priority: null, filter: null }
}

/** Adds a queue to a pool and tells of it. A name that is taken violates a constraint (409). */
export async function addQueue(tx: Tx, poolId: string, given: NewWorkQueue): Promise<WorkQueueRow> {
  const id = tx.newId()
  await tx.run(
    `insert into work_queue (id, created, updated, name, description, is_paused, concurrency_limit, priority, work_pool_id, filter)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      id, tx.nowUs, tx.nowUs, given.name, given.description, given.is_paused ? 1 : 0, given.concurrency_limit,
      given.priority ?? (await lowestFreePriority(tx, poolId)), poolId, given.filter && JSON.stringify(given.filter),
    ],
  )
  if (given.priority !== null) await makeRoomFor(tx, poolId, { id, priority: given.priority })
  const queue = await tx.get<WorkQueueRow>('select * from work_queue where id = ?', [id])
  await emitWorkQueueEvent(tx, 'created', queue!)
  return queue!
}

/** The queue of that name in the pool, made when there is none. */
export async function queueInPool(tx: Tx, poolId: string, name: string): Promise<WorkQueueRow> {
  const queue = await tx.get<WorkQueueRow>('select * from work_queue where work_pool_id = ? and name = ?', [poolId, name])
  return queue ?? addQueue(tx, poolId, plainQueue(name))
}

async function lowestFreePriority(tx: Tx, poolId: string): Promise<number> {
  const taken = await tx.all<{ priority: number }>('select priority from work_queue where work_pool_id = ? order by priority', [
    poolId,
  ])
  const gap = taken.findIndex(({ priority }, index) => priority !== index + 1)
  return gap >= 0 ? gap + 1 : (taken.at(-1)?.priority ?? 0) + 1
}

/**
 * Keeps the priorities of a pool's queues apart after a change: the changed queue goes before those that had its
 * number or a higher one, and these move on as far as they must. Without a change it only takes apart what is equal.
 */
export async function makeRoomFor(tx: Tx, poolId: string, changed?: { id: string; priority: number }): Promise<void> {
  const queues = await tx.all<{ id: string; priority: number }>(
    'select id, priority from work_queue where work_pool_id = ? order by priority, id',
    [poolId],
  )
  const order = queues.filter(({ id }) => id !== changed?.id)
  if (changed) {
    const at = order.findIndex(({ priority }) => priority >= changed.priority)
    if (at < 0) return
    order.splice(at, 0, changed)
  }
  let last = 0
  for (const { id, priority } of order) {
    last = Math.max(priority, last + 1)
    if (last !== priority) await tx.run('update work_queue set priority = ? where id = ?', [last, id])
  }
}
