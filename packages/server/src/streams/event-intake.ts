import { RetryableError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { LoggedEvent } from '../storage/event-log.ts'
import type { Store } from '../storage/store.ts'

/** What an event holds in memory, near enough: the text of a task run's state is there once more. */
function bytesOf({ body, taskRun }: LoggedEvent): number {
  return body.length + (taskRun && 'state' in taskRun ? taskRun.state.json.length : 0)
}

interface Waiting {
  events: LoggedEvent[]
  bytes: number
  done: () => void
  fail: (error: Error) => void
}

/** How long to wait before a batch that the store refused is tried again, by number of refusals. */
const retryDelaysMs = [100, 250, 500, 1_000, 2_000]

/**
 * The one way into the event log for everything that comes over a socket or `POST /events`. Batches of all senders share
 * commands; an event whose id is already on its way is not sent to the store twice, so emitters that reconnect during a stall
 * and send everything again do not make the stall longer.
 */
export class EventIntake {
  readonly #store: Store
  readonly #limits: Limits
  readonly #metrics: Metrics
  readonly #log: Logger
  readonly #hasSubscribers: () => boolean
  #queue: Waiting[] = []
  #queuedBytes = 0
  #queuedEvents = 0
  /** Events handed to the store and not yet committed, with the promise of their commit. */
  readonly #underWay = new Map<string, Promise<void>>()
  #pumping = false
  #closed = false

  /** @param hasSubscribers Whether anybody listens to live events: if not, they need not cross from the store. */
  constructor(store: Store, limits: Limits, metrics: Metrics, log: Logger, hasSubscribers: () => boolean) {
    this.#store = store
    this.#limits = limits
    this.#metrics = metrics
    this.#log = log
    this.#hasSubscribers = hasSubscribers
  }

  /** The bound that the queue has reached, when senders should stop sending. */
  get fullBy(): 'intakeBytes' | 'intakeEvents' | undefined {
    if (this.#queuedBytes >= this.#limits.intakeBytes) return 'intakeBytes'
    return this.#queuedEvents >= this.#limits.intakeEvents ? 'intakeEvents' : undefined
  }

  /**
   * Takes events in; resolves when all of them are committed (now or earlier). The store's passing refusals are retried here
   * until the intake is closed, so a stream that was accepted does not fail for a stall.
   */
  submit(events: LoggedEvent[]): Promise<void> {
    const fresh: LoggedEvent[] = []
    const others: Promise<void>[] = []
    for (const event of events) {
      const earlier = this.#underWay.get(event.id)
      if (earlier) others.push(earlier)
      else fresh.push(event)
    }
    if (fresh.length > 0) others.push(this.#enqueue(fresh))
    return others.length === 1 ? others[0]! : Promise.all(others).then(() => {})
  }

  close(): void {
    this.#closed = true
  }

  #enqueue(events: LoggedEvent[]): Promise<void> {
    let bytes = 0
    for (const event of events) bytes += bytesOf(event)
    this.#queuedBytes += bytes
    this.#queuedEvents += events.length
    const committed = new Promise<void>((resolve, reject) => {
      this.#queue.push({ events, bytes, done: resolve, fail: reject })
    })
    committed.catch(() => {}) // Whoever submitted hears of it; nobody else has to.
    for (const event of events) this.#underWay.set(event.id, committed)
    if (!this.#pumping) {
      this.#pumping = true
      setImmediate(() => void this.#pump())
    }
    return committed
  }

  async #pump(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = this.#takeBatch()
        let refused: Error | undefined
        try {
          await this.#commit(batch.flatMap((waiting) => waiting.events))
        } catch (error) {
          refused = error as Error
        }
        for (const waiting of batch) {
          this.#queuedBytes -= waiting.bytes
          this.#queuedEvents -= waiting.events.length
          for (const event of waiting.events) this.#underWay.delete(event.id)
          if (refused) waiting.fail(refused)
          else waiting.done()
        }
      }
    } finally {
      this.#pumping = false
    }
  }

  #takeBatch(): Waiting[] {
    let events = 0
    let taken = 0
    for (const waiting of this.#queue) {
      if (taken > 0 && events + waiting.events.length > this.#limits.ingestBatchEvents) break
      events += waiting.events.length
      taken += 1
    }
    return this.#queue.splice(0, taken)
  }

  async #commit(events: LoggedEvent[]): Promise<void> {
    for (let refusals = 0; ; refusals += 1) {
      try {
        const result = await this.#store.write('ingestEvents', { events, publish: this.#hasSubscribers() }, 'event')
        this.#count(result.stored, result.duplicates)
        for (const { id, reason } of result.unrecorded) {
          this.#metrics.eventsReceived.inc({ way: 'recorder', outcome: 'unrecorded' })
          this.#log.warn({ eventId: id, reason }, 'a task-run event was stored, but its task run could not be recorded')
        }
        return
      } catch (error) {
        if (error instanceof RetryableError && !this.#closed) {
          const delayMs = retryDelaysMs[Math.min(refusals, retryDelaysMs.length - 1)]!
          await new Promise((resolve) => setTimeout(resolve, delayMs))
          continue
        }
        if (error instanceof RetryableError) throw error
        if (events.length > 1) {
          // One of them is poison: take the others in one by one.
          for (const event of events) await this.#commit([event])
          return
        }
        await this.#bury(events[0]!, error as Error)
        return
      }
    }
  }

  async #bury(event: LoggedEvent, error: Error): Promise<void> {
    this.#metrics.eventsReceived.inc({ way: 'store', outcome: 'poison' })
    this.#log.error({ eventId: event.id, event: event.event, err: error }, 'an event cannot be stored; it is kept as a dead letter')
    await this.#store.write('keepDeadLetter', { reason: error.message, body: event.body }, 'event').catch(() => {})
  }

  #count(stored: number, duplicates: number): void {
    this.#metrics.eventsReceived.inc({ way: 'store', outcome: 'stored' }, stored)
    if (duplicates > 0) this.#metrics.eventsReceived.inc({ way: 'store', outcome: 'duplicate' }, duplicates)
  }
}
