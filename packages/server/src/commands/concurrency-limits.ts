import { clampedPoissonInterval } from '@spillway/core/domain/concurrency-slots'
import { httpError } from '../errors.ts'
import { created, jsonArray, noContent, ok } from '../storage/answers.ts'
import { addLease, giveSlotsBack, key, keyColumn, lockLimits, selectLimits, takeSlots } from '../storage/limit-slots.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import {
  encodeConcurrencyLimit, minimalLimitJson, tagLimitJson, type ConcurrencyLeaseRow, type ConcurrencyLimitRow,
} from '../storage/rows/concurrency-limits.ts'

export interface NewConcurrencyLimit {
  name: string
  limit: number
  active: boolean
  active_slots: number
  denied_slots: number
  slot_decay_per_second: number
}

async function createConcurrencyLimitV2(tx: Tx, args: NewConcurrencyLimit): Promise<Answer> {
  const row = await addLimit(tx, args)
  return created(encodeConcurrencyLimit(row, tx.nowUs))
}

export async function addLimit(tx: Tx, limit: NewConcurrencyLimit): Promise<ConcurrencyLimitRow> {
  const row = await tx.get<ConcurrencyLimitRow>(
    `insert into concurrency_limit
       (id, created, updated, name, active, "limit", active_slots, denied_slots, slot_decay_per_second)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
    [
      tx.newId(),
      tx.nowUs,
      tx.nowUs,
      limit.name,
      limit.active ? 1 : 0,
      limit.limit,
      limit.active_slots,
      limit.denied_slots,
      limit.slot_decay_per_second,
    ],
  )
  await emitLimitEvent(tx, 'created', row!)
  return row!
}

async function updateConcurrencyLimitV2(
  tx: Tx,
  args: { idOrName: string; changes: Readonly<Record<string, unknown>> },
): Promise<Answer> {
  const columns = ['active', 'name', 'limit', 'active_slots', 'denied_slots', 'slot_decay_per_second']
  const changed = columns.filter((column) => column in args.changes)
  const assignments = changed.map((column) => `"${column}" = ?, `).join('')
  const values = changed.map((column) => {
    const value = args.changes[column]
    return (typeof value === 'boolean' ? Number(value) : value) as SqlParam
  })
  const row = await tx.get<ConcurrencyLimitRow>(
    `update concurrency_limit set ${assignments}updated = ? where ${keyColumn(args.idOrName)} = ? returning *`,
    [...values, tx.nowUs, key(args.idOrName)],
  )
  if (!row) throw httpError(404, 'Concurrency Limit not found')
  await emitLimitEvent(tx, 'updated', row)
  return noContent()
}

async function deleteConcurrencyLimitV2(tx: Tx, args: { idOrName: string }): Promise<Answer> {
  if (!(await removeLimit(tx, keyColumn(args.idOrName), key(args.idOrName)))) {
    throw httpError(404, 'Concurrency Limit not found')
  }
  return noContent()
}

export async function removeLimit(tx: Tx, column: 'id' | 'name', value: string): Promise<boolean> {
  const row = await tx.get<ConcurrencyLimitRow>(`delete from concurrency_limit where ${column} = ? returning *`, [value])
  if (row) await emitLimitEvent(tx, 'deleted', row)
  return row !== undefined
}

export async function emitLimitEvent(
  tx: Tx,
  what: 'created' | 'updated' | 'deleted',
  row: ConcurrencyLimitRow,
): Promise<void> {
  await tx.emit({
    event: `prefect.concurrency-limit.${what}`,
    resource: { 'prefect.resource.id': `prefect.concurrency-limit.${row.id}`, 'prefect.resource.name': row.name },
    payload: {
      name: row.name,
      limit: row.limit,
      active: row.active === 1,
      slot_decay_per_second: row.slot_decay_per_second,
    },
  })
}

// --- Taking and giving back ---

interface SlotRequest {
  names: string[]
  slots: number
  mode: 'concurrency' | 'rate_limit'
}

async function incrementConcurrencyLimits(tx: Tx, args: SlotRequest): Promise<Answer> {
  const limits = await acquire(tx, args)
  return 'refusal' in limits ? limits.refusal : ok(limitsJson(limits.taken))
}

/** As incrementConcurrencyLimits, under a lease that gives the slots back when it is not renewed. */
async function incrementConcurrencyLimitsWithLease(
  tx: Tx,
  args: SlotRequest & { lease_duration: number; holder: { type: string; id: string } | null },
): Promise<Answer> {
  const limits = await acquire(tx, args)
  if ('refusal' in limits) return limits.refusal
  const id = await addLease(tx, {
    limitIds: limits.taken.map((limit) => limit.id),
    slots: args.slots,
    seconds: args.lease_duration,
    holder: args.holder,
  })
  return ok(`{"lease_id":"${id}","limits":${limitsJson(limits.taken)}}`)
}

/** Names without a limit are passed over. A refusal is an answer and no error, so that what it notes is kept. */
async function acquire(tx: Tx, request: SlotRequest): Promise<{ taken: ConcurrencyLimitRow[] } | { refusal: Answer }> {
  const limits = await lockLimits(tx, 'name', request.names)
  const active = limits.filter((limit) => limit.active)
  if (active.some((limit) => limit.limit < request.slots)) {
    throw httpError(422, 'Slots requested is greater than the limit')
  }
  const steady = active.filter((limit) => limit.slot_decay_per_second === 0)
  if (request.mode === 'rate_limit' && steady.length > 0) {
    throw httpError(
      422,
      'Only concurrency limits with slot decay can be used for rate limiting. ' +
        `The following limits do not have a decay configured: '${steady.map((limit) => limit.name).join(',')}'`,
    )
  }
  const averageWaitSeconds = await takeSlots(tx, limits, request.slots)
  if (averageWaitSeconds === undefined) return { taken: limits }
  const waitSeconds = clampedPoissonInterval(averageWaitSeconds, Math.random)
  return { refusal: { status: 423, json: '{"detail":"Locked"}', headers: { 'retry-after': String(waitSeconds) } } }
}

async function decrementConcurrencyLimits(
  tx: Tx,
  args: { names: string[]; slots: number; occupancy_seconds: number | null },
): Promise<Answer> {
  const limits = await lockLimits(tx, 'name', args.names)
  await giveSlotsBack(tx, limits, args.slots, args.occupancy_seconds)
  return ok(limitsJson(limits))
}

/** An unknown lease is none of the caller's worries: it has been released or has expired. */
async function decrementConcurrencyLimitsWithLease(tx: Tx, args: { lease_id: string }): Promise<Answer> {
  await releaseLease(tx, args.lease_id)
  return noContent()
}

/** Ends a lease and gives its slots back. @returns false when there is no such lease. */
export async function releaseLease(tx: Tx, id: string): Promise<boolean> {
  const lease = await tx.get<ConcurrencyLeaseRow>('delete from concurrency_lease where id = ? returning *', [id])
  if (!lease) return false
  const limits = await lockLimits(tx, 'id', JSON.parse(lease.resource_ids) as string[])
  await giveSlotsBack(tx, limits, lease.slots, (tx.nowUs - lease.created) / 1e6)
  return true
}

async function renewConcurrencyLease(tx: Tx, args: { leaseId: string; lease_duration: number }): Promise<Answer> {
  // Until its slots are taken back, a lease that has run out can be had again.
  const renewed = await tx.run('update concurrency_lease set expires = ? where id = ?', [
    tx.nowUs + Math.round(args.lease_duration * 1e6),
    args.leaseId,
  ])
  if (renewed === 0) throw httpError(410, 'Lease not found - it may have expired or been revoked')
  return noContent()
}

function limitsJson(limits: readonly ConcurrencyLimitRow[]): string {
  return jsonArray(limits.map((limit) => minimalLimitJson(limit, limit.name)))
}

// --- Limits on tags: the older API over the same rows ---

async function createTagLimit(tx: Tx, args: { tag: string; concurrency_limit: number }): Promise<Answer> {
  const name = `tag:${args.tag}`
  const existing = await tx.get<ConcurrencyLimitRow>(
    'update concurrency_limit set "limit" = ?, updated = ? where name = ? returning *',
    [args.concurrency_limit, tx.nowUs, name],
  )
  if (existing) await emitLimitEvent(tx, 'updated', existing)
  const row =
    existing ??
    (await addLimit(tx, {
      name,
      limit: args.concurrency_limit,
      active: true,
      active_slots: 0,
      denied_slots: 0,
      slot_decay_per_second: 0,
    }))
  return { status: existing ? 200 : 201, json: await tagLimitJson(tx, row) }
}

async function deleteTagLimit(tx: Tx, args: { id: string } | { tag: string }): Promise<Answer> {
  const row =
    'id' in args
      ? await tx.get<ConcurrencyLimitRow>('select * from concurrency_limit where id = ?', [args.id])
      : await tx.get<ConcurrencyLimitRow>('select * from concurrency_limit where name = ?', [`tag:${args.tag}`])
  if (!row) throw httpError(404, 'Concurrency limit not found')
  await revokeLeases(tx, row.id)
  await removeLimit(tx, 'id', row.id)
  return ok('null')
}

/** Frees the tag's slots, then takes one for each task run given. */
async function resetTagLimit(tx: Tx, args: { tag: string; slot_override: string[] | null }): Promise<Answer> {
  const [row] = await lockLimits(tx, 'name', [`tag:${args.tag}`])
  if (!row) throw httpError(404, 'Concurrency limit not found')
  await revokeLeases(tx, row.id)
  const holders = [...new Set(args.slot_override ?? [])]
  await tx.run('update concurrency_limit set active_slots = ?, updated = ? where id = ?', [
    holders.length,
    tx.nowUs,
    row.id,
  ])
  for (const id of holders) {
    await addLease(tx, { limitIds: [row.id], slots: 1, seconds: tagLeaseSeconds, holder: { type: 'task_run', id } })
  }
  return ok('null')
}

/** Clients of the older API cannot renew a lease. */
const tagLeaseSeconds = 100 * 365 * 86_400

/** A lease may stand for slots on other limits too; those are given back. */
async function revokeLeases(tx: Tx, limitId: string): Promise<void> {
  const leases = await tx.all<ConcurrencyLeaseRow>(
    `delete from concurrency_lease
     where exists (select 1 from json_each(concurrency_lease.resource_ids) where value = ?) returning *`,
    [limitId],
  )
  for (const lease of leases) {
    const others = (JSON.parse(lease.resource_ids) as string[]).filter((id) => id !== limitId)
    await giveSlotsBack(tx, await lockLimits(tx, 'id', others), lease.slots)
  }
}

async function incrementTagLimits(tx: Tx, args: { names: string[]; task_run_id: string }): Promise<Answer> {
  const tags = [...new Set(args.names)]
  const limits = await lockLimits(tx, 'name', tags.map((tag) => `tag:${tag}`))
  const byTag = new Map(limits.map((limit) => [limit.name.slice('tag:'.length), limit]))
  const closed = tags.find((tag) => byTag.get(tag)?.limit === 0)
  if (closed !== undefined) {
    throw httpError(
      423,
      `The concurrency limit on tag "${closed}" is 0 and will deadlock if the task tries to run again.`,
    )
  }
  const wanted = tags.filter((tag) => byTag.get(tag)?.active)
  const rows = wanted.map((tag) => byTag.get(tag)!)
  if (rows.length === 0) return ok('[]')
  if ((await takeSlots(tx, rows, 1)) !== undefined) {
    throw httpError(423, `Concurrency limit for the ${wanted[0]} tag has been reached`, {
      'retry-after': String(tx.settings.tagSlotWaitSeconds),
    })
  }
  await addLease(tx, {
    limitIds: rows.map((row) => row.id),
    slots: 1,
    seconds: tagLeaseSeconds,
    holder: { type: 'task_run', id: args.task_run_id },
  })
  return ok(jsonArray(wanted.map((tag) => minimalLimitJson(byTag.get(tag)!, tag))))
}

async function decrementTagLimits(tx: Tx, args: { names: string[]; task_run_id: string }): Promise<Answer> {
  const limits = await selectLimits(tx, 'name', args.names.map((tag) => `tag:${tag}`))
  const leases = await tx.all<{ id: string }>(
    `select l.id from concurrency_lease l where l.holder_id = ?
     and exists (select 1 from json_each(l.resource_ids) r where r.value in (select value from json_each(?)))`,
    [args.task_run_id, JSON.stringify(limits.map((limit) => limit.id))],
  )
  for (const lease of leases) await releaseLease(tx, lease.id)
  return ok(limitsJson(limits))
}

export const concurrencyLimitCommands = {
  createConcurrencyLimitV2,
  updateConcurrencyLimitV2,
  deleteConcurrencyLimitV2,
  incrementConcurrencyLimits,
  incrementConcurrencyLimitsWithLease,
  decrementConcurrencyLimits,
  decrementConcurrencyLimitsWithLease,
  renewConcurrencyLease,
  createTagLimit,
  deleteTagLimit,
  resetTagLimit,
  incrementTagLimits,
  decrementTagLimits,
}
