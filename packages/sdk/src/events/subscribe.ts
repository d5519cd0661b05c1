import type { ReceivedEvent } from '@spillway/core/wire/events'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import { currentFrame } from '../engine/context.ts'
import { sdkLimits } from '../limits.ts'
import { remoteOf } from '../objects/remote-of.ts'
import { durationMs, type Duration } from '../duration.ts'
import { ApiError, asError, SpillwayError } from '../errors.ts'
import { linkSignals } from '../link-signals.ts'
import { defaultSession, type Remote, type Session } from '../session.ts'
import { Backoff } from './backoff.ts'
import { HeldUpError, socketFeed, sseFeed, storedEvents, type StreamMessage } from './event-feed.ts'
import { filterOf, fits, type EventQuery } from './event-query.ts'
import { StreamRefusedError } from './stream-socket.ts'

/** An event as the server has it. */
export type StoredEvent = ReceivedEvent

/** Where a subscription begins, and how it goes on. */
export interface SubscribeOptions {
  /** Also what was: so long ago, or from a time on. Default: only what comes. */
  readonly since?: Duration | Date
  /** Goes on behind this place, which an earlier subscription had reached. A Prefect server knows no cursors. */
  readonly cursor?: string | undefined
  /** Ends the loop. */
  readonly signal?: AbortSignal
  /** Where neither websocket nor server-sent events pass: how often is asked for new events. Default 5 s. */
  readonly pollEvery?: Duration
  /** Told when events were missed that nobody has any more. Default: a warning in the log. */
  readonly onGap?: (gap: { readonly reason: string; readonly dropped: number | undefined }) => void
}

const YEAR_MS = 365 * 86_400_000

/**
 * Events as they come, each once and in the order of the server's log, through any number of reconnections:
 *
 *     for await (const event of subscribe({ event: 'order.*' }, { since: '15m', signal })) …
 *
 * On Spillway it goes on behind its cursor, so nothing is missed; on a Prefect server it asks for the last minute again and
 * leaves out what it has seen. Where the websocket is blocked it takes server-sent events, and where those do not pass it asks.
 */
export function subscribe(query: EventQuery = {}, options: SubscribeOptions = {}): EventSubscription {
  return new EventSubscription(currentFrame()?.session ?? defaultSession(), remoteOf('subscribe()'), query, options)
}

type Mode = 'socket' | 'sse' | 'poll'

/** Events to loop over; what `subscribe` gives. One loop at a time. */
export class EventSubscription implements AsyncIterable<StoredEvent> {
  readonly #session: Session
  readonly #remote: Remote
  readonly #query: EventQuery
  readonly #filter: Record<string, unknown>
  readonly #options: SubscribeOptions
  readonly #backoff: Backoff
  readonly #seen = new Set<string>()
  readonly #startUs: number
  #lastUs: number
  #cursor: string | undefined
  #mode: Mode = 'socket'
  #isAway = false
  #isSlownessTold = false

  /** @internal */
  constructor(session: Session, remote: Remote, query: EventQuery, options: SubscribeOptions) {
    this.#session = session
    this.#remote = remote
    this.#query = query
    this.#filter = filterOf(query)
    this.#options = options
    this.#backoff = new Backoff(session.random)
    this.#cursor = options.cursor
    // A cursor says where to go on, whenever that was.
    const { since = options.cursor === undefined ? 0 : YEAR_MS } = options
    this.#startUs = since instanceof Date ? since.getTime() * 1000 : session.clock.nowUs() - durationMs(since) * 1000
    this.#lastUs = this.#startUs
  }

  /** Behind the last event that was given; keep it to go on from there in another process. */
  get cursor(): string | undefined {
    return this.#cursor
  }

