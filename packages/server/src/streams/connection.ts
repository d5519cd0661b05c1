import { parseExactJson } from '@spillway/core/wire/exact-json'
import type { WebSocket } from 'ws'
import { sameSecret } from '../access/auth.ts'
import type { Limits } from '../limits.ts'
import type { Metrics } from '../metrics.ts'

/**
 * Why a connection ends, and the close code its peer sees. Never 1000, 1001 or none for a stream that is to go on: stock
 * subscribers take those for the end and stay away (fault catalogue, fact 5).
 */
const closeCodes = {
  'auth-failed': 1008,
  'auth-timeout': 1008,
  'filter-timeout': 1008,
  'protocol-violation': 1002,
  'slow-consumer': 1013,
  'too-many-connections': 1013,
  'ping-timeout': 1011,
  'server-error': 1011,
  shutdown: 1012,
  finished: 1000,
} as const

export type CloseReason = keyof typeof closeCodes

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
  closed(): void
}

interface Frame {
  data: Buffer | string
  bytes: number
}

/**
 * One websocket: handshake, pings, a bounded queue out, and an end that always comes. It owns its timers; whoever publishes
 * through it never waits.
 *
 * `ws.bufferedAmount` does not see what the kernel has swallowed (up to 4 MB for a peer that does not read), so bytes are
 * counted since the last answered ping: a ping is a barrier that only a reading peer answers.
 */
export class Connection {
  readonly #ws: WebSocket
  readonly #limits: Limits
  readonly #metrics: Metrics
  readonly #options: ConnectionOptions
  readonly #endpoint: Endpoint
  readonly #queue: Frame[] = []
  #queuedBytes = 0
  /** Bytes handed to the socket since the ping that was answered last. */
  #bytesSincePong = 0
  #bytesAtPing = 0
  #pingSentMs: number | undefined
  #stageTimer: NodeJS.Timeout | undefined
  #pingTimer: NodeJS.Timeout | undefined
  #paused = false
  #state: 'auth' | 'open' | 'closing' | 'closed'
  #closeReason: string | undefined

