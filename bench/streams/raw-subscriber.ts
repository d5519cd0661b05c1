import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { FrameReader, clientFrame } from './frame-reader.ts'

export interface SubscriberOptions {
  host: string
  port: number
  /** Path before the API's routes. */
  base: string
  /** Loopback address to dial from: one address has some 28,000 ports for one server. */
  from: string
  /** The filter message, as JSON. */
  filter: string
  /** Wants each event's frame. Without it frames are only counted. */
  onEvent?(payload: Buffer): void
  /** After `auth_success`, or when it ended before that: then `ending` tells how. */
  onSettled?(subscriber: RawSubscriber): void
  /** So many more events came with one read. */
  onEvents?(count: number): void
  onEnd?(subscriber: RawSubscriber): void
}

/** All sockets of the process are read through the same memory: what is received is looked at before the next read. */
const shared = Buffer.allocUnsafe(256 * 1024)
const AUTH = clientFrame(1, Buffer.from('{"type":"auth","token":null}'))
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

/**
 * A subscriber of `/events/out` on a bare socket. It does what the stock client does, in that client's order: upgrade, a ping and its
 * pong, auth, filter; then it answers pings and counts.
 */
export class RawSubscriber {
  readonly socket: Socket
  readonly #options: SubscriberOptions
  readonly #frames: FrameReader
  readonly #dialledMs = performance.now()
  #stage: 'upgrade' | 'pong' | 'auth' | 'open' | 'ended' = 'upgrade'
  #answer = Buffer.alloc(0)
  /** From the dial to `auth_success`. */
  openAfterMs = 0
  events = 0
  /** `close 1013`, `HTTP 503`, `ECONNRESET`, `end`; undefined while it is open. */
  ending: string | undefined

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.#frames = new FrameReader({
      wants: () => this.#stage !== 'open' || options.onEvent !== undefined,
      frame: (opcode, _length, payload) => this.#take(opcode, payload),
    })
    const { host, port, from } = options
    this.socket = connect({
      host, port, localAddress: from, noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#receive(shared.subarray(0, length))
          return true
        },
      },
    })
    this.socket.on('connect', () => this.socket.write(this.#upgradeRequest()))
    this.socket.on('error', (error: NodeJS.ErrnoException) => { this.ending ??= error.code ?? error.message })
    this.socket.on('close', () => this.#ended())
  }

  get open(): boolean {
    return this.#stage === 'open'
  }

  #upgradeRequest(): string {
    const { host, port, base } = this.#options
    return `GET ${base}/events/out HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: prefect\r\n\r\n`
  }

  #receive(bytes: Buffer): void {
    if (this.#stage !== 'upgrade') {
      const before = this.events
      this.#frames.read(bytes)
      if (this.events > before) this.#options.onEvents?.(this.events - before)
      return
    }
    this.#answer = Buffer.concat([this.#answer, bytes])
    const end = this.#answer.indexOf('\r\n\r\n')
    if (end < 0) return
    const status = this.#answer.toString('latin1', 9, 12)
    if (status !== '101') {
      this.ending = `HTTP ${status}`
      this.socket.destroy()
      return
    }
    this.#stage = 'pong'
    this.socket.write(clientFrame(PING, Buffer.from('bench')))
    const rest = this.#answer.subarray(end + 4)
    this.#answer = Buffer.alloc(0)
    if (rest.length > 0) this.#frames.read(rest)
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === TEXT) {
      if (this.#stage === 'open') {
        this.events++
        this.#options.onEvent?.(payload)
      } else if (this.#stage === 'auth' && payload.includes('auth_success')) {
        this.#stage = 'open'
        this.openAfterMs = performance.now() - this.#dialledMs
        this.socket.write(clientFrame(TEXT, Buffer.from(this.#options.filter)))
        this.#options.onSettled?.(this)
      }
    } else if (opcode === PING) {
      this.socket.write(clientFrame(PONG, Buffer.from(payload)))
    } else if (opcode === PONG && this.#stage === 'pong') {
      this.#stage = 'auth'
      this.socket.write(AUTH)
    } else if (opcode === CLOSE) {
      this.ending ??= `close ${payload.length >= 2 ? payload.readUInt16BE(0) : 'without a code'}`
      this.socket.end(clientFrame(CLOSE, payload.subarray(0, 2)))
    }
  }

  #ended(): void {
    const settled = this.#stage === 'open'
    this.#stage = 'ended'
    this.ending ??= 'end'
    if (!settled) this.#options.onSettled?.(this)
    this.#options.onEnd?.(this)
  }
}
