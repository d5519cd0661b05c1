import type { Scheduler } from '@spillway/server/streams/scheduler'
import type { Frame } from '@spillway/server/streams/frames'
import type { Transport, TransportListener } from '@spillway/server/streams/transport'

interface InFlight {
  bytes: number
  kind: 'frame' | 'ping' | 'close'
  text: string
  number: number
}

/** How a peer behaves on its socket. All of it may change while it runs. */
export interface PeerHabits {
  /** Bytes that it reads in a millisecond; 0: it has stopped reading. */
  bytesPerMs: number
  /** Time until the other side sees what it sends, ms. */
  latencyMs: number
  /** Bytes that the kernels take before this process has to hold them. */
  kernelBytes: number
  answersPings: boolean
  answersClose: boolean
}

/**
 * A socket with a peer behind it. What is sent fills the kernel's buffer first, then this process's; the peer reads at its pace,
 * answers pings that it comes to, and closes when it comes to a close frame.
 */
export class SimulatedPeer implements Transport {
  readonly habits: PeerHabits
  /** Texts that the peer has read. */
  readonly received: string[] = []
  onReceived: (text: string) => void = () => {}
  onClosed: () => void = () => {}
  isClosed = false
  framesAfterClose = 0
  pings = 0
  #listener: TransportListener | undefined
  readonly #time: Scheduler
  #queue: InFlight[] = []
  #queuedBytes = 0
  #isReading = false
  #closeSent = false
  #readingPaused = false
  #toTell: (() => void)[] = []

  constructor(time: Scheduler, habits: PeerHabits) {
    this.#time = time
    this.habits = habits
  }

  listen(listener: TransportListener): void {
    this.#listener = listener
  }

  get open(): boolean {
    return !this.isClosed && !this.#closeSent
  }

  get bufferedBytes(): number {
    return Math.max(0, this.#queuedBytes - this.habits.kernelBytes)
  }

  get hasUnfinishedMessage(): boolean {
    return false
  }

  encode(frame: Frame): Buffer {
    return frame.websocket
  }

  send(chunk: Buffer): void {
    if (!this.open) this.framesAfterClose += 1
    const head = chunk[1]! < 126 ? 2 : chunk[1] === 126 ? 4 : 10
    this.#put({ bytes: chunk.byteLength, kind: 'frame', text: chunk.toString('utf8', head), number: 0 })
  }

  ping(number: number): void {
    this.pings += 1
    this.#put({ bytes: 6, kind: 'ping', text: '', number })
  }

  pong(): void {}

  close(code: number): void {
    if (!this.open) return
    this.#put({ bytes: 4, kind: 'close', text: '', number: code })
    this.#closeSent = true
  }

  terminate(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#time.soon(() => {
      this.#listener?.closed()
      this.onClosed()
    })
  }

  pauseReading(): void {
    this.#readingPaused = true
  }

  resumeReading(): void {
    this.#readingPaused = false
    const told = this.#toTell
    this.#toTell = []
    for (const tell of told) this.#time.soon(tell)
  }

  /** The peer sends a message. */
  say(text: string): void {
    this.#tell(() => this.#listener?.message(text))
  }

  /** The peer half-closes, or sends a close frame: what it goes on reading is up to its habits. */
  finish(): void {
    this.#tell(() => this.#listener?.ending())
  }

  /** The peer's reset arrives. */
  reset(): void {
    this.#tell(() => {
      if (this.isClosed) return
      this.#listener?.ending('reset')
      this.terminate()
    })
  }

  #tell(what: () => void): void {
    this.#time.after(this.habits.latencyMs, () => {
      if (this.isClosed) return
      if (this.#readingPaused) this.#toTell.push(what)
      else what()
    })
  }

  #put(item: InFlight): void {
    if (this.isClosed) return
    this.#queue.push(item)
    this.#queuedBytes += item.bytes
    this.#read()
  }

  /** The peer reads on. To be called when its habits change. */
  wake(): void {
    this.#read()
  }

  #read(): void {
    if (this.#isReading || this.isClosed || this.habits.bytesPerMs === 0 || this.#queue.length === 0) return
    this.#isReading = true
    const next = this.#queue[0]!
    this.#time.after(this.habits.latencyMs / 4 + next.bytes / this.habits.bytesPerMs, () => {
      this.#isReading = false
      if (this.isClosed || this.habits.bytesPerMs === 0) return
      this.#queue.shift()
      const wasBuffered = this.bufferedBytes > 0
      this.#queuedBytes -= next.bytes
      if (next.kind === 'frame') {
        this.received.push(next.text)
        this.onReceived(next.text)
      } else if (next.kind === 'ping') {
        if (this.habits.answersPings) this.#tell(() => this.#listener?.ponged(next.number))
      } else if (this.habits.answersClose) this.#tell(() => this.terminate())
      if (wasBuffered && this.bufferedBytes === 0) this.#listener?.drained()
      this.#read()
    })
  }
}
