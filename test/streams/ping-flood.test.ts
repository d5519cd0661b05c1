import assert from 'node:assert/strict'
import test from 'node:test'
import { testBound } from '../server/bound.ts'
import { startTestServer } from '../server/in-process.ts'
import { frame, opcodes } from './lib/frames.ts'
import { cannotRunPeers } from './lib/peers.ts'
import { everyEvent } from './lib/publisher.ts'
import { dialAuthenticated, pinged } from './lib/raw-socket.ts'
import { allEnded, closeCodes, setScene } from './lib/scene.ts'

const mebibyte = 1024 * 1024

/** Fault A17: pongs pile up for a peer that does not read them. */
test('peers that send 10,000 pings a second are ended, reading or not, and those that send fifty are not', { skip: cannotRunPeers }, async (t) => {
  const { peers, watch, end } = await setScene(t)
  const before = watch.gauges.residentBytes()
  const subscriber = { count: 5, path: '/api/events/out', first: everyEvent } as const
  await peers.dial({ ...subscriber, group: 'moderate', then: { act: 'pings', perSecond: 50 } })
  await peers.dial({ ...subscriber, group: 'stalled', receiveBuffer: 4096, then: { act: 'stall' } })
  await peers.dial({ ...subscriber, group: 'reading' })
  await peers.behave('stalled', { act: 'pings', perSecond: 10_000 })
  await peers.behave('reading', { act: 'pings', perSecond: 10_000 })
  await allEnded(peers, 'stalled', 15)
  assert.deepEqual(closeCodes(await allEnded(peers, 'reading', 15)), { 1008: 5 })
  const grown = (watch.gauges.residentBytes() - before) / 10 / mebibyte
  assert.ok(grown < 4, `each offender cost ${grown.toFixed(1)} MiB`)
  const scrape = await watch.gauges.scrape()
  const ended = ['controlFramesAtOnce', 'controlFramesPerSecond'].map((limit) => scrape.sum('spillway_limit_reached_total', { limit }))
  assert.equal(ended[0]! + ended[1]!, 10)
  assert.deepEqual((await peers.report('moderate')).stages, { open: 5 })
  await peers.forget('moderate')
  await end()
})

testBound('controlFramesAtOnce', 'many pings without waiting for an answer close with 1008, and a few are each answered', async (t) => {
  const server = await startTestServer(t, {}, { controlFramesAtOnce: 20, closeTimeoutMs: 200 })
  const raw = await dialAuthenticated(t, server.url, '/api/events/in')
  const pings = (count: number): Buffer[] => Array.from({ length: count }, () => frame(opcodes.ping, 'here?'))
  raw.send(...pings(15))
  await pinged(raw)
  assert.equal(raw.frames.filter(({ opcode }) => opcode === opcodes.pong).length, 16)
  raw.send(...pings(30))
  await raw.ended
  assert.deepEqual(raw.close(), { code: 1008, reason: 'control-flood' })
  assert.equal(await server.reached('controlFramesAtOnce'), 1)
})
