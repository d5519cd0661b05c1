import { compileEventFilter, type EventFilterFields } from '@spillway/core/domain/event-filter'
import { ok } from '../storage/answers.ts'
import { eventCondition, occurredRange } from '../storage/filters/events.ts'
import type { Answer, Sql } from '../storage/port.ts'


/** Rows read at once while a filter that SQL cannot answer whole looks at them. */
const scanPage = 1_000

interface EventRow {
  seq: number
  occurred: number
  resource_id: string
  body: string
}

export interface EventPageAnswer {
  /** Events as on the wire. */
  bodies: string[]
  total: number
  /** Not all rows were looked at. */
  cut: boolean
}

/**
 * One page of the events that match.
 *
 * @param args.total Known from an earlier page; undefined counts.
 * @param args.scanRowsMax Most rows that a filter may look at one by one; what lies beyond is not counted.
 */
async function filterEvents(
  sql: Sql,
  args: { filter: EventFilterFields; limit: number; offset: number; total?: number | undefined; scanRowsMax: number },
): Promise<EventPageAnswer> {
  const { filter } = args
  const { where, exact } = eventCondition(filter, occurredRange(filter, sql.nowUs))
  const direction = filter.order === 'ASC' ? 'asc' : 'desc'
  if (exact) {
    const rows = await sql.all<EventRow>(
      `select body from event where ${where.text} order by occurred ${direction}, seq ${direction} limit ? offset ?`,
      [...where.params, args.limit, args.offset],
    )
    const total =
      args.total ?? (await sql.get<{ n: number }>(`select count(*) as n from event where ${where.text}`, where.params))?.n ?? 0
    return { bodies: rows.map((row) => row.body), total, cut: false }
  }
  const bodies: string[] = []
  let matched = 0
  const progress = { cut: false }
  for await (const row of scan(sql, filter, direction, args.scanRowsMax, progress)) {
    if (matched >= args.offset && bodies.length < args.limit) bodies.push(row.body)
    matched += 1
    if (args.total !== undefined && bodies.length >= args.limit) break
  }
  return { bodies, total: args.total ?? matched, cut: progress.cut }
}

/** Rows that match a filter, in order, looked at one by one; at most `rowsMax` are looked at, and then `progress.cut` is set. */
async function* scan(
  sql: Sql,
  filter: EventFilterFields,
  direction: 'asc' | 'desc',
  rowsMax: number,
  progress: { cut: boolean },
): AsyncGenerator<EventRow> {
  const { where } = eventCondition(filter, occurredRange(filter, sql.nowUs))
  const matches = compileEventFilter(filter)
  const distinct = filter.resource?.distinct ? new Set<string>() : undefined
  const compare = direction === 'asc' ? '>' : '<'
  let last: EventRow | undefined
  for (let looked = 0; looked < rowsMax; looked += scanPage) {
    const rows = await sql.all<EventRow>(
      `select seq, occurred, resource_id, body from event where ${where.text}
       ${last ? `and (occurred, seq) ${compare} (?, ?)` : ''} order by occurred ${direction}, seq ${direction} limit ?`,
      [...where.params, ...(last ? [last.occurred, last.seq] : []), scanPage],
    )
    for (const row of rows) {
      if (!matches(JSON.parse(row.body))) continue
      if (distinct?.has(row.resource_id)) continue
      distinct?.add(row.resource_id)
      yield row
    }
    if (rows.length < scanPage) return
    last = rows.at(-1)
  }
  progress.cut = true
}

type Countable = 'day' | 'time' | 'event' | 'resource'

/** Counts of matching events by name, resource, or in the time buckets given (start of each, ascending, all µs). */
async function countEvents(
  sql: Sql,
  args: { filter: EventFilterFields; countable: Countable; buckets: { startUs: number; endUs: number; start: string; end: string }[]; scanRowsMax: number },
): Promise<{ answer: Answer; cut: boolean }> {
  // Every event counts, also where a list would show one for each resource.
  const filter = args.filter.resource ? { ...args.filter, resource: { ...args.filter.resource, distinct: false } } : args.filter
  const counts = new Map<string, { label: string; count: number; start: string; end: string }>()
  const bucketCounts = new Array<number>(args.buckets.length).fill(0)
  const progress = { cut: false }
  for await (const row of scan(sql, filter, 'asc', args.scanRowsMax, progress)) {
    if (args.countable === 'day' || args.countable === 'time') {
      const index = findBucket(args.buckets, row.occurred)
      if (index >= 0) bucketCounts[index] = (bucketCounts[index] ?? 0) + 1
      continue
    }
    const event = JSON.parse(row.body) as { event: string; occurred: string; resource: Record<string, string> }
    const value = args.countable === 'event' ? event.event : row.resource_id
    const label =
      args.countable === 'event' ? event.event : (event.resource['prefect.resource.name'] ?? event.resource['prefect.name'] ?? row.resource_id)
    const entry = counts.get(value)
    if (entry) Object.assign(entry, { label, count: entry.count + 1, end: event.occurred })
    else counts.set(value, { label, count: 1, start: event.occurred, end: event.occurred })
  }
  const items =
    args.countable === 'day' || args.countable === 'time'
      ? args.buckets.map(({ start, end }, index) => ({
          value: String(index),
          label: start.replace('Z', '+00:00'),
          count: bucketCounts[index] ?? 0,
          start_time: start,
          end_time: end,
        }))
      : [...counts]
          .map(([value, { label, count, start, end }]) => ({ value, label, count, start_time: start, end_time: end }))
          .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1))
  return { answer: ok(JSON.stringify(items)), cut: progress.cut }
}

function findBucket(buckets: readonly { startUs: number; endUs: number }[], us: number): number {
  let low = 0
  let high = buckets.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const bucket = buckets[middle]!
    if (us < bucket.startUs) high = middle - 1
    else if (us > bucket.endUs) low = middle + 1
    else return middle
  }
  return -1
}

export const eventQueries = { filterEvents, countEvents }
