import { formatIso, parseIso } from '@spillway/core/wire/time'
import { BulkInsert } from './bulk-insert.ts'
import type { NewEvent, SqlParam, Tx } from './port.ts'

/** What a client's event tells of a task run. */
export interface ToldTaskRun {
  id: string
  /** null for a task that runs outside of flows. */
  flowRunId: string | null
  /** With the flow run its natural key, which no later event tells anew. */
  taskKey: string
  dynamicKey: string
  state: { id: string; timestampUs: number; type: string; name: string; json: string }
  /** The columns that it sets beside the state; absent ones leave what is stored. */
  columns: Record<string, SqlParam>
}

/** An event ready for the log: all members of a ReceivedEvent, `body` being its JSON text. */
export interface LoggedEvent {
  id: string
  occurredUs: number
  receivedUs: number
  event: string
  resourceId: string
  /** Resource id and role of each related resource. */
  related: readonly (readonly [resourceId: string, role: string])[]
  body: string
  /** Only of an event that tells the state of a task run; with the reason where that cannot be read from it. */
  taskRun?: ToldTaskRun | { reason: string }
}

const insertEvents = new BulkInsert('event', ['id', 'occurred', 'received', 'event', 'resource_id', 'body'], 'on conflict (id) do nothing returning id, seq')
const insertResources = new BulkInsert('event_resource', ['resource_id', 'occurred', 'event_seq', 'role'], 'on conflict do nothing')

/**
 * Writes events with their resources in the order given, and publishes them for after the commit. An id that is there already is left
 * alone, which makes a repeated delivery harmless.
 *
 * @param publish Whether anybody listens to events: if not, only their cursor is told.
 * @returns the events that were not there already.
 */
export async function appendEvents(tx: Tx, events: readonly LoggedEvent[], publish = true): Promise<LoggedEvent[]> {
  const appended: LoggedEvent[] = []
  let lastSeq: number | undefined
  const resources: SqlParam[][] = []
  const rows = events.map((event) => [event.id, event.occurredUs, event.receivedUs, event.event, event.resourceId, event.body])
  for (const { text, params, from, to } of insertEvents.statements(rows)) {
    const seqs = new Map(await tx.tuples<[id: string, seq: number]>(text, params))
    for (const event of events.slice(from, to)) {
      const seq = seqs.get(event.id)
      // An id that stands twice in one statement has one row: the first is the one that made it.
      if (seq === undefined || !seqs.delete(event.id)) continue
      appended.push(event)
      lastSeq = seq
      resources.push([event.resourceId, event.occurredUs, seq, ''])
      for (const [resourceId, role] of event.related) resources.push([resourceId, event.occurredUs, seq, role])
      if (!publish) continue
      tx.publish({
        topic: 'event',
        seq,
        event: event.event,
        resourceId: event.resourceId,
        relatedIds: event.related.map(([resourceId]) => resourceId),
        occurredUs: event.occurredUs,
        body: event.body,
      })
    }
  }
  for (const { text, params } of insertResources.statements(resources)) await tx.run(text, params)
  if (!publish && lastSeq !== undefined) tx.publish({ topic: 'unpublished', log: 'event', seq: lastSeq })
  return appended
}

/** Completes an event of the server's own and appends it. */
export async function emitEvent(tx: Tx, event: NewEvent): Promise<void> {
  const id = event.id ?? tx.newId()
  const received = formatIso(tx.nowUs)
  const occurred = event.occurred ?? received
  const related = event.related ?? []
  const resourceId = event.resource['prefect.resource.id'] ?? ''
  await appendEvents(tx, [{
    id,
    occurredUs: parseIso(occurred) ?? tx.nowUs,
    receivedUs: tx.nowUs,
    event: event.event,
    resourceId,
    related: related.map((r) => [r['prefect.resource.id'] ?? '', r['prefect.resource.role'] ?? ''] as const),
    body: JSON.stringify({
      occurred,
      event: event.event,
      resource: event.resource,
      related,
      payload: event.payload ?? {},
      id,
      follows: event.follows ?? null,
      received,
    }),
  }])
}
