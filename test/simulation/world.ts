import assert from 'node:assert/strict'
import { defaultLimits, type Limits } from '@spillway/server/limits'
import { createLogger } from '@spillway/server/logger'
import { Counter, MetricRegistry } from '@spillway/server/metric-registry'
import { createStreamMetrics } from '@spillway/server/stream-metrics'
import { ConnectionPool } from '@spillway/server/streams/connection-pool'
import type { Connection } from '@spillway/server/streams/connection'
import { FanOut } from '@spillway/server/streams/fan-out'
import { StreamOut, type StreamKind } from '@spillway/server/streams/stream-out'
import { Random } from './random.ts'
import { readingKinds, SimulatedClient, type ClientKind } from './simulated-client.ts'
import { epoch, SimulatedLog, type SimItem } from './simulated-log.ts'
import { SimulatedPeer } from './simulated-peer.ts'
import { VirtualTime } from './virtual-time.ts'

/** Small bounds, so that a short schedule reaches all of them. */
const limits: Limits = {
  ...defaultLimits,
  authTimeoutMs: 1_500,
  filterTimeoutMs: 1_500,
  closeTimeoutMs: 800,
  sweepEveryMs: 100,
  subscriberSoftBytes: 6_000,
  subscriberQueueBytes: 24_000,
  unconfirmedBytes: 8_000,
  pingEveryBytes: 1_500,
  hubItems: 24,
  hubBytes: 20_000,
  fanOutSliceFrames: 3,
  fanOutBatchItems: 4,
  fanOutBatchBytes: 3_000,
  recentItems: 12,
  recentBytes: 12_000,
  admissionConcurrent: 2,
  admissionHoldMs: 150,
  unauthenticatedConnections: 3,
  unauthenticatedGraceMs: 200,
}
const pingEveryMs = 1_000
const pingAnswerMs = 1_500
const frameBytesMax = 2_200
const logger = createLogger('CRITICAL')

export interface Schedule {
  seed: number
  /** `liveness`: some peers are faulty for ever, and the others must get everything in time all the same. */
  mode: 'safety' | 'liveness'
}

interface Attached {
  client: SimulatedClient
  peer: SimulatedPeer
  connection: Connection
  acceptedMs: number
}

/** One schedule: real connections, subscriptions and fan-out over simulated time, sockets, peers and store. */
export class World {
  readonly time = new VirtualTime()
  readonly #random: Random
  readonly #mode: Schedule['mode']
  readonly #metrics = createStreamMetrics(new MetricRegistry(), new Counter(new MetricRegistry(), { name: 'limits', help: '', labelNames: ['limit'] }))
  readonly #pool = new ConnectionPool(limits, this.#metrics, this.time, logger)
  readonly #log: SimulatedLog
  readonly #fanOut: FanOut<SimItem>
  readonly #kind: StreamKind<{ name?: string }, SimItem>
  readonly #clients: SimulatedClient[] = []
  #attached: Attached[] = []
  #producing = true

