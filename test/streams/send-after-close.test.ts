import assert from 'node:assert/strict'
import test from 'node:test'
import { chooseSeed } from '../faults/seeded-random.ts'
import { closeTimeoutMs, durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A01. */
test('1,000 subscribers that close in the middle of a flow of events raise no error, and nobody else notices', { skip: cannotRunPeers }, async (t) => {
  const server = await startFaultServer(t, { crowded: true })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  const seed = chooseSeed()
  t.diagnostic(`SPILLWAY_SEED=${seed}`)
  let churning = true
  const churned = peers
    .churn({
      group: 'closing', count: 200, atOnce: 200, total: 1_000, seed, path: '/api/events/out', first: everyEvent, receiveBuffer: 4096,
      holdMs: durations(2_000, 20_000), endings: ['closeFrame', 'reset'], lookMs: closeTimeoutMs,
    })
    .finally(() => (churning = false))
  // 500 a second to 200 subscribers is more than a client in Python reads; each frame is one chance to send after the close.
  await publisher.publish({ going: () => churning, perSecond: 50, bytes: 1_000 })
  const { gone, living, failed, endedMs, endings, received } = await churned
  assert.deepEqual({ gone, living, failed }, { gone: 1_000, living: {}, failed: {} })
  assert.ok((endings['closeFrame'] ?? 0) > 300 && (endings['reset'] ?? 0) > 300, JSON.stringify(endings))
  assert.ok(endedMs['closeFrame']!.max < closeTimeoutMs + 5_000, `a close frame was answered after ${endedMs['closeFrame']!.max} ms`)
  await healthy.assertGotAll(publisher)
  await healthy.leave()
  t.diagnostic(JSON.stringify({ received, endedMs }))
  await watch.end()
})