  constructor(ws: WebSocket, options: ConnectionOptions, limits: Limits, metrics: Metrics, makeEndpoint: (connection: Connection) => Endpoint) {
    this.#ws = ws
    this.#limits = limits
    this.#metrics = metrics
    this.#options = options
    this.#state = options.handshake ? 'auth' : 'open'
    this.#endpoint = makeEndpoint(this)
    this.#metrics.sockets.inc({ endpoint: options.endpoint, state: this.#state })

    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    ws.on('ping', (data) => this.#receivePing(data))
    ws.on('pong', () => this.#receivePong())
    // 'close' always follows, and is where the reason is counted.
    ws.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#metrics.limitReached.inc({ limit: 'websocketMessageBytes' })
      this.#closeReason ??= error.code?.startsWith('WS_ERR') ? 'protocol-error' : 'reset'
    })
    ws.once('close', () => this.#ended())
    // A peer that half-closes while its window is full would leave the socket in CLOSING for ever (catalogue, fact 3).
    const socket = (ws as unknown as { _socket?: { once(event: string, listener: () => void): void } })._socket
    socket?.once('end', () => this.#armClosingTimer())
    this.#pingTimer = setInterval(() => this.#onPingTimer(), Math.min(options.pingEveryMs, options.pingAnswerMs))
    if (this.#state === 'auth') this.#expect('auth-timeout', limits.authTimeoutMs)
    else this.#open()
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  /** Bytes waiting in this process for this peer. */
  get queuedBytes(): number {
    return this.#queuedBytes + this.#ws.bufferedAmount
  }

  /** Closes unless `met()` is called within the time: for a stage in which the peer owes the next message. */
  #expect(reason: CloseReason, timeoutMs: number): void {
    clearTimeout(this.#stageTimer)
    this.#stageTimer = setTimeout(() => {
      this.#metrics.limitReached.inc({ limit: reason === 'auth-timeout' ? 'authTimeoutMs' : 'filterTimeoutMs' })
      this.close(reason)
    }, timeoutMs)
  }

  /** The endpoint waits for the peer's first message of its own, at most `filterTimeoutMs`. */
  expectFirstMessage(): void {
    this.#expect('filter-timeout', this.#limits.filterTimeoutMs)
  }

  firstMessageCame(): void {
    clearTimeout(this.#stageTimer)
  }

  /**
   * Queues a frame. A peer whose queue is over its bound is closed with 1013; it comes back and asks for what it missed.
   *
   * @returns false when the frame was not taken.
   */
  send(data: Buffer | string): boolean {
    if (this.#state !== 'open' && this.#state !== 'auth') return false
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
    const tooManyBytes = this.#queuedBytes + bytes > this.#limits.subscriberQueueBytes
    if (tooManyBytes || this.#queue.length >= this.#limits.subscriberQueueFrames) {
      this.#metrics.limitReached.inc({ limit: tooManyBytes ? 'subscriberQueueBytes' : 'subscriberQueueFrames' })
      this.close('slow-consumer')
      return false
    }
    this.#queue.push({ data, bytes })
    this.#queuedBytes += bytes
    this.#pump()
    return true
  }

  pong(data: Buffer): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.pong(data)
  }

  /** Stops reading from the peer: TCP then slows it down. Its pongs are not read either, so its silence counts for nothing. */
  pauseReading(): void {
    this.#paused = true
    this.#ws.pause()
  }

  resumeReading(): void {
    this.#paused = false
    if (this.#pingSentMs !== undefined) this.#pingSentMs = performance.now()
    this.#ws.resume()
  }

  /** Starts the closing handshake; the socket is destroyed after `closeTimeoutMs` whatever the peer does. */
  close(reason: CloseReason, text: string = reason): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#closeReason ??= reason
    this.#changeState('closing')
    this.#queue.length = 0
    this.#queuedBytes = 0
    // A close reason has 123 bytes at most, or the frame is malformed.
    this.#ws.close(closeCodes[reason], Buffer.from(text).subarray(0, 123).toString('utf8').replace(/\uFFFD$/, ''))
    this.#armClosingTimer()
  }

  /** The same with a code of the endpoint's own protocol. */
  closeWithCode(code: number, text: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#closeReason ??= `code-${code}`
    this.#changeState('closing')
    this.#ws.close(code, Buffer.from(text).subarray(0, 123).toString('utf8').replace(/\uFFFD$/, ''))
    this.#armClosingTimer()
  }

  terminate(): void {
    this.#ws.terminate()
  }

  #armClosingTimer(): void {
    setTimeout(() => {
      if (this.#state === 'closed') return
      this.#metrics.limitReached.inc({ limit: 'closeTimeoutMs' })
      this.#ws.terminate()
    }, this.#limits.closeTimeoutMs).unref()
  }

  #open(): void {
    clearTimeout(this.#stageTimer)
    this.#endpoint.open?.()
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    const text = isBinary ? undefined : data.toString('utf8')
    if (this.#state === 'auth') {
      this.#authenticate(text)
      return
    }
    if (text === undefined) {
      this.close('protocol-violation', 'Expected a text frame')
      return
    }
    this.#endpoint.message(text)
  }

  #authenticate(text: string | undefined): void {
    const { endpoint, authString, handshakeFailure } = this.#options
    const message = parseObject(text)
    const refuse = (why: string): void => {
      this.#metrics.socketHandshakes.inc({ endpoint, outcome: 'refused' })
      this.close('auth-failed', handshakeFailure ?? why)
    }
    if (message?.['type'] !== 'auth') return refuse("Expected 'auth' message")
    if (authString !== undefined) {
      const token = message['token']
      if (typeof token !== 'string' || token === '') return refuse('Auth required but no token provided')
      if (!sameSecret(token, authString)) return refuse('Invalid token')
    }
    this.#metrics.socketHandshakes.inc({ endpoint, outcome: 'accepted' })
    this.#changeState('open')
    this.#ws.send('{"type":"auth_success"}')
    this.#open()
  }

  #receivePing(data: Buffer): void {
    if (this.#state === 'open' && this.#endpoint.ping) this.#endpoint.ping(data)
    else this.pong(data)
  }

  #receivePong(): void {
    if (this.#pingSentMs === undefined) return
    this.#pingSentMs = undefined
    this.#bytesSincePong -= this.#bytesAtPing
    this.#pump()
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#ws.readyState === this.#ws.OPEN) {
      // Half of the credit sent: put the barrier behind it, so that a reading peer never has to stop.
      if (this.#bytesSincePong > this.#limits.subscriberQueueBytes / 2 && this.#pingSentMs === undefined) this.#ping()
      if (this.#bytesSincePong >= this.#limits.subscriberQueueBytes) return
      const frame = this.#queue.shift()!
      this.#queuedBytes -= frame.bytes
      this.#bytesSincePong += frame.bytes
      this.#ws.send(frame.data, { binary: false })
    }
  }

  #ping(): void {
    this.#pingSentMs = performance.now()
    this.#bytesAtPing = this.#bytesSincePong
    this.#ws.ping()
  }

  #onPingTimer(): void {
    if (this.#state === 'closing' || this.#state === 'closed' || this.#ws.readyState !== this.#ws.OPEN) return
    if (this.#pingSentMs === undefined) this.#ping()
    else if (!this.#paused && performance.now() - this.#pingSentMs >= this.#options.pingAnswerMs) {
      this.#metrics.limitReached.inc({ limit: 'websocketPingTimeout' })
      this.close('ping-timeout')
    }
  }

  #ended(): void {
    clearTimeout(this.#stageTimer)
    clearInterval(this.#pingTimer)
    this.#changeState('closed')
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.#metrics.socketCloses.inc({ endpoint: this.#options.endpoint, reason: this.#closeReason ?? 'peer' })
    this.#endpoint.closed()
  }

  #changeState(state: 'open' | 'closing' | 'closed'): void {
    const { endpoint } = this.#options
    this.#metrics.sockets.dec({ endpoint, state: this.#state })
    if (state !== 'closed') this.#metrics.sockets.inc({ endpoint, state })
    this.#state = state
  }
}

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
