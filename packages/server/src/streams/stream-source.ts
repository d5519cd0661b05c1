import { compileEventFilter, eventFilterKeys, type EventFilterFields } from '@spillway/core/domain/event-filter'
import { compileLogFilter, type LogFilterFields } from '@spillway/core/domain/log-filter'
import { parseIso } from '@spillway/core/wire/time'
import type { Store } from '../storage/store.ts'
import { formatCursor, type BackfillMark, type Position } from './cursor.ts'
import type { FanOut, Member, SharedFilter, StreamItem } from './fan-out.ts'
import type { Frame } from './frames.ts'
import type { EventItem, Hub, LogItem } from './hub.ts'
import type { ReadGate } from './read-gate.ts'
import type { BackfillPage, ReplayPage, Source, StoredItem } from './subscription.ts'

/** A kind of stream under one filter: joins the fan-out, and reads from the store what is not live. */
export interface FilteredStream<Item extends StreamItem> extends Source<Item> {
  /** @returns undefined when the filter is one too many of the costly ones. */
  join(member: Member<Item>): (() => void) | undefined
  /** The cursors that the store still has. */
  readBounds(): Promise<{ firstSeq: number; lastSeq: number }>
}

export interface SourceParts {
  hub: Hub
  store: Store
  gate: ReadGate
  pageItems: number
  pageBytes: number
  scanRows: number
}

interface TimeRange {
  sinceUs: number
  untilUs: number
}

interface Kind<Item extends StreamItem> {
  name: 'event' | 'log'
  fanOut: FanOut<Item>
  shared: SharedFilter<Item>
  time: TimeRange
  readReplay(afterSeq: number): Promise<ReplayPage>
  readBackfill(mark: BackfillMark | undefined): Promise<BackfillPage>
}

function filteredStream<Item extends StreamItem & { body: string }>(parts: SourceParts, kind: Kind<Item>): FilteredStream<Item> {
  const { hub, store, gate } = parts
  const { fanOut, shared, time } = kind
  const isInTime = (item: Item): boolean => item.occurredUs >= time.sinceUs && item.occurredUs <= time.untilUs
  const frame = (body: string, position: Position, dropped: number): Frame =>
    hub.frames.frame(kind.name, body, formatCursor(hub.frames.epoch, position), dropped)
  return {
    get publishedSeq() {
      return fanOut.publishedSeq
    },
    recentAfter: (seq) => fanOut.recentAfter(seq),
    isInTime,
    matches: (item) => isInTime(item) && shared.matches(item),
    join: (member) => fanOut.join(shared, member),
    readReplay: (afterSeq) => gate.run(() => kind.readReplay(afterSeq)),
    readBackfill: (mark) => gate.run(() => kind.readBackfill(mark)),
    readBounds: () => gate.run(() => store.read('readStreamBounds', { log: kind.name }, 'stream')),
    frameOf: (item: StoredItem, position, dropped) => frame(item.body, position, dropped),
    ownFrameOf: (item, dropped) => frame(item.body, { kind: 'log', seq: item.seq }, dropped),
  }
}

/**
 * Events under a filter.
 *
 * @param backfill.sinceUs The earliest occurrence that a backfill reaches back to, whatever the filter says.
 */
export function eventStream(parts: SourceParts, filter: EventFilterFields, backfill: { sinceUs: number; pageItems: number }): FilteredStream<EventItem> {
  const { occurred, order: _order, ...timeless } = filter
  const time = timeRange(occurred?.since, occurred?.until)
  const matches = compileEventFilter(timeless)
  const { store, scanRows, pageBytes } = parts
  return filteredStream<EventItem>(parts, {
    name: 'event',
    fanOut: parts.hub.events,
    shared: { id: JSON.stringify(timeless), keys: eventFilterKeys(timeless), matches: (item) => matches(item.parsed) },
    time,
    readReplay: (afterSeq) =>
      store.read('readEventsAfter', { filter, afterSeq, limit: parts.pageItems, bytesMax: pageBytes, scanRows }, 'stream'),
    readBackfill: (mark) =>
      store.read(
        'readEventsForStream',
        { filter, sinceUs: Math.max(time.sinceUs, backfill.sinceUs), mark, limit: backfill.pageItems, bytesMax: pageBytes },
        'stream',
      ),
  })
}

/** Log lines under a filter. What was before is read over HTTP: a log stream has no backfill. */
export function logStream(parts: SourceParts, filter: LogFilterFields): FilteredStream<LogItem> {
  const { timestamp, ...others } = filter
  const isAnd = filter.operator !== 'or_'
  const timeless = isAnd ? others : filter
  const matches = compileLogFilter(timeless)
  const runs = isAnd ? filter.flow_run_id?.any_ : undefined
  const { store, scanRows, pageBytes } = parts
  return filteredStream<LogItem>(parts, {
    name: 'log',
    fanOut: parts.hub.logs,
    shared: {
      id: JSON.stringify(timeless),
      keys: {
        names: undefined,
        resources: runs ? { exact: runs.map((id) => id.toLowerCase()), prefixes: [] } : undefined,
        anyResources: undefined,
      },
      matches: (item) => matches(item.parsed),
    },
    time: isAnd ? timeRange(timestamp?.after_, timestamp?.before_) : timeRange(undefined, undefined),
    readReplay: (afterSeq) =>
      store.read('readLogsAfter', { filter, afterSeq, limit: parts.pageItems, bytesMax: pageBytes, scanRows }, 'stream'),
    readBackfill: async () => {
      const { lastSeq } = await store.read('readStreamBounds', { log: 'log' }, 'stream')
      return { items: [], next: undefined, upToSeq: lastSeq }
    },
  })
}

function timeRange(since: string | null | undefined, until: string | null | undefined): TimeRange {
  return {
    sinceUs: (since ? parseIso(since) : undefined) ?? Number.MIN_SAFE_INTEGER,
    untilUs: (until ? parseIso(until) : undefined) ?? Number.MAX_SAFE_INTEGER,
  }
}
