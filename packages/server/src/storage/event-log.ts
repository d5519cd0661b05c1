import { formatIso, parseIso } from '@spillway/core/wire/time'
import type { NewEvent, SqlParam, Tx } from './port.ts'

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
}

/**
 * Writes one event and its resources, and publishes it for after the commit. An id that is there already is left alone, which
 * makes a repeated delivery harmless.
 *
 * @returns the event's cursor, or undefined when it was there already.
 */
export async function appendEvent(tx: Tx, event: LoggedEvent): Promise<number | undefined> {
  const row = await tx.get<{ seq: number }>(
    `insert into event (id, occurred, received, event, resource_id, body) values (?, ?, ?, ?, ?, ?)
     on conflict (id) do nothing returning seq`,
    [event.id, event.occurredUs, event.receivedUs, event.event, event.resourceId, event.body],
  )
  if (!row) return undefined
  const params: SqlParam[] = [event.resourceId, event.occurredUs, row.seq, '']
  let text = 'insert into event_resource (resource_id, occurred, event_seq, role) values (?, ?, ?, ?)'
  for (const [resourceId, role] of event.related) {
    text += ', (?, ?, ?, ?)'
    params.push(resourceId, event.occurredUs, row.seq, role)
  }
  await tx.run(`${text} on conflict do nothing`, params)
  tx.publish({
    topic: 'event',
    seq: row.seq,
    event: event.event,
    resourceId: event.resourceId,
    relatedIds: event.related.map(([resourceId]) => resourceId),
    occurredUs: event.occurredUs,
    body: event.body,
  })
  return row.seq
}

/** Completes an event of the server's own and appends it. */
export async function emitEvent(tx: Tx, event: NewEvent): Promise<void> {
  const id = event.id ?? tx.newId()
  const received = formatIso(tx.nowUs)
  const occurred = event.occurred ?? received
  const related = event.related ?? []
  const resourceId = event.resource['prefect.resource.id'] ?? ''
  await appendEvent(tx, {
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
  })
}
