/** Where a backfill stands: behind an event in the order of occurrence, on the way to the log's end as it was at its start. */
export interface BackfillMark {
  /** Behind it, delivery goes on in the order of the log. */
  upToSeq: number
  occurredUs: number
  seq: number
}

/** A place in a stream, which only its own log understands. */
export type Position = { kind: 'log'; seq: number } | { kind: 'backfill'; mark: BackfillMark }

/** Cursors are opaque to clients; the epoch in them tells the log that they belong to. */
export function formatCursor(epoch: string, position: Position): string {
  if (position.kind === 'log') return `${epoch}.${position.seq}`
  const { upToSeq, occurredUs, seq } = position.mark
  return `${epoch}.${upToSeq}.${occurredUs}.${seq}`
}

/** Reads a cursor; tells why it cannot be used. */
export function parseCursor(text: unknown, epoch: string): Position | 'malformed' | 'epoch' {
  const found = typeof text === 'string' ? /^([\w-]{1,64})\.(\d{1,16})(?:\.(-?\d{1,17})\.(\d{1,16}))?$/.exec(text) : null
  if (!found) return 'malformed'
  if (found[1] !== epoch) return 'epoch'
  const first = Number(found[2])
  if (found[3] === undefined) return { kind: 'log', seq: first }
  return { kind: 'backfill', mark: { upToSeq: first, occurredUs: Number(found[3]), seq: Number(found[4]) } }
}
