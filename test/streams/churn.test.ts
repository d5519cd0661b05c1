import assert from 'node:assert/strict'
import test from 'node:test'
import { chooseSeed } from '../faults/seeded-random.ts'
import { closeTimeoutMs, durations, startFaultServer } from './lib/fault-server.ts'
import { heapAfterCollection, withInspector } from './lib/heap.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

const endings = ['stall', 'reset', 'halfClose', 'closeFrame', 'fin', 'goodbye'] as const

/** Fault A24. A suspended process (P2) cannot be one of thousands; suspended-peers.test.ts has those. */
test('thousands of subscribers that come and leave in every way leave nothing in the server', { skip: cannotRunPeers }, async (t) => {
  const total = durations(2_000, 100_000)
  const pingSeconds = durations(1, 5)
  const pongSeconds = durations(2, 5)
  const server = await startFaultServer(t, { pingSeconds, pongSeconds, nodeOptions: withInspector, crowded: true })
  const peers = await startPeers(t, server.url)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  const seed = chooseSeed()
  t.diagnostic(`SPILLWAY_SEED=${seed}`)
  const churn = async (of: number) => {
    let churning = true
    const lookMs = (2 * pingSeconds + pongSeconds) * 1_000 + closeTimeoutMs
    const churned = peers
      .churn({ group: 'churn', count: 0, atOnce: 500, total: of, seed, path: '/api/events/out', first: everyEvent, receiveBuffer: 4096, holdMs: 500, endings, lookMs })
      .finally(() => (churning = false))
    await publisher.publish({ going: () => churning, perSecond: 20, bytes: 4_000 })
    return churned
  }
  // Once before anything is measured: caches fill, code is compiled.
  await churn(500)
  await healthy.assertGotAll(publisher)
  const watch = await watchServer(t, server)
  const heapBefore = await heapAfterCollection(server)
  const { gone, living, failed, endings: left, received } = await churn(total)
  assert.deepEqual({ gone, living, failed }, { gone: total, living: {}, failed: {} })
  for (const ending of endings) assert.ok((left[ending] ?? 0) > total / endings.length / 2, JSON.stringify(left))
  assert.ok(received > 0, 'events reached them')
  await healthy.assertGotAll(publisher)
  const report = await watch.end((2 * pingSeconds + pongSeconds) + closeTimeoutMs / 1000 + 10)
  const heapAfter = await heapAfterCollection(server)
  t.diagnostic(JSON.stringify({ left, received, heapBefore, heapAfter, ...report }))
  assert.ok(heapAfter - heapBefore <= 10 * 1024 * 1024, `the heap grew from ${heapBefore} to ${heapAfter} B`)
})
