import { compileEventFilter, type EventFilterFields } from '@spillway/core/domain/event-filter'
import type { LogFilterFields } from '@spillway/core/domain/log-filter'
import { allOf, condition, type Condition, type Filter } from '../storage/filters/condition.ts'
import { eventCondition, eventRowCondition, occurredRange } from '../storage/filters/events.ts'
import type { Sql } from '../storage/port.ts'
import { encodeLog, type LogRow } from '../storage/rows/logs.ts'
import { logCondition } from './logs.ts'

export interface StreamItemRow {
  seq: number
  occurredUs: number
  body: string
}

/** What lies behind a cursor in the order of the log. */
export interface ReplayRows {
  items: StreamItemRow[]
  /** Everything up to here was looked at. */
  upToSeq: number
  isEnd: boolean
  /** Rows behind the cursor that are gone. */
  missed: number
}

export interface BackfillRows {
  items: StreamItemRow[]
  /** Where the next page starts; undefined after the last. */
  next: { upToSeq: number; occurredUs: number; seq: number } | undefined
  upToSeq: number
}

interface ReplayArgs {
  afterSeq: number
  /** Most items of the page. */
  limit: number
  /** Most bytes of their bodies; one item always comes. */
  bytesMax: number
  /** Most rows that are looked at. */
  scanRows: number
}

/** Bodies are read in portions of about this size while a filter that SQL cannot answer looks at them. */
const portionBytes = 1024 * 1024

interface Measured {
  seq: number
  occurred: number
  bytes: number
}

/** The oldest and the newest cursor of a log; zeros when it is empty. */
async function readStreamBounds(sql: Sql, args: { log: 'event' | 'log' }): Promise<{ firstSeq: number; lastSeq: number }> {
  const row = await sql.get<{ first: number | null; last: number | null }>(
    `select (select min(seq) from ${args.log}) as first, (select max(seq) from ${args.log}) as last`,
  )
  return { firstSeq: row?.first ?? 0, lastSeq: row?.last ?? 0 }
}

/** Where a replay from a cursor looks: from the first row behind it, `scanRows` far at most. */
async function replayWindow(
  sql: Sql,
  log: 'event' | 'log',
  { afterSeq, scanRows }: ReplayArgs,
): Promise<{ from: number; to: number; lastSeq: number; missed: number } | undefined> {
  const { firstSeq, lastSeq } = await readStreamBounds(sql, { log })
  if (lastSeq <= afterSeq) return undefined
  const next = await sql.get<{ seq: number }>(`select min(seq) as seq from ${log} where seq > ?`, [afterSeq])
  const from = next?.seq ?? afterSeq + 1
  return { from, to: Math.min(from + scanRows - 1, lastSeq), lastSeq, missed: afterSeq > 0 ? Math.max(0, firstSeq - afterSeq - 1) : 0 }
}

/** Matching events behind a cursor, in the order in which they were committed. */
async function readEventsAfter(sql: Sql, args: ReplayArgs & { filter: EventFilterFields }): Promise<ReplayRows> {
  const window = await replayWindow(sql, 'event', args)
  if (!window) return { items: [], upToSeq: args.afterSeq, isEnd: true, missed: 0 }
  const { where, exact } = eventRowCondition(args.filter)
  const { sinceUs, untilUs } = occurredRange(args.filter, Number.MAX_SAFE_INTEGER)
  const isWithin = (row: { occurred: number }): boolean =>
    (!args.filter.occurred?.since || row.occurred >= sinceUs) && row.occurred <= untilUs
  const matches = exact && !needsBody(args.filter) ? () => true : compileEventFilter(args.filter)
  const measured = (
    await sql.all<Measured>(
      `select seq, occurred, octet_length(body) as bytes from event where seq between ? and ? and ${where.text} order by seq`,
      [window.from, window.to, ...where.params],
    )
  ).filter(isWithin)
  const items: StreamItemRow[] = []
  let taken = 0
  let bytes = 0
  while (taken < measured.length && items.length < args.limit && bytes < args.bytesMax) {
    const portion = firstThatFit(measured.slice(taken, taken + args.limit - items.length), Math.min(portionBytes, args.bytesMax))
    for (const row of await readBodies(sql, portion)) {
      if (!matches(JSON.parse(row.body))) continue
      items.push(row)
      bytes += row.body.length
    }
    taken += portion.length
  }
  const isWhole = taken === measured.length
  const upToSeq = isWhole ? window.to : measured[taken - 1]!.seq
  return { items, upToSeq, isEnd: upToSeq >= window.lastSeq, missed: window.missed }
}

