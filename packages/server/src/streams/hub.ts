import type { FilterableEvent } from '@spillway/core/domain/event-filter'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import type { Publication } from '../storage/port.ts'

/** An event as it goes through the hub: parsed at most once, encoded at most once, whoever many look at it. */
export class HubEvent {
  readonly seq: number
  readonly name: string
  readonly resourceId: string
  readonly occurredUs: number
  readonly body: string
  #parsed: FilterableEvent | undefined
  #frame: Buffer | undefined

  constructor(publication: Extract<Publication, { topic: 'event' }>) {
    this.seq = publication.seq
    this.name = publication.event
    this.resourceId = publication.resourceId
    this.occurredUs = publication.occurredUs
    this.body = publication.body
  }

  get parsed(): FilterableEvent {
    return (this.#parsed ??= JSON.parse(this.body) as FilterableEvent)
  }

  frame(bytesMax: number, onTrimmed: () => void): Buffer {
    return (this.#frame ??= eventFrame(this.body, bytesMax, onTrimmed))
  }
}

/**
 * The frame of an event on `/events/out`. One that a stock subscriber would refuse (over 1 MiB, it closes and asks for it again
 * for ever) goes out with its payload replaced by a notice of where the whole event is.
 */
export function eventFrame(body: string, bytesMax: number, onTrimmed: () => void): Buffer {
  const frame = Buffer.from(`{"type":"event","event":${body}}`)
  if (frame.byteLength <= bytesMax) return frame
  onTrimmed()
  const event = parseExactJson(body) as Record<string, unknown>
  const notice = {
    'spillway.trimmed': `This event has ${frame.byteLength} bytes, too many for a websocket frame. Read it whole with POST /events/filter and {"filter":{"id":{"id":["${String(event['id'])}"]}}}.`,
  }
  const trimmed = Buffer.from(JSON.stringify({ type: 'event', event: { ...event, payload: notice } }))
  if (trimmed.byteLength <= bytesMax) return trimmed
  return Buffer.from(JSON.stringify({ type: 'event', event: { ...event, payload: notice, related: [] } }))
}

export interface EventSubscriber {
  /** Event names it can match; undefined when any. A cheap look before the filter itself. */
  readonly names: ReadonlySet<string> | undefined
  readonly matches: (event: FilterableEvent) => boolean
  deliver(event: HubEvent): void
}

export interface LogSubscriber {
  deliver(body: string): void
}

/** Where everything that was committed passes on its way to the streams. Nothing here waits for a subscriber. */
export class Hub {
  readonly #events = new Set<EventSubscriber>()
  readonly #logs = new Set<LogSubscriber>()
  readonly #tasks = new Map<string, Set<() => void>>()
  readonly #pools = new Map<string, Set<() => void>>()

  /** Takes in what a commit published, in commit order. */
  publish(publications: readonly Publication[]): void {
    for (const publication of publications) {
      if (publication.topic === 'event') this.#publishEvent(publication)
      else if (publication.topic === 'log') for (const subscriber of this.#logs) subscriber.deliver(publication.body)
      else if (publication.topic === 'background-task') this.#wake(this.#tasks, publication.taskKey)
      else if (publication.topic === 'work-pool') this.#wake(this.#pools, publication.id)
    }
  }

  subscribeEvents(subscriber: EventSubscriber): () => void {
    this.#events.add(subscriber)
    return () => this.#events.delete(subscriber)
  }

  subscribeLogs(subscriber: LogSubscriber): () => void {
    this.#logs.add(subscriber)
    return () => this.#logs.delete(subscriber)
  }

  /** Calls `wake` when a background task of one of the keys may wait. */
  onBackgroundTask(taskKeys: readonly string[], wake: () => void): () => void {
    return this.#listen(this.#tasks, taskKeys, wake)
  }

  /** Calls `wake` when the work pool changed in what workers care about. */
  onWorkPool(poolId: string, wake: () => void): () => void {
    return this.#listen(this.#pools, [poolId], wake)
  }

  get subscribers(): { events: number; logs: number } {
    return { events: this.#events.size, logs: this.#logs.size }
  }

  #publishEvent(publication: Extract<Publication, { topic: 'event' }>): void {
    if (this.#events.size === 0) return
    const event = new HubEvent(publication)
    for (const subscriber of this.#events) {
      if (subscriber.names && !subscriber.names.has(event.name)) continue
      if (subscriber.matches(event.parsed)) subscriber.deliver(event)
    }
  }

  #listen(registry: Map<string, Set<() => void>>, keys: readonly string[], wake: () => void): () => void {
    for (const key of keys) {
      const listeners = registry.get(key) ?? new Set()
      listeners.add(wake)
      registry.set(key, listeners)
    }
    return () => {
      for (const key of keys) {
        const listeners = registry.get(key)
        listeners?.delete(wake)
        if (listeners?.size === 0) registry.delete(key)
      }
    }
  }

  #wake(registry: Map<string, Set<() => void>>, key: string): void {
    for (const wake of registry.get(key) ?? []) wake()
  }
}
