import type { FilterableEvent } from '@spillway/core/domain/event-filter'
import type { FilterableLog } from '@spillway/core/domain/log-filter'
import type { Limits } from '../limits.ts'
import type { StreamMetrics } from '../stream-metrics.ts'
import type { Publication } from '../storage/port.ts'
import { formatCursor } from './cursor.ts'
import { FanOut, type StreamItem } from './fan-out.ts'
import { deliverableEvent, deliverableLog, DeliveryFrame, type Frame } from './frames.ts'
import type { Scheduler } from './scheduler.ts'

/** What frames of items are made with. */
export interface FrameMaker {
  readonly epoch: string
  frame(kind: 'event' | 'log', body: string, cursor: string, dropped?: number): Frame
}

/** A committed event on its way through the hub. */
export class EventItem implements StreamItem {
  readonly seq: number
  readonly name: string
  readonly resourceId: string
  readonly relatedIds: readonly string[]
  readonly occurredUs: number
  readonly body: string
  readonly #frames: FrameMaker
  #parsed: FilterableEvent | undefined
  #frame: Frame | undefined

  constructor(publication: Extract<Publication, { topic: 'event' }>, frames: FrameMaker) {
    this.seq = publication.seq
    this.name = publication.event
    this.resourceId = publication.resourceId
    this.relatedIds = publication.relatedIds
    this.occurredUs = publication.occurredUs
    this.body = publication.body
    this.#frames = frames
  }

  get bytes(): number {
    return this.body.length
  }

  get parsed(): FilterableEvent {
    return (this.#parsed ??= JSON.parse(this.body) as FilterableEvent)
  }

  get frame(): Frame {
    return (this.#frame ??= this.#frames.frame('event', this.body, formatCursor(this.#frames.epoch, { kind: 'log', seq: this.seq })))
  }
}

/** A committed log line on its way through the hub. Its run stands where an event has its resource. */
export class LogItem implements StreamItem {
  readonly seq: number
  readonly name = ''
  readonly resourceId: string
  readonly relatedIds: readonly string[] = []
  readonly occurredUs: number
  readonly body: string
  readonly #frames: FrameMaker
  #parsed: FilterableLog | undefined
  #frame: Frame | undefined

  constructor(publication: Extract<Publication, { topic: 'log' }>, frames: FrameMaker) {
    this.seq = publication.seq
    this.resourceId = publication.flowRunId ?? ''
    this.occurredUs = publication.timestampUs
    this.body = publication.body
    this.#frames = frames
  }

  get bytes(): number {
    return this.body.length
  }

  get parsed(): FilterableLog {
    return (this.#parsed ??= JSON.parse(this.body) as FilterableLog)
  }

  get frame(): Frame {
    return (this.#frame ??= this.#frames.frame('log', this.body, formatCursor(this.#frames.epoch, { kind: 'log', seq: this.seq })))
  }
}

/** Makes frames that stock subscribers take: too large a body is delivered with a notice in place of what makes it large. */
export function frameMaker(epoch: string, limits: Limits, metrics: StreamMetrics): FrameMaker {
  const onTrimmed = (): void => metrics.limitReached.inc({ limit: 'websocketOutboundBytes' })
  return {
    epoch,
    frame(kind, body, cursor, dropped = 0) {
      const fitting = (kind === 'event' ? deliverableEvent : deliverableLog)(body, limits.websocketOutboundBytes, onTrimmed)
      return new DeliveryFrame(kind, fitting, cursor, epoch, dropped)
    },
  }
}

/** Where everything that was committed passes on its way to the streams. Nothing here waits for a subscriber. */
export class Hub {
  readonly events: FanOut<EventItem>
  readonly logs: FanOut<LogItem>
  readonly frames: FrameMaker
  readonly #tasks = new Map<string, Set<() => void>>()
  readonly #pools = new Map<string, Set<() => void>>()

  /** @param newest The newest cursors of the logs. */
  constructor(epoch: string, newest: { events: number; logs: number }, limits: Limits, metrics: StreamMetrics, scheduler: Scheduler) {
    this.events = new FanOut(newest.events, limits, metrics, scheduler)
    this.logs = new FanOut(newest.logs, limits, metrics, scheduler)
    this.frames = frameMaker(epoch, limits, metrics)
  }

  /** Takes in what a commit published, in commit order. */
  publish(publications: readonly Publication[]): void {
    for (const publication of publications) {
      if (publication.topic === 'event') this.events.publish(new EventItem(publication, this.frames))
      else if (publication.topic === 'log') this.logs.publish(new LogItem(publication, this.frames))
      // Stored while nobody listened; whoever has come since finds them in the store.
      else if (publication.topic === 'unpublished') (publication.log === 'event' ? this.events : this.logs).resync('unpublished', publication.seq)
      else if (publication.topic === 'background-task') wake(this.#tasks, publication.taskKey)
      else if (publication.topic === 'work-pool') wake(this.#pools, publication.id)
    }
  }

  /** The store may have committed what it never published: everybody looks there. */
  resync(reason: string): void {
    this.events.resync(reason)
    this.logs.resync(reason)
    for (const registry of [this.#tasks, this.#pools]) for (const key of registry.keys()) wake(registry, key)
  }

  /** Calls `wake` when a background task of one of the keys may wait. */
  onBackgroundTask(taskKeys: readonly string[], wakeUp: () => void): () => void {
    return listen(this.#tasks, taskKeys, wakeUp)
  }

  /** Calls `wake` when the work pool changed in what workers care about. */
  onWorkPool(poolId: string, wakeUp: () => void): () => void {
    return listen(this.#pools, [poolId], wakeUp)
  }
}

function listen(registry: Map<string, Set<() => void>>, keys: readonly string[], wakeUp: () => void): () => void {
  for (const key of keys) {
    const listeners = registry.get(key) ?? new Set()
    listeners.add(wakeUp)
    registry.set(key, listeners)
  }
  return () => {
    for (const key of keys) {
      const listeners = registry.get(key)
      listeners?.delete(wakeUp)
      if (listeners?.size === 0) registry.delete(key)
    }
  }
}

function wake(registry: ReadonlyMap<string, ReadonlySet<() => void>>, key: string): void {
  for (const wakeUp of registry.get(key) ?? []) wakeUp()
}