  /** How events come at the moment. */
  get transport(): Mode {
    return this.#mode
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StoredEvent, void, undefined> {
    const run = currentFrame()?.signal
    const link = linkSignals([run, this.#options.signal].filter((one) => one !== undefined))
    try {
      yield* this.#events(link.signal)
    } catch (error) {
      if (!this.#options.signal?.aborted) throw error
    } finally {
      link.abort(undefined)
    }
    run?.throwIfAborted()
  }

  async *#events(signal: AbortSignal): AsyncGenerator<StoredEvent, void, undefined> {
    const { clock } = this.#session
    if (this.#cursor === undefined && clock.nowUs() - this.#startUs > sdkLimits.streamReachMs * 1000) yield* this.#stored(signal)
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs()
      try {
        if (this.#mode === 'poll') yield* this.#stored(signal)
        else for await (const message of this.#feed(signal)) yield* this.#take(message)
        this.#isAway = false
      } catch (error) {
        if (signal.aborted || (error instanceof SpillwayError && error.code === 'filter-invalid')) throw error
        if (this.#isBlocked(error)) continue
        if (error instanceof HeldUpError) this.#tellSlowness(error)
        else if (!this.#isAway) this.#session.warn(`the event stream is away (${asError(error).message}); it is opened again when it can be`)
        this.#isAway = !(error instanceof HeldUpError)
      }
      this.#backoff.ended(clock.monotonicMs() - startedMs)
      await clock.sleep(this.#mode === 'poll' ? durationMs(this.#options.pollEvery ?? '5s') : this.#backoff.nextMs(), signal)
    }
  }

  #feed(signal: AbortSignal): AsyncGenerator<StreamMessage, void, undefined> {
    const sinceUs = this.#cursor === undefined && this.#lastUs > this.#startUs ? Math.max(this.#startUs, this.#lastUs - sdkLimits.streamOverlapUs) : this.#startUs
    const filter = { ...this.#filter, occurred: { since: formatIso(Math.round(sinceUs)), until: new Date(Date.now() + YEAR_MS).toISOString() } }
    const request = { filter, backfill: true, ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }) }
    return this.#mode === 'socket' ? socketFeed(this.#session.settings, request, signal) : sseFeed(this.#remote.client, request, signal)
  }

  *#take({ type, event, cursor, dropped, status, reason }: StreamMessage): Generator<StoredEvent, void, undefined> {
    if (type === 'resume' && status === 'impossible') this.#tellGap(reason ?? 'unknown', dropped)
    else if (dropped !== undefined) this.#tellGap('retention', dropped)
    if (!event) return
    // Whoever gets the event may ask where it stands.
    if (cursor !== undefined) this.#cursor = cursor
    if (this.#isNew(event)) yield event
  }

  async *#stored(signal: AbortSignal): AsyncGenerator<StoredEvent, void, undefined> {
    const sinceUs = this.#lastUs > this.#startUs ? Math.max(this.#startUs, this.#lastUs - sdkLimits.streamOverlapUs) : this.#startUs
    for await (const event of storedEvents(this.#remote.client, this.#filter, formatIso(Math.round(sinceUs)), signal)) if (this.#isNew(event)) yield event
  }

  #isNew(event: StoredEvent): boolean {
    if (!fits(this.#query, event) || this.#seen.has(event.id)) return false
    this.#seen.add(event.id)
    if (this.#seen.size > sdkLimits.seenEvents) this.#seen.delete(this.#seen.values().next().value!)
    this.#lastUs = Math.max(this.#lastUs, parseIso(String(event.occurred)) ?? 0)
    return true
  }

  #tellGap(reason: string, dropped: number | undefined): void {
    if (this.#options.onGap) this.#options.onGap({ reason, dropped })
    else this.#session.warn(`a subscription missed ${dropped ?? 'an unknown number of'} events, which the server does not have any more (${reason})`)
  }

  #tellSlowness({ message }: HeldUpError): void {
    if (!this.#isSlownessTold) this.#session.warn(`the loop over subscribe() is slower than its events: the stream was ended because ${message}; it goes on behind the last event, and misses none. Hand long work on, or take a narrower query`)
    this.#isSlownessTold = true
  }

  /** Falls back to the next way where this one does not pass. @returns whether it did. */
  #isBlocked(error: unknown): boolean {
    const isBlocked = this.#mode === 'socket' ? error instanceof StreamRefusedError && error.isBlocked : this.#mode === 'sse' && error instanceof ApiError && error.status < 500
    if (!isBlocked) return false
    this.#mode = this.#mode === 'socket' ? 'sse' : 'poll'
    this.#session.warn(`the event stream is blocked (${asError(error).message}); ${this.#mode === 'sse' ? 'events come as server-sent events instead' : 'the server is asked for events instead'}`)
    return true
  }
}