/** Conditions on what a row tells only in its body. */
function needsBody({ related, any_resource: anyResource, text }: EventFilterFields): boolean {
  return Boolean(related) || Boolean(anyResource) || Boolean(text)
}

/** The rows at the beginning whose bodies have so many bytes together; at least one. */
function firstThatFit<Row extends { bytes: number }>(rows: readonly Row[], bytesMax: number): readonly Row[] {
  let bytes = 0
  const count = rows.findIndex((row) => (bytes += row.bytes) > bytesMax)
  return count < 0 ? rows : rows.slice(0, Math.max(1, count))
}

async function readBodies(sql: Sql, rows: readonly { seq: number; occurred: number }[]): Promise<StreamItemRow[]> {
  const found = await sql.all<{ seq: number; body: string }>(
    'select seq, body from event where seq in (select value from json_each(?))',
    [JSON.stringify(rows.map((row) => row.seq))],
  )
  const bodies = new Map(found.map((row) => [row.seq, row.body]))
  return rows.flatMap(({ seq, occurred }) => {
    const body = bodies.get(seq)
    return body === undefined ? [] : [{ seq, occurredUs: occurred, body }]
  })
}

/** A page of what had happened before a subscription began, in the order of occurrence. */
async function readEventsForStream(
  sql: Sql,
  args: {
    filter: EventFilterFields
    sinceUs: number
    /** Behind which event the page starts; undefined for the first page. */
    mark: { upToSeq: number; occurredUs: number; seq: number } | undefined
    limit: number
    bytesMax: number
  },
): Promise<BackfillRows> {
  const { filter, mark } = args
  const upToSeq = mark?.upToSeq ?? (await readStreamBounds(sql, { log: 'event' })).lastSeq
  const { untilUs } = occurredRange(filter, Number.MAX_SAFE_INTEGER)
  const { where, exact } = eventCondition(filter, { sinceUs: args.sinceUs, untilUs })
  const measured = await sql.all<Measured>(
    `select seq, occurred, octet_length(body) as bytes from event where ${where.text} and seq <= ?
     ${mark ? 'and (occurred, seq) > (?, ?)' : ''} order by occurred, seq limit ?`,
    [...where.params, upToSeq, ...(mark ? [mark.occurredUs, mark.seq] : []), args.limit],
  )
  const rows = firstThatFit(measured, args.bytesMax)
  const last = rows.length < measured.length || measured.length === args.limit ? rows.at(-1) : undefined
  const matches = exact ? () => true : compileEventFilter(filter)
  return {
    items: (await readBodies(sql, rows)).filter((row) => exact || matches(JSON.parse(row.body))),
    next: last && { upToSeq, occurredUs: last.occurred, seq: last.seq },
    upToSeq,
  }
}

/** Matching log lines behind a cursor, in the order in which they were committed. */
async function readLogsAfter(sql: Sql, args: ReplayArgs & { filter: LogFilterFields }): Promise<ReplayRows> {
  const window = await replayWindow(sql, 'log', args)
  if (!window) return { items: [], upToSeq: args.afterSeq, isEnd: true, missed: 0 }
  const where: Condition = allOf([condition('seq between ? and ?', window.from, window.to), logCondition(args.filter as Filter)])
  const measured = await sql.all<Measured>(
    `select seq, timestamp as occurred, octet_length(message) as bytes from log where ${where.text} order by seq limit ?`,
    [...where.params, args.limit],
  )
  const rows = firstThatFit(measured, args.bytesMax)
  const found = await sql.all<LogRow & { seq: number }>(
    'select * from log where seq in (select value from json_each(?)) order by seq',
    [JSON.stringify(rows.map((row) => row.seq))],
  )
  const isWhole = rows.length === measured.length && measured.length < args.limit
  const upToSeq = isWhole ? window.to : rows.at(-1)!.seq
  return {
    items: found.map((row) => ({ seq: row.seq, occurredUs: row.timestamp, body: encodeLog(row, sql.nowUs) })),
    upToSeq,
    isEnd: upToSeq >= window.lastSeq,
    missed: window.missed,
  }
}

export const streamQueries = { readStreamBounds, readEventsAfter, readEventsForStream, readLogsAfter }
