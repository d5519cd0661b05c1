import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits, type Limits } from '@spillway/server/limits'
import { createLogger, type Logger } from '@spillway/server/logger'
import { Counter, MetricRegistry } from '@spillway/server/metric-registry'
import { createStreamMetrics } from '@spillway/server/stream-metrics'
import { ConnectionPool } from '@spillway/server/streams/connection-pool'
import type { Connection } from '@spillway/server/streams/connection'
import { FanOut } from '@spillway/server/streams/fan-out'
import { SimItem } from './simulated-log.ts'
import { SimulatedPeer } from './simulated-peer.ts'
import { VirtualTime } from './virtual-time.ts'

const habits = { bytesPerMs: 10_000, latencyMs: 1, kernelBytes: 1_000_000, answersPings: true, answersClose: true }
const options = { endpoint: 'events-out', handshake: true, authString: undefined, handshakeFailure: undefined, pingEveryMs: 20_000, pingAnswerMs: 20_000 }

function metrics() {
  return createStreamMetrics(new MetricRegistry(), new Counter(new MetricRegistry(), { name: 'limits', help: '', labelNames: ['limit'] }))
}

function poolWith(limits: Partial<Limits>): { time: VirtualTime; dial(): { peer: SimulatedPeer; connection: Connection } } {
  const time = new VirtualTime()
  const pool = new ConnectionPool({ ...defaultLimits, ...limits }, metrics(), time, createLogger('CRITICAL'))
  const sweep = (): void => {
    pool.sweep(time.nowMs())
    time.after(50, sweep)
  }
  sweep()
  return {
    time,
    dial() {
      const peer = new SimulatedPeer(time, { ...habits })
      const connection: Connection = pool.add(peer, options, 'websocket', (self) => ({
        open: () => self.expectFirstMessage(),
        message: () => self.firstMessageCame(),
        closed: () => {},
      }))
      peer.listen(connection)
      connection.begin()
      peer.say('{"type":"auth","token":null}')
      return { peer, connection }
    },
  }
}

const isLetIn = ({ peer }: { peer: SimulatedPeer }): boolean => peer.received.some((text) => text.includes('auth_success'))

test('so many peers are let in at once; the others wait for auth_success, in the order of their coming, and none is refused', async () => {
  const { time, dial } = poolWith({ admissionConcurrent: 2, admissionHoldMs: 60_000 })
  const peers = Array.from({ length: 5 }, dial)
  await time.runUntil(1_000)
  assert.deepEqual(peers.map(isLetIn), [true, true, false, false, false])
  peers[0]!.peer.say('{"type":"filter"}')
  await time.runUntil(2_000)
  assert.deepEqual(peers.map(isLetIn), [true, true, true, false, false])
  assert.ok(peers.every(({ connection }) => connection.state === 'open' || connection.state === 'waiting'))
})

test('a peer that was let in and asks for nothing gives its place on after a while', async () => {
  const { time, dial } = poolWith({ admissionConcurrent: 1, admissionHoldMs: 500 })
  const peers = Array.from({ length: 3 }, dial)
  await time.runUntil(400)
  assert.deepEqual(peers.map(isLetIn), [true, false, false])
  await time.runUntil(2_000)
  assert.deepEqual(peers.map(isLetIn), [true, true, true])
})

test('no more peers are let in each second than the bound', async () => {
  const { time, dial } = poolWith({ admissionsPerSecond: 10, admissionHoldMs: 1 })
  const peers = Array.from({ length: 40 }, dial)
  await time.runUntil(100)
  assert.equal(peers.filter(isLetIn).length, 10)
  await time.runUntil(1_100)
  assert.ok(peers.filter(isLetIn).length <= 22)
  await time.runUntil(4_000)
  assert.equal(peers.filter(isLetIn).length, 40)
})

test('what a peer sends ahead of auth_success is kept until it is let in', async () => {
  const { time, dial } = poolWith({ admissionConcurrent: 1, admissionHoldMs: 500 })
  dial()
  const early = dial()
  early.peer.say('{"type":"filter"}')
  await time.runUntil(300)
  assert.equal(early.connection.state, 'waiting')
  // Its first message has been read when its filter is no longer awaited: it stays beyond that time-out.
  await time.runUntil(defaultLimits.filterTimeoutMs + 5_000)
  assert.equal(early.connection.state, 'open')
})

