import type { Validator } from '@spillway/core/wire/validate'
import { RetryableError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { StreamMetrics } from '../stream-metrics.ts'
import type { Connection, Endpoint } from './connection.ts'
import { parseCursor, type Position } from './cursor.ts'
import type { StreamItem } from './fan-out.ts'
import { MessageFrame } from './frames.ts'
import type { Scheduler } from './scheduler.ts'
import type { FilteredStream } from './stream-source.ts'
import { Subscription, type Start } from './subscription.ts'

/** What is streamed: `/events/out` and `/logs/out` differ in nothing else. */
export interface StreamKind<Filter, Item extends StreamItem> {
  endpoint: string
  epoch: string
  validateFilter: Validator<Filter>
  makeStream(filter: Filter): FilteredStream<Item>
  /** Whether a subscriber gets what was before, unless it asks otherwise. */
  backfill: boolean
  /** False: subscribers are taken, and get nothing live. */
  liveEnabled: boolean
}

export interface StreamOutParts {
  limits: Limits
  metrics: StreamMetrics
  scheduler: Scheduler
  log: Logger
}

/** What a subscriber asks for. */
export interface StreamRequest {
  filter: unknown
  backfill: boolean
  /** Where it had got to; undefined for a fresh start. */
  cursor: unknown
}

/**
 * One subscriber of a log: it sends a filter and gets what matches. It may send the cursor of the last item that it has seen; the
 * first answer then says whether delivery goes on from there.
 */
export class StreamOut<Filter, Item extends StreamItem> implements Endpoint {
  readonly #connection: Connection
  readonly #kind: StreamKind<Filter, Item>
  readonly #parts: StreamOutParts
  #subscription: Subscription<Item> | undefined
  #leave: (() => void) | undefined
  #ended = false

  constructor(connection: Connection, kind: StreamKind<Filter, Item>, parts: StreamOutParts) {
    this.#connection = connection
    this.#kind = kind
    this.#parts = parts
  }

  open(): void {
    this.#connection.expectFirstMessage()
  }

  message(text: string): void {
    if (this.#subscription) return
    const message = this.#connection.parseObject(text)
    if (message?.['type'] !== 'filter') return this.#connection.close('protocol-violation', "Expected 'filter' message")
    if (!('filter' in message)) return this.#connection.close('protocol-violation', "Invalid filter: 'filter'")
    const backfill = this.#kind.backfill && message['backfill'] !== false
    this.subscribe({ filter: message['filter'], backfill, cursor: message['cursor'] ?? undefined })
  }

  /** Takes the request that the peer makes; closes with 1002 when its filter cannot be used. */
  subscribe(request: StreamRequest): void {
    const { limits, metrics, scheduler } = this.#parts
    this.#connection.firstMessageCame()
    const checked = this.#kind.validateFilter(request.filter, ['filter'])
    if (!checked.ok) return this.#connection.close('protocol-violation', `Invalid filter: ${checked.errors[0]?.msg ?? ''}`)
    if (countValues(checked.value, limits.filterValues) > limits.filterValues) {
      metrics.limitReached.inc({ limit: 'filterValues' })
      return this.#connection.close('protocol-violation', `Invalid filter: more than ${limits.filterValues} values`)
    }
    const stream = this.#kind.makeStream(checked.value)
    const subscription = new Subscription(this.#connection, stream, {
      endpoint: this.#kind.endpoint,
      scheduler,
      metrics,
      heldBytesMax: limits.subscriberSoftBytes,
      isPassing: (error) => {
        const isPassing = error instanceof RetryableError
        if (!isPassing) this.#parts.log.error({ endpoint: this.#kind.endpoint, err: error }, 'a subscription could not be read from the store')
        return isPassing
      },
    })
    this.#subscription = subscription
    if (this.#kind.liveEnabled) {
      this.#leave = stream.join(subscription)
      if (!this.#leave) return this.#connection.close('costly-filter')
    }
    const fresh: Start = request.backfill ? { kind: 'backfill' } : { kind: 'now' }
    if (request.cursor === undefined) subscription.start(fresh)
    else void this.#resume(subscription, stream, request.cursor, fresh)
  }

  roomAgain(): void {
    this.#subscription?.roomAgain()
  }

  closed(): void {
    this.#ended = true
    this.#leave?.()
    this.#subscription?.end()
  }

  /** Answers whether the cursor can be used, then begins. */
  async #resume(subscription: Subscription<Item>, stream: FilteredStream<Item>, cursor: unknown, fresh: Start): Promise<void> {
    const position = parseCursor(cursor, this.#kind.epoch)
    if (typeof position === 'string') return this.#begin(subscription, { status: 'impossible', reason: position }, fresh)
    const seq = lowestNeeded(position)
    // The recent items may hold what the store has deleted since.
    if (position.kind === 'log' && stream.recentAfter(seq)?.length) {
      return this.#begin(subscription, { status: 'resumed' }, { kind: 'resume', position })
    }
    const bounds = await this.#boundsOf(stream)
    if (!bounds || this.#ended) return
    const dropped = seq > 0 ? Math.max(0, bounds.firstSeq - seq - 1) : 0
    // A log that ends before the cursor is another one, or was emptied.
    if (seq > bounds.lastSeq) {
      const reason = bounds.lastSeq === 0 ? 'retention' : 'epoch'
      return this.#begin(subscription, { status: 'impossible', reason }, fresh)
    }
    const answer = dropped > 0 ? { status: 'impossible', reason: 'retention', dropped } : { status: 'resumed' }
    this.#begin(subscription, answer, { kind: 'resume', position })
  }

  #begin(subscription: Subscription<Item>, answer: Record<string, unknown>, start: Start): void {
    if (this.#ended || !this.#connection.send(new MessageFrame(JSON.stringify({ type: 'resume', ...answer })))) return
    subscription.start(start)
  }

  /** Waits out passing refusals of the store; undefined when it is no use. */
  async #boundsOf(stream: FilteredStream<Item>): Promise<{ firstSeq: number; lastSeq: number } | undefined> {
    while (!this.#ended) {
      try {
        return await stream.readBounds()
      } catch (error) {
        if (!(error instanceof RetryableError)) {
          this.#connection.close('server-error')
          return undefined
        }
        await new Promise<void>((resolve) => void this.#parts.scheduler.after(500, resolve))
      }
    }
    return undefined
  }
}

/** The oldest item that a position may still need, less one. */
function lowestNeeded(position: Position): number {
  return position.kind === 'log' ? position.seq : 0
}

/** Texts and numbers in a filter; stops counting beyond `max`. */
function countValues(value: unknown, max: number): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 0
  for (const inner of Object.values(value)) {
    count += countValues(inner, max)
    if (count > max) break
  }
  return count
}
