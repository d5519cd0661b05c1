import { compileEventFilter, type EventFilterFields, type FilterableEvent } from '@spillway/core/domain/event-filter'
import type { EventFilter } from '@spillway/core/wire/events'
import { parseIso } from '@spillway/core/wire/time'
import type { Validator } from '@spillway/core/wire/validate'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { Store } from '../storage/store.ts'
import { parseObject, type Connection, type Endpoint } from './connection.ts'
import { eventFrame, type EventSubscriber, type Hub, type HubEvent } from './hub.ts'

export interface EventsOutContext {
  hub: Hub
  store: Store
  limits: Limits
  metrics: Metrics
  log: Logger
  backfillSeconds: number
  backfillPage: number
  liveEnabled: boolean
  nowUs: () => number
  validateFilter: Validator<EventFilter>
}

/**
 * `/events/out`: the peer sends a filter and gets stored events from `occurred.since` on (backfill), then live ones.
 *
 * The subscription begins before the backfill is read; the backfill's first page fixes a cursor, and live events up to it are
 * skipped: no event falls between the two, none comes twice.
 */
export class EventsOut implements Endpoint, EventSubscriber {
  readonly #connection: Connection
  readonly #context: EventsOutContext
  names: ReadonlySet<string> | undefined
  matches: (event: FilterableEvent) => boolean = () => false
  #unsubscribe: (() => void) | undefined
  /** Live events that came while the backfill ran. */
  #held: HubEvent[] | undefined
  #heldBytes = 0
  #skipUpTo = 0

  constructor(connection: Connection, context: EventsOutContext) {
    this.#connection = connection
    this.#context = context
  }

  open(): void {
    this.#connection.expectFirstMessage()
  }

  message(text: string): void {
    if (this.#unsubscribe) return
    this.#connection.firstMessageCame()
    const message = parseObject(text)
    if (message?.['type'] !== 'filter') return this.#connection.close('protocol-violation', "Expected 'filter' message")
    if (!('filter' in message)) return this.#connection.close('protocol-violation', "Invalid filter: 'filter'")
    const checked = this.#context.validateFilter(message['filter'], ['filter'])
    if (!checked.ok) {
      return this.#connection.close('protocol-violation', `Invalid filter: ${checked.errors[0]?.msg ?? ''}`)
    }
    const filter: EventFilterFields = checked.value
    this.matches = compileEventFilter(filter)
    const names = filter.event?.name
    this.names = names && names.length > 0 ? new Set(names) : undefined
    this.#unsubscribe = this.#context.liveEnabled ? this.#context.hub.subscribeEvents(this) : () => {}
    if (message['backfill'] === false) return
    this.#held = []
    void this.#backfill(filter)
  }

  deliver(event: HubEvent): void {
    if (event.seq <= this.#skipUpTo) return
    if (this.#held) {
      this.#heldBytes += event.body.length
      if (this.#heldBytes > this.#context.limits.subscriberQueueBytes * 4) {
        this.#context.metrics.limitReached.inc({ limit: 'subscriberQueueBytes' })
        this.#connection.close('slow-consumer')
        return
      }
      this.#held.push(event)
      return
    }
    this.#send(event.frame(this.#context.limits.websocketOutboundBytes, this.#onTrimmed))
  }

  closed(): void {
    this.#unsubscribe?.()
    this.#held = undefined
  }

  readonly #onTrimmed = (): void => this.#context.metrics.limitReached.inc({ limit: 'websocketOutboundBytes' })

  #send(frame: Buffer): boolean {
    this.#context.metrics.eventsDelivered.inc({ endpoint: 'events-out' })
    return this.#connection.send(frame)
  }

  async #backfill(filter: EventFilterFields): Promise<void> {
    const { store, backfillSeconds, backfillPage, nowUs, limits, log } = this.#context
    const oldestUs = nowUs() - backfillSeconds * 1_000_000
    const since = filter.occurred?.since
    const sinceUs = Math.max(since ? (parseIso(since) ?? oldestUs) : oldestUs, oldestUs)
    try {
      let cursor: { occurredUs: number; seq: number } | undefined
      for (;;) {
        // Nothing of the store is held while a page is written to the peer.
        const page = await store.read(
          'readEventsForStream',
          { filter, sinceUs, upToSeq: cursor === undefined ? undefined : this.#skipUpTo, after: cursor, limit: backfillPage },
          'scan',
        )
        if (cursor === undefined) this.#skipUpTo = page.upToSeq
        for (const body of page.bodies) if (!this.#send(eventFrame(body, limits.websocketOutboundBytes, this.#onTrimmed))) return
        if (!page.next || !this.#connection.open) break
        cursor = page.next
        await this.#drained()
      }
    } catch (error) {
      log.warn({ reason: (error as Error).message }, 'an event backfill failed; the subscriber is told to come back')
      this.#connection.close('server-error')
      return
    }
    const held = this.#held ?? []
    this.#held = undefined
    for (const event of held) this.deliver(event)
  }

  /** Waits until the peer has taken half of what is queued for it; its own timers end it if it never does. */
  async #drained(): Promise<void> {
    while (this.#connection.open && this.#connection.queuedBytes > this.#context.limits.subscriberQueueBytes / 2) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
