import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { durations } from './lib/fault-server.ts'
import { cannotRunPeers, type PeersReport } from './lib/peers.ts'
import { everyEvent } from './lib/publisher.ts'
import { allEnded, closeCodes, setScene } from './lib/scene.ts'

const silent = 5_000
/** The bound on websockets that have not authenticated. */
const unauthenticatedConnections = 2_000
const authTimeoutMs = durations(6_000, 10_000)
/** Longer than all of them need to come, so that they are there at the same time. */
const filterTimeoutMs = 12_000
/** For a close frame to be answered, and for a busy machine. */
const slackMs = 7_000
const limits = { authTimeoutMs, filterTimeoutMs, unauthenticatedConnections, websocketConnections: 12_000 }
const path = '/api/events/out'

/** Every one of them must be gone within its stage's time-out, counted from its own dial. */
function assertGoneInTime(report: PeersReport, stageTimeoutMs: number): void {
  assert.ok(report.endedMs.max <= stageTimeoutMs + slackMs, `the last one was there for ${report.endedMs.max} ms`)
}

/** Fault A10, first stage. The real server waits without limit. */
test('5,000 peers that say nothing after the 101 are closed, and keep none that do from coming in', { skip: cannotRunPeers }, async (t) => {
  const { peers, watch, end } = await setScene(t, { limits, pingSeconds: 20, crowded: true })
  const dialled = peers.dial({ group: 'silent', count: silent, path, until: 'upgraded', pingFirst: false, atOnce: 500 })
  // Honest ones dial into the middle of it, one after the other, and again when all the places are taken.
  const honest = { path, first: everyEvent, pingFirst: true, count: 50, atOnce: 10, seconds: 60 } as const
  assert.deepEqual((await peers.dial({ ...honest, group: 'meanwhile' })).stages, { open: 50 })
  const report = await dialled
  assert.equal(report.upgradedMs.count, silent, 'each of them got its 101')
  // Nobody is closed in the first second, so for so long there may be more of them.
  const isBounded = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open', { state: 'auth' }) <= unauthenticatedConnections
  await eventually(isBounded, 'the oldest silent ones to make room', 3)
  assert.deepEqual((await peers.dial({ ...honest, group: 'afterwards' })).stages, { open: 50 })

  const ended = await allEnded(peers, 'silent', (authTimeoutMs + slackMs) / 1000)
  assertGoneInTime(ended, authTimeoutMs)
  const codes = closeCodes(ended)
  t.diagnostic(JSON.stringify({ codes, endedMs: ended.endedMs }))
  assert.equal((codes['1008'] ?? 0) + (codes['1013'] ?? 0), silent, JSON.stringify(ended.ends))
  assert.ok((await watch.gauges.scrape()).sum('spillway_limit_reached_total', { limit: 'unauthenticatedConnections' }) > 0)
  for (const group of ['meanwhile', 'afterwards']) {
    assert.deepEqual((await peers.report(group)).stages, { open: 50 }, 'who authenticated was not made room with')
    await peers.forget(group)
  }
  await end()
})

/** Fault A10, second stage. */
test('5,000 peers that authenticate and then say nothing cost at most 64 KiB each and are closed', { skip: cannotRunPeers }, async (t) => {
  const { peers, watch, end } = await setScene(t, { limits, pingSeconds: 20, crowded: true })
  const before = watch.gauges.residentBytes()
  const report = await peers.dial({ group: 'silent', count: silent, path, until: 'authenticated', atOnce: 500 })
  assert.equal(report.authenticatedMs.count, silent, JSON.stringify(report))
  const living = report.stages['authenticated'] ?? 0
  const each = (watch.gauges.residentBytes() - before) / living / 1024
  t.diagnostic(`${living} at once, ${each.toFixed(1)} KiB each`)
  assert.ok(living > silent / 2, 'most of them are there at the same time')
  assert.ok(each <= 64, `${each.toFixed(1)} KiB each`)
  const ended = await allEnded(peers, 'silent', (filterTimeoutMs + slackMs) / 1000)
  assertGoneInTime(ended, filterTimeoutMs)
  assert.deepEqual(closeCodes(ended), { 1008: silent })
  assert.equal((await watch.gauges.scrape()).sum('spillway_limit_reached_total', { limit: 'filterTimeoutMs' }), silent)
  await end()
})
