import { httpError } from '../errors.ts'
import { createdOrExisting, noContent } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import { encodeFlow, type FlowRow } from '../storage/rows/flows.ts'

/** Creates a flow, or gives back the one of that name untouched. */
async function createFlow(tx: Tx, args: { name: string; tags: string[]; labels: Record<string, unknown> | null }): Promise<Answer> {
  const id = tx.newId()
  const added = await tx.get<FlowRow>(
    `insert into flow (id, created, updated, name, tags, labels) values (?, ?, ?, ?, ?, ?)
     on conflict (name) do nothing returning *`,
    [id, tx.nowUs, tx.nowUs, args.name, JSON.stringify(args.tags), JSON.stringify(args.labels)],
  )
  if (added) {
    await emitFlowEvent(tx, 'created', added)
    return createdOrExisting(true, encodeFlow(added, tx.nowUs))
  }
  const existing = await tx.get<FlowRow>('select * from flow where name = ?', [args.name])
  return createdOrExisting(false, encodeFlow(existing!, tx.nowUs))
}

async function updateFlow(tx: Tx, args: { id: string; tags: string[] | undefined }): Promise<Answer> {
  const flow = await tx.get<FlowRow>(
    'update flow set tags = coalesce(?, tags), updated = ? where id = ? returning *',
    [args.tags ? JSON.stringify([...new Set(args.tags)]) : null, tx.nowUs, args.id],
  )
  if (!flow) throw httpError(404, 'Flow not found')
  await emitFlowEvent(tx, 'updated', flow)
  return noContent()
}

async function deleteFlow(tx: Tx, args: { id: string }): Promise<Answer> {
  if (!(await removeFlow(tx, args.id))) throw httpError(404, 'Flow not found')
  return noContent()
}

/**
 * Deletes a flow with its deployments (and their own limits) and what is left of its runs. Whoever deletes a flow with many
 * runs deletes these step by step beforehand, with deleteRunsOfFlow.
 */
async function removeFlow(tx: Tx, id: string): Promise<boolean> {
  await tx.run(
    `delete from concurrency_limit where name in (select 'deployment:' || id from deployment where flow_id = ?)`,
    [id],
  )
  const flow = await tx.get<FlowRow>('delete from flow where id = ? returning *', [id])
  if (!flow) return false
  await emitFlowEvent(tx, 'deleted', flow)
  return true
}

async function emitFlowEvent(tx: Tx, what: 'created' | 'updated' | 'deleted', flow: FlowRow): Promise<void> {
  await tx.emit({
    event: `prefect.flow.${what}`,
    resource: { 'prefect.resource.id': `prefect.flow.${flow.id}`, 'prefect.resource.name': flow.name },
    payload: { name: flow.name, tags: JSON.parse(flow.tags), labels: JSON.parse(flow.labels) },
  })
}

export const flowCommands = { createFlow, updateFlow, deleteFlow }
