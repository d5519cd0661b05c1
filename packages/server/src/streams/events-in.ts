import { compile } from '@spillway/core/wire/validate'
import { Event } from '@spillway/core/wire/events'
import { usFromMs } from '@spillway/core/wire/time'
import type { Limits } from '../limits.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { LoggedEvent } from '../storage/event-log.ts'
import { toLoggedEvent, type ReceivedEventInput } from '../storage/received-events.ts'
import type { Store } from '../storage/store.ts'
import type { Connection, Endpoint } from './connection.ts'
import type { EventIntake } from './event-intake.ts'

export interface EventsInContext {
  intake: EventIntake
  store: Store
  limits: Limits
  metrics: Metrics
  log: Logger
  maxEventBytes: number
}

/** How often a paused emitter looks whether the intake has room again. */
const fullIntakeRetryMs = 50

const validateEvent = compile(Event, { unknownFields: 'tolerate' })

/**
 * `/events/in`: one event per text frame, no answers. The peer's ping is its question "is everything stored?": the pong goes
 * out after the commit of all frames that came before it, because stock clients then forget those events.
 */
export class EventsIn implements Endpoint {
  readonly #connection: Connection
  readonly #context: EventsInContext
  #gathered: LoggedEvent[] = []
  #gatheredBytes = 0
  /** Bytes received and not yet committed. */
  #unconfirmedBytes = 0
  #unconfirmedEvents = 0
  /** Resolves when everything submitted so far is committed. */
  #confirmed: Promise<void> = Promise.resolve()
  /** While a turn is under way in which something came in. */
  #turnStartedMs: number | undefined
  #isTurnOver = false
  #paused = false

  constructor(connection: Connection, context: EventsInContext) {
    this.#connection = connection
    this.#context = context
  }

  message(text: string): void {
    this.#takeTurn()
    const { metrics, log, maxEventBytes } = this.#context
    if (Buffer.byteLength(text) > maxEventBytes) {
      // As Prefect: dropped at once, the socket goes on. Here it is also counted and told.
      metrics.eventsReceived.inc({ way: 'socket', outcome: 'too-large' })
      log.warn({ bytes: text.length }, 'an event is over the size limit and was dropped')
      return
    }
    const checked = validateEvent(this.#connection.parseObject(text) ?? text)
    if (!checked.ok) {
      metrics.eventsReceived.inc({ way: 'socket', outcome: 'invalid' })
      const reason = JSON.stringify(checked.errors.map(({ loc, msg }) => ({ loc, msg })).slice(0, 5))
      log.warn({ reason }, 'an invalid event was put aside as a dead letter')
      this.#context.store.write('keepDeadLetter', { reason, body: text }, 'event').catch(() => {})
      return
    }
    this.#gathered.push(toLoggedEvent(checked.value as unknown as ReceivedEventInput, usFromMs(Date.now())))
    this.#gatheredBytes += text.length
    this.#unconfirmedBytes += text.length
    this.#unconfirmedEvents += 1
    this.#considerPause()
  }

  ping(data: Buffer): void {
    this.#flush()
    const payload = Buffer.from(data)
    // What is never confirmed gets no pong; the connection is being closed then.
    void this.#confirmed.then(
      () => this.#connection.pong(payload),
      () => {},
    )
  }

  closed(): void {
    // What was received stays on its way to the store: the sender may be gone for good.
    this.#flush()
  }

  /**
   * What comes in one turn of the event loop goes to the store together, and is so much and no more: the kernel has megabytes of a busy
   * emitter, and Node would read them all before anybody else is looked at, the writer having nothing to do meanwhile.
   */
  #takeTurn(): void {
    const nowMs = performance.now()
    if (this.#turnStartedMs === undefined) {
      this.#turnStartedMs = nowMs
      setImmediate(() => this.#endTurn())
    } else if (!this.#isTurnOver && nowMs - this.#turnStartedMs >= this.#context.limits.turnMs) {
      this.#isTurnOver = true
      if (!this.#paused) this.#connection.pauseReading()
    }
  }

  #endTurn(): void {
    this.#turnStartedMs = undefined
    this.#flush()
    if (!this.#isTurnOver) return
    this.#isTurnOver = false
    if (!this.#paused) this.#connection.resumeReading()
  }

  #flush(): void {
    if (this.#gathered.length === 0) return
    const events = this.#gathered
    const bytes = this.#gatheredBytes
    this.#gathered = []
    this.#gatheredBytes = 0
    const before = this.#confirmed
    const stored = this.#context.intake.submit(events)
    // A refusal at shutdown is never confirmed: the emitter keeps those events and sends them to the next server.
    this.#confirmed = Promise.all([before, stored]).then(() => {
      this.#unconfirmedBytes -= bytes
      this.#unconfirmedEvents -= events.length
      this.#considerResume()
    })
    this.#confirmed.catch(() => this.#connection.close('shutdown'))
  }

  #considerPause(): void {
    const { limits, metrics, intake } = this.#context
    const limit =
      this.#unconfirmedBytes > limits.ingestBytes ? 'ingestBytes' : this.#unconfirmedEvents > limits.ingestEvents ? 'ingestEvents' : intake.fullBy
    if (this.#paused || !limit) return
    this.#paused = true
    metrics.limitReached.inc({ limit })
    this.#connection.pauseReading()
  }

  #considerResume(): void {
    const { limits, intake } = this.#context
    if (!this.#paused) return
    if (this.#unconfirmedBytes > limits.ingestBytes / 2 || this.#unconfirmedEvents > limits.ingestEvents / 2) return
    if (intake.fullBy) {
      // Full of what others sent: no commit of this emitter's own will come by here again.
      setTimeout(() => this.#considerResume(), fullIntakeRetryMs).unref()
      return
    }
    this.#paused = false
    if (!this.#isTurnOver) this.#connection.resumeReading()
  }
}
