import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What the proxy does to every connection, those that are open included. Both directions alike, unless said otherwise. */
export interface Chaos {
  /** Each piece of data comes so much later. */
  latencyMs?: number
  /** Up to so much is added to the latency, at random; the order of the bytes stays. */
  jitterMs?: number
  /** Of each connection and direction. With 0 nothing is read any more: the sender sees a full window. */
  bytesPerSecond?: number
  /** Data is taken and thrown away while both TCP connections stay, as behind a proxy whose client is dead. Ends are swallowed too. */
  blackHole?: 'none' | 'both' | 'to-server' | 'to-client'
  /** A connection ends when so many bytes have gone through it towards the client. */
  cutAfterBytes?: number
  /** Each connection ends when a time between these bounds has passed since it was opened (new connections only). */
  cutAfterMs?: readonly [least: number, most: number]
  /** How a connection that is cut ends: by RST (both sides) or by FIN. */
  cutBy?: 'reset' | 'end'
  /** New connections are reset at once. */
  refuse?: boolean
}

export interface ChaosProxy {
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Changes the named troubles and leaves the others as they are. */
  set(chaos: Chaos): void
  /** Ends all troubles; what is open goes on. */
  calm(): void
  /** Sends RST to both sides of every open connection. @returns how many there were. */
  resetAll(): number
  /** Stops listening (further dials are refused by the system) and resets what is open, as a server that is away. */
  down(): Promise<void>
  /** Listens again on the same port. */
  up(): Promise<void>
  /** Where new connections go from here on. */
  aimAt(port: number): void
  /** Connections since the start, those open, and those that the proxy itself has cut. */
  counts(): { opened: number; open: number; cut: number }
}

const calm = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: Infinity,
  blackHole: 'none',
  cutAfterBytes: Infinity,
  cutAfterMs: undefined,
  cutBy: 'reset',
  refuse: false,
} as const

type Settled = Omit<Required<Chaos>, 'cutAfterMs'> & { cutAfterMs: readonly [number, number] | undefined }

/** So much may wait in the proxy for each direction of a connection; then it stops reading, as a network with a full window. */
const waitingBytesMax = 256 * 1024

/**
 * A TCP proxy on loopback that makes trouble on command: latency, little bandwidth, black holes, resets, cuts, outages. It
 * is closed with the test.
 *
 * @param random between 0 and 1; a seeded one makes the jitter and the times of the cuts repeatable.
 */
export async function startChaosProxy(
  t: { after(work: () => unknown): void },
  targetPort: number,
  chaos: Chaos = {},
  random: () => number = Math.random,
): Promise<ChaosProxy> {
  let settled: Settled = { ...calm, ...chaos }
  let target = targetPort
  let opened = 0
  let cut = 0
  const links = new Set<Link>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (settled.refuse) return void client.resetAndDestroy()
    opened += 1
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const link = new Link(client, upstream, () => settled, random, () => (cut += 1))
    links.add(link)
    link.whenClosed(() => links.delete(link))
  })
  await listen(server, 0)
  const { port } = server.address() as AddressInfo

  async function down(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const link of links) link.reset()
    await closed
  }
  t.after(down)

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    set(further) {
      settled = { ...settled, ...further }
      for (const link of links) link.chaosChanged()
    },
    calm() {
      settled = { ...calm }
      for (const link of links) link.chaosChanged()
    },
    resetAll() {
      const all = [...links]
      for (const link of all) link.reset()
      return all.length
    },
    down,
    up: () => listen(server, port),
    aimAt(newPort) {
      target = newPort
    },
    counts: () => ({ opened, open: links.size, cut }),
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1', 4096)
  await once(server, 'listening')
}

/** A client's connection and the one to the server that belongs to it. */
class Link {
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #chaos: () => Settled
  readonly #onCut: () => void
  readonly #pumps: readonly Pump[]
  readonly #cutTimer = new AbortController()
  #toClient = 0
  #isCut = false

