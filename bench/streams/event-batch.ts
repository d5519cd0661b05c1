import { newUuid7 } from '@spillway/core/wire/ids'

/** Where an event's running number begins in its frame, for receivers that tell lost and repeated ones. */
export const NUMBER_MARK = '"prefect.resource.id":"bench.item.'
/** Where the moment of its making (milliseconds since 1970) begins. */
export const MADE_MARK = '"bench.made":"'

/**
 * A body for `POST /events`. Put together as text: the publisher must be cheaper than what it measures.
 *
 * @param first The running number of the first one.
 * @param nameOf The event's name by its running number.
 * @param bytes About the size of one event as JSON; 0.2 KiB is the least.
 */
export function eventBatch(first: number, count: number, nameOf: (n: number) => string, bytes: number): string {
  const filler = fillerOf(bytes)
  const nowMs = Date.now()
  const occurred = new Date(nowMs).toISOString()
  const events = Array.from({ length: count }, (_, index) => {
    const n = first + index
    return `{"id":"${newUuid7(nowMs)}","occurred":"${occurred}","event":"${nameOf(n)}",` +
      `"resource":{${NUMBER_MARK}${n}",${MADE_MARK}${nowMs}"},"related":[],"payload":{"filler":"${filler}"}}`
  })
  return `[${events.join()}]`
}

const fillers = new Map<number, string>()

function fillerOf(bytes: number): string {
  let filler = fillers.get(bytes)
  if (filler === undefined) fillers.set(bytes, (filler = 'Spillway lets the flood past. '.repeat(bytes / 30 + 1).slice(0, Math.max(0, bytes - 230))))
  return filler
}

/** The filter message of a subscriber that wants events whose name begins so, from now on; without `backfill`, from when it is taken on. */
export function filterMessage(prefix: string, backfill = true): string {
  const untilYear = new Date().getUTCFullYear() + 1
  return JSON.stringify({
    type: 'filter',
    ...(!backfill && { backfill }),
    filter: { occurred: { since: new Date().toISOString(), until: `${untilYear}-12-31T00:00:00Z` }, event: { prefix: [prefix] } },
  })
}