test('a ping lies behind every so many bytes, not only at the end of the credit', async () => {
  const { time, dial } = poolWith({ pingEveryBytes: 2_000, unconfirmedBytes: 1_000_000 })
  const { peer, connection } = dial()
  await time.runUntil(100)
  peer.habits.bytesPerMs = 0
  for (let i = 0; i < 20; i += 1) connection.sendText('x'.repeat(1_000))
  assert.equal(peer.pings, 10)
})

test('a fan-out to thousands gives way after a slice, and reaches everybody', async () => {
  const time = new VirtualTime()
  const fanOut = new FanOut<SimItem>(0, { ...defaultLimits, fanOutSliceFrames: 100 }, metrics(), time)
  let offered = 0
  const filter = { id: 'all', keys: { names: { exact: ['a'], prefixes: [] }, resources: undefined, anyResources: undefined }, matches: () => true }
  for (let i = 0; i < 5_000; i += 1) fanOut.join(filter, { offer: () => (offered += 1), missedFrom: () => {} })
  fanOut.publish(new SimItem(1, 'a', 0, 10))
  const seen: number[] = []
  const look = (): void => {
    seen.push(offered)
    if (offered < 5_000) time.soon(look)
  }
  time.soon(look)
  await time.runUntil(1)
  assert.equal(offered, 5_000)
  assert.ok(seen.length >= 50, `others had ${seen.length} turns meanwhile`)
  for (let i = 1; i < seen.length; i += 1) assert.ok(seen[i]! - seen[i - 1]! <= 100)
})

test('an endpoint that throws costs its peer the connection, and nobody else anything', async () => {
  const time = new VirtualTime()
  const faults: string[] = []
  const pool = new ConnectionPool(defaultLimits, metrics(), time, { error: (_fields: object, text: string) => void faults.push(text) } as unknown as Logger)
  const add = (throws: boolean): Connection => {
    const peer = new SimulatedPeer(time, { ...habits })
    const message = (): void => {
      if (throws) throw new Error('a bug')
    }
    const connection = pool.add(peer, { ...options, handshake: false }, 'websocket', () => ({ message, closed: () => {} }))
    peer.listen(connection)
    connection.begin()
    peer.say('anything')
    return connection
  }
  const [broken, sound] = [add(true), add(false)]
  await time.runUntil(10)
  assert.deepEqual([broken.open, sound.open, faults.length], [false, true, 1])
})

/** Peers that say nothing, in a pool that ends ten a turn. */
function silentPool(count: number, closed: (index: number) => void) {
  const time = new VirtualTime()
  const limits = { ...defaultLimits, endingsPerTurn: 10, authTimeoutMs: 1_000 }
  const pool = new ConnectionPool(limits, metrics(), time, createLogger('CRITICAL'))
  const connections = Array.from({ length: count }, (_, index) => {
    const peer = new SimulatedPeer(time, { ...habits })
    const connection = pool.add(peer, options, 'websocket', () => ({ message: () => {}, closed: () => closed(index) }))
    peer.listen(connection)
    return connection
  })
  return { time, pool, silent: () => connections.filter(({ state }) => state === 'auth').length }
}

test('many whose deadline comes at once are ended a bounded number a turn, and all of them', async () => {
  const { time, pool, silent } = silentPool(100, () => {})
  await time.runUntil(1_500)
  const seen = [silent()]
  const look = (): void => {
    seen.push(silent())
    if (silent() > 0) time.soon(look)
  }
  pool.sweep(time.nowMs())
  look()
  await time.runUntil(1_501)
  assert.equal(silent(), 0)
  assert.ok(seen.length >= 10, `others had ${seen.length} turns meanwhile`)
  for (let i = 1; i < seen.length; i += 1) assert.ok(seen[i - 1]! - seen[i]! <= 10, `${seen}`)
})

test('a fault while one connection is ended keeps no later sweep from ending the others', async () => {
  const { time, pool, silent } = silentPool(3, (index) => {
    if (index === 0) throw new Error('a bug')
  })
  await time.runUntil(1_500)
  assert.throws(() => pool.sweep(time.nowMs()), /a bug/)
  pool.sweep(time.nowMs())
  assert.equal(silent(), 0)
})
