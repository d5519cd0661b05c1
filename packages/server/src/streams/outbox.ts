import type { Limits } from '../limits.ts'
import type { FrameCells, StreamMetrics } from '../stream-metrics.ts'
import type { Scheduler } from './scheduler.ts'
import type { Transport } from './transport.ts'

interface PingMark {
  number: number
  sentMs: number
  /** Bytes handed to the socket before it. */
  bytes: number
}

interface OutboxParts {
  limits: Limits
  metrics: StreamMetrics
  scheduler: Scheduler
  /** There is room again, after `whenRoom`. */
  onRoom(): void
}

/**
 * What waits for one peer, and what it has proved to have read.
 *
 * `bufferedAmount` does not see what the kernel has swallowed (up to 4 MB for a peer that does not read), so a ping goes out behind
 * every `pingEveryBytes`: an answer proves that everything before it was read. Bytes since the last such proof use up the credit.
 */
export class Outbox {
  readonly #transport: Transport
  readonly #limits: Limits
  readonly #metrics: StreamMetrics
  readonly #scheduler: Scheduler
  readonly #onRoom: () => void
  readonly #cells: FrameCells
  #queue: Buffer[] = []
  #head = 0
  #queuedBytes = 0
  #sentBytes = 0
  #confirmedBytes = 0
  #pings: PingMark[] = []
  #pingNumber = 0
  #lastPingMs: number
  /** The last sign that the peer reads what it is sent. */
  #progressMs: number
  #wantsRoom = false

  constructor(transport: Transport, endpoint: string, parts: OutboxParts) {
    this.#transport = transport
    this.#limits = parts.limits
    this.#metrics = parts.metrics
    this.#scheduler = parts.scheduler
    this.#onRoom = parts.onRoom
    this.#cells = parts.metrics.frameCells(endpoint)
    this.#lastPingMs = this.#progressMs = parts.scheduler.nowMs()
  }

  /** Bytes waiting here; what the socket holds comes on top. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Bytes handed to the socket that the peer has not proved to have read. */
  get unconfirmedBytes(): number {
    return this.#sentBytes - this.#confirmedBytes
  }

  /** Half of the soft bound is free: time to fetch more. */
  get hasRoom(): boolean {
    return this.#queuedBytes <= this.#limits.subscriberSoftBytes / 2
  }

  /** Whether so much may be queued without going over the soft bound. One frame always may. */
  hasRoomFor(bytes: number): boolean {
    return this.#queuedBytes === 0 || this.#queuedBytes + bytes <= this.#limits.subscriberSoftBytes
  }

  /** The hard bound that one more frame would go over. */
  overflowOf(bytes: number): 'subscriberQueueBytes' | 'subscriberQueueFrames' | undefined {
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > this.#limits.subscriberQueueBytes) return 'subscriberQueueBytes'
    return this.#queue.length - this.#head >= this.#limits.subscriberQueueFrames ? 'subscriberQueueFrames' : undefined
  }

  /** Asks to be told when half of the soft bound is free. */
  whenRoom(): void {
    if (this.hasRoom) this.#scheduler.soon(this.#onRoom)
    else this.#wantsRoom = true
  }

  put(chunk: Buffer): void {
    this.#queue.push(chunk)
    this.#queuedBytes += chunk.byteLength
    this.#metrics.totals.queuedBytes += chunk.byteLength
    this.pump()
  }

  /** Hands over what the credit allows. */
  pump(): void {
    const { pingEveryBytes, subscriberSoftBytes } = this.#limits
    const credit = this.#credit
    const transport = this.#transport
    while (this.#head < this.#queue.length && transport.open) {
      const chunk = this.#queue[this.#head]!
      const bytes = chunk.byteLength
      if (this.unconfirmedBytes > 0 && this.unconfirmedBytes + bytes > credit) {
        // The credit is used up, or too small for this frame: all before it has to be read first.
        if (this.#pings.length === 0) this.#ping()
        break
      }
      if (transport.bufferedBytes > subscriberSoftBytes) break
      this.#head += 1
      this.#queuedBytes -= bytes
      this.#sentBytes += bytes
      this.#metrics.totals.queuedBytes -= bytes
      this.#metrics.totals.unconfirmedBytes += bytes
      this.#cells.frames.value += 1
      this.#cells.bytes.value += bytes
      transport.send(chunk)
      if (this.#sentBytes - (this.#pings.at(-1)?.bytes ?? this.#confirmedBytes) >= pingEveryBytes) this.#ping()
    }
    this.#forgetSent()
    if (!this.#wantsRoom || !this.hasRoom) return
    this.#wantsRoom = false
    // In a turn of its own: this one may be somebody else's fan-out.
    this.#scheduler.soon(this.#onRoom)
  }

  /** The peer has answered the ping of that number. */
  ponged(number: number): void {
    const answered = this.#pings.findIndex((mark) => mark.number === number)
    if (answered < 0) return
    this.#confirm(this.#pings[answered]!.bytes)
    this.#pings.splice(0, answered + 1)
    this.#progressMs = this.#scheduler.nowMs()
    this.pump()
  }

  /** The peer could not be heard until now: its silence counts from here on. */
  forgiveSilence(): void {
    this.#progressMs = this.#scheduler.nowMs()
  }

  /** Whether a ping has gone without an answer, and the peer without a sign of reading, for so long. */
  isSilentFor(nowMs: number, answerMs: number): boolean {
    const [oldest] = this.#pings
    return oldest !== undefined && nowMs - Math.max(oldest.sentMs, this.#progressMs) >= answerMs
  }

  /** Sends a ping when none is under way and the last one is so long ago. */
  pingWhenIdle(nowMs: number, everyMs: number): void {
    if (this.#pings.length === 0 && nowMs - this.#lastPingMs >= everyMs) this.#ping()
  }

  /** Drops what waits. */
  clear(): void {
    this.#queue = []
    this.#head = 0
    this.#metrics.totals.queuedBytes -= this.#queuedBytes
    this.#queuedBytes = 0
  }

  /** The socket is gone, and with it what it held. */
  end(): void {
    this.clear()
    this.#confirm(this.#sentBytes)
  }

  /** What may be handed to the socket before the peer proves that it reads: less for each when many do not. */
  get #credit(): number {
    const { unconfirmedBytes, streamsUnconfirmedBytes, pingEveryBytes } = this.#limits
    return this.#metrics.totals.unconfirmedBytes < streamsUnconfirmedBytes ? unconfirmedBytes : Math.min(unconfirmedBytes, 2 * pingEveryBytes)
  }

  #ping(): void {
    this.#pingNumber = (this.#pingNumber + 1) % 0xffff_ffff
    const nowMs = this.#scheduler.nowMs()
    if (this.#pings.length === 0) this.#progressMs = nowMs
    this.#pings.push({ number: this.#pingNumber, sentMs: nowMs, bytes: this.#sentBytes })
    this.#lastPingMs = nowMs
    this.#transport.ping(this.#pingNumber)
  }

  #confirm(bytes: number): void {
    this.#metrics.totals.unconfirmedBytes -= bytes - this.#confirmedBytes
    this.#confirmedBytes = bytes
  }

  #forgetSent(): void {
    if (this.#head === this.#queue.length) {
      if (this.#head > 0) this.#queue = []
      this.#head = 0
    } else if (this.#head >= 256) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }
}
