import { parseExactJson } from '@spillway/core/wire/exact-json'
import { nestsDeeperThan } from '@spillway/core/wire/json-depth'
import { sameSecret } from '../access/auth.ts'
import type { Limits } from '../limits.ts'
import type { StreamMetrics } from '../stream-metrics.ts'
import { closeCodes, closeText, type CloseReason } from './close-reasons.ts'
import { ControlFrames } from './control-frames.ts'
import { MessageFrame, type Frame } from './frames.ts'
import { Outbox } from './outbox.ts'
import type { Scheduler } from './scheduler.ts'
import type { PeerFault, Transport, TransportListener } from './transport.ts'

export interface ConnectionOptions {
  endpoint: string
  /** The peer offered the `prefect` sub-protocol and will send an auth message first. */
  handshake: boolean
  authString: string | undefined
  /** The reason told instead of what exactly is wrong with a handshake. */
  handshakeFailure: string | undefined
  pingEveryMs: number
  pingAnswerMs: number
}

/** What the endpoint behind a connection does. */
export interface Endpoint {
  /** After the handshake; from now on frames go to `message`. */
  open?(): void
  message(text: string): void
  /** A ping of the peer. The pong is the endpoint's to send: on `/events/in` it confirms what came before. */
  ping?(data: Buffer): void
  /** There is room again, after `whenRoom`. */
  roomAgain?(): void
  /** Once, as soon as the end begins: whatever waits for this peer lets go of it now. */
  closed(): void
}

/** Who lets peers in; see admission.ts. */
export interface Doorkeeper {
  /** The peer has proved who it is and waits for `admit`. */
  authenticated(connection: Connection): void
  /** The peer is served: it no longer counts as being let in. */
  settled(connection: Connection): void
}

export interface ConnectionParts {
  limits: Limits
  metrics: StreamMetrics
  scheduler: Scheduler
  doorkeeper: Doorkeeper
  /** The socket is gone. */
  onClosed(connection: Connection): void
  /** Its endpoint has thrown: a bug, which ends this connection and nothing else. */
  onFault(error: unknown, endpoint: string): void
}

export type ConnectionState = 'auth' | 'waiting' | 'open' | 'closing' | 'closed'

/**
 * One peer's stream as a state machine: handshake, admission, pings, a bounded queue out, and an end that always comes. It has no
 * timer of its own (`tick` is called for all of them by one sweep) and never waits; neither does whoever sends through it.
 */
export class Connection implements TransportListener {
  readonly #transport: Transport
  readonly #options: ConnectionOptions
  readonly #limits: Limits
  readonly #metrics: StreamMetrics
  readonly #scheduler: Scheduler
  readonly #doorkeeper: Doorkeeper
  readonly #onClosed: ConnectionParts['onClosed']
  readonly #onFault: ConnectionParts['onFault']
  readonly #endpoint: Endpoint
  readonly #outbox: Outbox
  readonly #controlFrames: ControlFrames
  readonly #acceptedMs: number
  #state: ConnectionState
  #stateSinceMs: number
  #owesFirstMessage = false
  #unfinishedSinceMs: number | undefined
  #paused = false
  /** Messages of a peer that did not wait for `auth_success`. */
  #early: string[] = []
  #earlyBytes = 0
  #answersPings = false
  #owedPong: Buffer | undefined
  #closeReason: string | undefined

  constructor(
    transport: Transport,
    options: ConnectionOptions,
    parts: ConnectionParts,
    makeEndpoint: (connection: Connection) => Endpoint,
  ) {
    this.#transport = transport
    this.#options = options
    this.#limits = parts.limits
    this.#metrics = parts.metrics
    this.#scheduler = parts.scheduler
    this.#doorkeeper = parts.doorkeeper
    this.#onClosed = parts.onClosed
    this.#onFault = parts.onFault
    const { limits, metrics, scheduler } = parts
    this.#controlFrames = new ControlFrames(limits, scheduler)
    this.#outbox = new Outbox(transport, options.endpoint, { limits, metrics, scheduler, onRoom: () => this.#endpoint.roomAgain?.() })
    const nowMs = parts.scheduler.nowMs()
    this.#acceptedMs = nowMs
    this.#stateSinceMs = nowMs
    this.#state = options.handshake ? 'auth' : 'waiting'
    this.#endpoint = makeEndpoint(this)
    this.#metrics.sockets.inc({ endpoint: options.endpoint, state: this.#state })
  }