  constructor({ seed, mode }: Schedule) {
    this.#random = new Random(seed)
    this.#mode = mode
    const random = this.#random
    this.#log = new SimulatedLog(this.time, random, {
      refusedReads: random.chance(0.5) ? 0 : random.below(20) / 100,
      readMs: 1 + random.below(60),
      lostPublications: random.chance(0.6) ? 0 : 0.1,
    })
    this.#fanOut = new FanOut<SimItem>(0, limits, this.#metrics, this.time)
    this.#log.attach(this.#fanOut)
    const pageItems = 5 + random.below(20)
    this.#kind = {
      endpoint: 'events-out',
      epoch,
      validateFilter: (filter) => ({ ok: true, value: filter as { name?: string } }),
      makeStream: (filter) => this.#log.stream(filter.name, pageItems),
      backfill: true,
      liveEnabled: true,
    }
  }

  /** Runs it to its end. @throws AssertionError when a promise is broken. */
  async run(): Promise<void> {
    const producingMs = 600 + this.#random.below(1_400)
    for (let n = 1 + this.#random.below(7); n > 0; n -= 1) this.#addClient(n === 1)
    this.#sweep()
    this.#produce()
    await this.time.runUntil(producingMs)
    this.#producing = false
    // The longest way of a reader that was cut off in the last moment: its end, its return, admission, and a slow replay.
    const deadlineMs = producingMs + 30_000
    while (this.time.nowMs() < deadlineMs && !this.#isSettled()) await this.time.runUntil(this.time.nowMs() + 500)
    for (const client of this.#clients) {
      client.assertNoGap(this.#log.items)
      if (readingKinds.has(client.kind)) client.assertComplete(this.#log.items)
    }
    this.#assertFaultyGone()
    void this.#pool.drain()
    await this.time.runUntil(this.time.nowMs() + limits.drainSpreadMs + limits.closeTimeoutMs + 3_000)
    assert.equal(this.#pool.size, 0, 'connections are left after the drain')
    assert.equal(this.#metrics.totals.queuedBytes, 0)
    assert.equal(this.#fanOut.members, 0, 'subscriptions are left behind')
  }

  /** The readers have everything, the others are gone. */
  #isSettled(): boolean {
    return (
      this.#clients.every((client) => client.connections > 0 && (!readingKinds.has(client.kind) || client.isComplete(this.#log.items))) &&
      this.#attached.every(({ client }) => readingKinds.has(client.kind))
    )
  }

  #addClient(isReader: boolean): void {
    const kinds: readonly ClientKind[] = ['healthy', 'slow', 'pausing', 'stalled', 'silent', 'mute', 'resetting', 'half-closing', 'unanswering']
    const kind = isReader || this.#random.chance(0.4) ? this.#random.pick(['healthy', 'slow', 'pausing'] as const) : this.#random.pick(kinds)
    const client = new SimulatedClient(kind, this.#random.pick(['a', 'b', undefined]), this.#random.chance(0.4))
    this.#clients.push(client)
    this.time.after(this.#random.below(500), () => this.#connect(client))
  }

  #connect(client: SimulatedClient): void {
    // A server that goes takes nobody in any more: upgrade.ts answers with 1012.
    if (this.#pool.isDraining) return
    client.connections += 1
    const peer = new SimulatedPeer(this.time, client.habits(this.#random))
    client.peer = peer
    const options = { endpoint: 'events-out', handshake: true, authString: undefined, handshakeFailure: undefined, pingEveryMs, pingAnswerMs }
    const connection = this.#pool.add(
      peer, options, 'websocket',
      (self) => new StreamOut(self, this.#kind, { limits, metrics: this.#metrics, scheduler: this.time, log: logger }),
    )
    peer.listen(connection)
    const attached = { client, peer, connection, acceptedMs: this.time.nowMs() }
    this.#attached.push(attached)
    peer.onClosed = () => {
      this.#attached = this.#attached.filter((one) => one !== attached)
      assert.equal(peer.framesAfterClose, 0, 'a frame was sent after the close')
      if (client.comesBack) this.time.after(this.#random.below(300), () => this.#connect(client))
    }
    let subscribed = false
    peer.onReceived = (text) => {
      if (client.kind === 'mute') return
      if (text.startsWith('{"type":"auth_success"')) {
        peer.say(client.request)
        this.time.after(peer.habits.latencyMs, () => {
          if (subscribed || connection.state !== 'open') return
          subscribed = true
          if (!client.cursor || client.mustHaveAfter === undefined) client.mustHaveAfter = this.#log.lastSeq
        })
      } else client.read(text)
    }
    connection.begin()
    if (client.kind !== 'silent') peer.say('{"type":"auth","token":null}')
    this.#misbehave(client, peer)
    // Readers are cut off from time to time, and come back.
    if (client.comesBack && client.connections < 3 && this.#random.chance(0.4)) this.time.after(this.#random.below(1_500), () => peer.reset())
  }

  #misbehave(client: SimulatedClient, peer: SimulatedPeer): void {
    const later = (work: () => void): void => void this.time.after(100 + this.#random.below(1_200), work)
    const stopReading = (): void => void (peer.habits.bytesPerMs = 0)
    if (client.kind === 'stalled') later(stopReading)
    if (client.kind === 'resetting') later(() => peer.reset())
    if (client.kind === 'half-closing') {
      later(() => {
        stopReading()
        peer.finish()
      })
    }
    if (client.kind === 'pausing') {
      const speed = peer.habits.bytesPerMs
      later(() => {
        stopReading()
        this.time.after(this.#random.below(pingAnswerMs), () => {
          peer.habits.bytesPerMs = speed
          peer.wake()
        })
      })
    }
  }

  #produce(): void {
    if (!this.#producing) return
    const names = Array.from({ length: 1 + this.#random.below(6) }, () => this.#random.pick(['a', 'b', 'c']))
    this.#log.commit(names, this.#random.chance(0.1) ? 2_000 : 200)
    // Now and then a burst that the hub cannot hold.
    if (this.#random.chance(0.03)) this.#log.commit(Array.from({ length: 40 }, () => 'a'), 100)
    this.time.after(this.#random.below(this.#mode === 'liveness' ? 60 : 40), () => this.#produce())
  }

  #sweep(): void {
    this.#pool.sweep(this.time.nowMs())
    this.#assertBounded()
    this.time.after(limits.sweepEveryMs, () => this.#sweep())
  }

  #assertBounded(): void {
    let queued = 0
    let unconfirmed = 0
    const nowMs = this.time.nowMs()
    for (const { connection, peer, client, acceptedMs } of this.#attached) {
      const own = connection.queuedBytes - peer.bufferedBytes
      queued += own
      unconfirmed += connection.unconfirmedBytes
      assert.ok(own <= limits.subscriberSoftBytes + frameBytesMax, `${own} bytes wait for one peer`)
      assert.ok(connection.unconfirmedBytes <= limits.unconfirmedBytes, `${connection.unconfirmedBytes} bytes are unconfirmed`)
      if (client.kind === 'silent' || client.kind === 'mute') {
        const allowedMs = limits.authTimeoutMs + limits.filterTimeoutMs + limits.closeTimeoutMs + 10 * limits.sweepEveryMs
        assert.ok(nowMs - acceptedMs <= allowedMs, `a ${client.kind} peer is still there after ${nowMs - acceptedMs} ms`)
      }
    }
    assert.equal(queued, this.#metrics.totals.queuedBytes, 'the gauge of queued bytes')
    assert.equal(unconfirmed, this.#metrics.totals.unconfirmedBytes, 'the gauge of unconfirmed bytes')
  }

  /** Peers that never read again, or never answer, are gone. */
  #assertFaultyGone(): void {
    const left = this.#attached.filter(({ client }) => !readingKinds.has(client.kind)).map(({ client, connection }) => `${client.kind} (${connection.state})`)
    assert.deepEqual(left, [])
  }
}