  constructor(client: Socket, upstream: Socket, chaos: () => Settled, random: () => number, onCut: () => void) {
    this.#client = client
    this.#upstream = upstream
    this.#chaos = chaos
    this.#onCut = onCut
    this.#pumps = [
      new Pump(client, upstream, 'to-server', chaos, random, (bytes) => bytes),
      new Pump(upstream, client, 'to-client', chaos, random, (bytes) => this.#allowance(bytes)),
    ]
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      // A reset passes through as a reset, unless a black hole swallows it.
      socket.on('error', () => {
        if (chaos().blackHole === 'none') other.resetAndDestroy()
      })
    }
    const { cutAfterMs } = chaos()
    if (cutAfterMs) void this.#cutLater(cutAfterMs[0] + random() * (cutAfterMs[1] - cutAfterMs[0]))
  }

  whenClosed(work: () => void): void {
    let left = 2
    const one = (): void => {
      left -= 1
      if (left > 0) return
      this.#cutTimer.abort()
      for (const pump of this.#pumps) pump.stop()
      work()
    }
    this.#client.once('close', one)
    this.#upstream.once('close', one)
  }

  chaosChanged(): void {
    for (const pump of this.#pumps) pump.chaosChanged()
  }

  reset(): void {
    this.#client.resetAndDestroy()
    this.#upstream.resetAndDestroy()
  }

  async #cutLater(afterMs: number): Promise<void> {
    await delay(afterMs, undefined, { signal: this.#cutTimer.signal }).catch(() => {})
    if (!this.#cutTimer.signal.aborted) this.#cutNow()
  }

  #cutNow(): void {
    if (this.#isCut) return
    this.#isCut = true
    this.#onCut()
    if (this.#chaos().cutBy === 'reset') return this.reset()
    for (const socket of [this.#client, this.#upstream]) socket.end(() => socket.destroy())
  }

  /** How much of so many bytes may still go to the client. */
  #allowance(bytes: number): number {
    const allowed = Math.max(0, Math.min(bytes, this.#chaos().cutAfterBytes - this.#toClient))
    this.#toClient += allowed
    // After this turn, so that what is allowed is written first.
    if (allowed < bytes || this.#toClient === this.#chaos().cutAfterBytes) setImmediate(() => this.#cutNow())
    return allowed
  }
}

interface Waiting {
  /** Undefined: the end of the stream. */
  piece: Buffer | undefined
  dueMs: number
}

/** One direction of a connection. */
class Pump {
  readonly #from: Socket
  readonly #to: Socket
  readonly #direction: 'to-server' | 'to-client'
  readonly #chaos: () => Settled
  readonly #random: () => number
  readonly #allowance: (bytes: number) => number
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #lastDueMs = 0
  #freeAtMs = 0
  #timer: NodeJS.Timeout | undefined
  #isBlocked = false

  constructor(
    from: Socket,
    to: Socket,
    direction: 'to-server' | 'to-client',
    chaos: () => Settled,
    random: () => number,
    allowance: (bytes: number) => number,
  ) {
    this.#from = from
    this.#to = to
    this.#direction = direction
    this.#chaos = chaos
    this.#random = random
    this.#allowance = allowance
    from.on('data', (data) => this.#take(data))
    from.on('end', () => {
      if (this.#swallows()) return
      this.#waiting.push({ piece: undefined, dueMs: this.#lastDueMs })
      this.#forward()
    })
    to.on('drain', () => {
      this.#isBlocked = false
      this.#forward()
    })
    this.chaosChanged()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting = []
  }

  chaosChanged(): void {
    // What waits under the old trouble goes at once.
    this.#freeAtMs = 0
    this.#lastDueMs = 0
    for (const waiting of this.#waiting) waiting.dueMs = 0
    this.#forward()
  }

  #holds(): boolean {
    return this.#chaos().bytesPerSecond === 0 && !this.#swallows()
  }

  #swallows(): boolean {
    const { blackHole } = this.#chaos()
    return blackHole === 'both' || blackHole === this.#direction
  }

  #take(data: Buffer): void {
    if (this.#swallows()) return
    const { bytesPerSecond, latencyMs, jitterMs } = this.#chaos()
    const nowMs = performance.now()
    // Small pieces at a low rate, or the flow would come in lumps.
    const rate = bytesPerSecond === 0 ? Infinity : bytesPerSecond // With 0 nothing is forwarded until that changes.
    const most = Number.isFinite(rate) ? Math.max(64, Math.ceil(rate / 50)) : data.byteLength
    for (let at = 0; at < data.byteLength; at += most) {
      const piece = data.subarray(at, at + most)
      this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (piece.byteLength / rate) * 1000
      this.#lastDueMs = Math.max(this.#lastDueMs, this.#freeAtMs + latencyMs + this.#random() * jitterMs)
      this.#waiting.push({ piece, dueMs: this.#lastDueMs })
      this.#waitingBytes += piece.byteLength
    }
    this.#readOn()
    this.#forward()
  }

  /** Writes what is due; sets the timer for what is not. */
  #forward(): void {
    clearTimeout(this.#timer)
    while (!this.#isBlocked && !this.#holds()) {
      const next = this.#waiting[0]
      if (!next) break
      const aheadMs = next.dueMs - performance.now()
      if (aheadMs > 0) {
        this.#timer = setTimeout(() => this.#forward(), Math.ceil(aheadMs))
        break
      }
      this.#waiting.shift()
      if (!next.piece) {
        this.#to.end()
        break
      }
      this.#waitingBytes -= next.piece.byteLength
      if (this.#swallows() || this.#to.destroyed) continue
      const allowed = this.#allowance(next.piece.byteLength)
      if (allowed > 0 && !this.#to.write(next.piece.subarray(0, allowed))) this.#isBlocked = true
    }
    this.#readOn()
  }

  #readOn(): void {
    if (this.#holds() || this.#waitingBytes >= waitingBytesMax) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }
}