  /** To be called once the connection is known to the sweep: a peer without a handshake asks to be let in at once. */
  begin(): void {
    if (this.#state === 'waiting') this.#doorkeeper.authenticated(this)
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  get state(): ConnectionState {
    return this.#state
  }

  get #hasEnded(): boolean {
    return this.#state === 'closing' || this.#state === 'closed'
  }

  /** A stock client that has had an answer to its first ping takes any close before `auth_success` as fatal (catalogue, fact 5). */
  get mayStillBeRefused(): boolean {
    return this.#state === 'auth' && !this.#answersPings
  }

  /** It is past that point, and has not had its `auth_success`: it may only be told to come back once it has. */
  get mustBeLetIn(): boolean {
    return (this.#state === 'auth' && this.#answersPings) || (this.#state === 'waiting' && this.#options.handshake)
  }

  /** Bytes waiting in this process for this peer. */
  get queuedBytes(): number {
    return this.#outbox.queuedBytes + this.#transport.bufferedBytes
  }

  /** Bytes handed to the socket that the peer has not proved to have read. */
  get unconfirmedBytes(): number {
    return this.#outbox.unconfirmedBytes
  }

  /** The endpoint waits for the peer's first message of its own, at most `filterTimeoutMs`. */
  expectFirstMessage(): void {
    this.#owesFirstMessage = true
  }

  firstMessageCame(): void {
    this.#owesFirstMessage = false
    this.#doorkeeper.settled(this)
  }

  /** Lets the peer in: `auth_success`, then the endpoint's own protocol. */
  admit(): void {
    if (this.#state !== 'waiting') return
    const { endpoint, handshake } = this.#options
    this.#metrics.handshakes.inc({ endpoint, outcome: 'accepted' })
    this.#metrics.handshakeSeconds.observe({ endpoint }, (this.#scheduler.nowMs() - this.#acceptedMs) / 1_000)
    this.#changeState('open')
    if (handshake) this.#outbox.put(this.#transport.encode(authSuccess))
    this.#endpoint.open?.()
    if (!this.#owesFirstMessage) this.#doorkeeper.settled(this)
    const early = this.#early
    if (early.length === 0) return
    this.#early = []
    this.#transport.resumeReading()
    for (const text of early) if (this.open) this.#handOver(text)
  }

  /** Whether a frame may be queued without going over the soft bound. One frame always may. */
  hasRoomFor(frame: Frame): boolean {
    return this.#outbox.hasRoomFor(this.#transport.encode(frame).byteLength)
  }

  get hasRoom(): boolean {
    return this.#outbox.hasRoom
  }

  /** Asks for `roomAgain` when half of the soft bound is free. */
  whenRoom(): void {
    this.#outbox.whenRoom()
  }

  /**
   * Queues a frame. A peer whose queue is over its hard bound is closed with 1013; endpoints that can give it later what it misses
   * now ask `hasRoom` first.
   *
   * @returns false when the frame was not taken.
   */
  send(frame: Frame): boolean {
    if (this.#state !== 'open') {
      this.#metrics.sendAfterClose.inc()
      return false
    }
    const chunk = this.#transport.encode(frame)
    const overflow = this.#outbox.overflowOf(chunk.byteLength)
    if (overflow) {
      this.#metrics.limitReached.inc({ limit: overflow })
      this.close('slow-consumer')
      return false
    }
    this.#outbox.put(chunk)
    return true
  }

  sendText(text: string): boolean {
    return this.send(new MessageFrame(text))
  }

  pong(data: Buffer): void {
    this.#answersPings = true
    if (!this.#transport.open) return
    // A peer that sends pings and does not read gets one answer when it reads again, to the last of them: that answers all before it.
    if (this.#transport.bufferedBytes > this.#limits.subscriberSoftBytes) this.#owedPong = data
    else this.#transport.pong(data)
  }

  /**
   * The object in a message; undefined for anything else, and for one that is nested too deep: to write it again would overflow the
   * stack, and to parse it costs the loop many times what its size would.
   */
  parseObject(text: string | undefined): Record<string, unknown> | undefined {
    if (text === undefined || !nestsDeeperThan(text, this.#limits.jsonDepth)) return parseObject(text)
    this.#metrics.limitReached.inc({ limit: 'jsonDepth' })
    return undefined
  }

  /** Stops reading from the peer: TCP then slows it down. Its pongs are not read either, so its silence counts for nothing. */
  pauseReading(): void {
    this.#paused = true
    this.#transport.pauseReading()
  }

  resumeReading(): void {
    if (this.#closeReason === 'control-flood') return
    this.#paused = false
    this.#outbox.forgiveSilence()
    this.#transport.resumeReading()
  }

  /** Starts the closing handshake; the socket is destroyed after `closeTimeoutMs` whatever the peer does. */
  close(reason: CloseReason, text: string = reason): void {
    this.#close(reason, closeCodes[reason], text)
  }

  /** The same with a code of the endpoint's own protocol. */
  closeWithCode(code: number, text: string): void {
    this.#close(`code-${code}`, code, text)
  }

  /**
   * Destroys the socket. Behind the window of a peer that reads nothing a FIN never leaves, and the kernel keeps what it holds for such a
   * peer (1.4 times the credit) for minutes after the descriptor is closed: there it is a reset.
   */
  terminate(): void {
    this.#transport.terminate(this.unconfirmedBytes >= this.#limits.pingEveryBytes)
  }

  /** Looks at every deadline; called for all connections by one sweep. Returns true when that ended something. */
  tick(nowMs: number): boolean {
    if (this.#state === 'closed') return false
    if (this.#state === 'closing') {
      if (nowMs - this.#stateSinceMs < this.#limits.closeTimeoutMs) return false
      this.#metrics.limitReached.inc({ limit: 'closeTimeoutMs' })
      this.terminate()
      return true
    }
    if (!this.#transport.open) this.ending()
    else this.#watchDeadlines(nowMs)
    return this.#hasEnded
  }

  message(text: string | undefined): void {
    this.#unfinishedSinceMs = undefined
    if (this.#hasEnded) return
    if (this.#state === 'auth') return this.#authenticate(text)
    if (text === undefined) return this.close('protocol-violation', 'Expected a text frame')
    if (this.#state === 'waiting') return this.#keepEarly(text)
    this.#handOver(text)
  }

  pinged(data: Buffer): void {
    if (this.#hasEnded || this.#isControlFlood()) return
    if (this.#state === 'open' && this.#endpoint.ping) this.#endpoint.ping(data)
    else this.pong(data)
  }

  ponged(number: number): void {
    if (this.#isControlFlood()) return
    this.#outbox.ponged(number)
  }

  drained(): void {
    const owed = this.#owedPong
    this.#owedPong = undefined
    if (owed) this.pong(owed)
    this.#outbox.pump()
  }

  ending(why?: PeerFault): void {
    if (this.#hasEnded) return
    if (why === 'message-too-large') this.#metrics.limitReached.inc({ limit: 'websocketMessageBytes' })
    if (why === 'too-many-fragments') this.#metrics.limitReached.inc({ limit: 'messageFragments' })
    this.#closeReason ??= why ?? 'peer'
    this.#letGo('closing')
  }

  finished(): boolean {
    this.ending()
    return this.unconfirmedBytes >= this.#limits.pingEveryBytes
  }

  closed(): void {
    if (this.#state === 'closed') return
    this.#closeReason ??= 'peer'
    this.#letGo('closed')
    this.#outbox.end()
    this.#metrics.closes.inc({ endpoint: this.#options.endpoint, reason: this.#closeReason })
    this.#onClosed(this)
  }

  #handOver(text: string): void {
    try {
      this.#endpoint.message(text)
    } catch (error) {
      this.#onFault(error, this.#options.endpoint)
      this.close('server-error')
    }
  }

  /** What a peer sends ahead of `auth_success` is kept, and no more of it is read until it is let in. */
  #keepEarly(text: string): void {
    if (this.#early.length === 0) this.#transport.pauseReading()
    this.#earlyBytes += text.length
    if (this.#earlyBytes > this.#limits.websocketMessageBytes) return this.close('protocol-violation', 'Expected to wait for auth_success')
    this.#early.push(text)
  }

  #close(reason: string, code: number, text: string): void {
    if (this.#hasEnded) return
    this.#closeReason ??= reason
    this.#letGo('closing')
    this.#transport.close(code, closeText(text))
  }

  /** Drops what is queued and everything that still knows this peer. The socket may take its time; nobody waits for it. */
  #letGo(state: 'closing' | 'closed'): void {
    const wasUp = this.#state !== 'closing'
    this.#changeState(state)
    this.#outbox.clear()
    if (wasUp) {
      this.#doorkeeper.settled(this)
      this.#endpoint.closed()
    }
  }

  #watchDeadlines(nowMs: number): void {
    const { authTimeoutMs, filterTimeoutMs } = this.#limits
    const inStateMs = nowMs - this.#stateSinceMs
    if (this.#state === 'auth' && inStateMs >= authTimeoutMs) {
      this.#metrics.limitReached.inc({ limit: 'authTimeoutMs' })
      return this.close('auth-timeout')
    }
    if (this.#state === 'open' && this.#owesFirstMessage && inStateMs >= filterTimeoutMs) {
      this.#metrics.limitReached.inc({ limit: 'filterTimeoutMs' })
      return this.close('filter-timeout')
    }
    if (this.#isMessageLate(nowMs)) {
      this.#metrics.limitReached.inc({ limit: 'messageTimeoutMs' })
      return this.close('message-timeout')
    }
    this.#watchPings(nowMs)
  }

  #watchPings(nowMs: number): void {
    const { pingEveryMs, pingAnswerMs } = this.#options
    if (!this.#paused && this.#outbox.isSilentFor(nowMs, pingAnswerMs)) {
      this.#metrics.limitReached.inc({ limit: 'websocketPingTimeout' })
      return this.close('ping-timeout')
    }
    this.#outbox.pingWhenIdle(nowMs, pingEveryMs)
  }

  #isMessageLate(nowMs: number): boolean {
    if (this.#paused || !this.#transport.hasUnfinishedMessage) {
      this.#unfinishedSinceMs = undefined
      return false
    }
    this.#unfinishedSinceMs ??= nowMs
    return nowMs - this.#unfinishedSinceMs >= this.#limits.messageTimeoutMs
  }

  #isControlFlood(): boolean {
    const limit = this.#controlFrames.count()
    if (limit === undefined) return false
    this.#metrics.limitReached.inc({ limit })
    // No more of it is read: it would be taken apart for as long as the peer takes to close.
    this.#transport.pauseReading()
    this.close('control-flood')
    return true
  }

  #authenticate(text: string | undefined): void {
    const { endpoint, authString, handshakeFailure } = this.#options
    const message = this.parseObject(text)
    const refuse = (why: string): void => {
      this.#metrics.handshakes.inc({ endpoint, outcome: 'refused' })
      this.close('auth-failed', handshakeFailure ?? why)
    }
    if (message?.['type'] !== 'auth') return refuse("Expected 'auth' message")
    if (authString !== undefined) {
      const token = message['token']
      if (typeof token !== 'string' || token === '') return refuse('Auth required but no token provided')
      if (!sameSecret(token, authString)) return refuse('Invalid token')
    }
    this.#changeState('waiting')
    this.#doorkeeper.authenticated(this)
  }

  #changeState(state: ConnectionState): void {
    const { endpoint } = this.#options
    this.#metrics.sockets.dec({ endpoint, state: this.#state })
    if (state !== 'closed') this.#metrics.sockets.inc({ endpoint, state })
    this.#state = state
    this.#stateSinceMs = this.#scheduler.nowMs()
  }
}

const authSuccess = new MessageFrame('{"type":"auth_success"}')

/** The object in a frame; undefined for anything else. */
export function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined
  try {
    const value = parseExactJson(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
