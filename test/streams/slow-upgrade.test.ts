import assert from 'node:assert/strict'
import test from 'node:test'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A09. The time-outs of an HTTP server end with the upgrade; until then they must hold for one as well. */
test('2,000 upgrade requests of which a byte comes now and then are each answered 408 in time, and honest dials go on', { skip: cannotRunPeers }, async (t) => {
  const count = 2_000
  const headersTimeoutMs = durations(4_000, 10_000)
  const server = await startFaultServer(t, { limits: { headersTimeoutMs }, crowded: true })
  const [slow, honest] = await Promise.all([startPeers(t, server.url), startPeers(t, server.url)])
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  let dripping = true
  const dripped = slow
    .dial({ group: 'slow', count, path: '/api/events/out', drip: { bytes: 1, everyMs: 500 } })
    .finally(() => (dripping = false))
  let dials = 0
  for (; dripping; dials++) {
    const { stages } = await honest.dial({ group: `honest ${dials}`, count: 10, path: '/api/events/out', first: everyEvent })
    assert.deepEqual(stages, { open: 10 })
    await honest.forget(`honest ${dials}`)
    await publisher.publish({ count: 5, perSecond: 50 })
  }
  const { ends, endedMs } = await dripped
  assert.deepEqual(ends, { 'status 408': count })
  // Late ones are looked for each second; ten are the peers' own, on a machine that has much to do.
  assert.ok(endedMs.p50 > headersTimeoutMs * 0.9 && endedMs.max < headersTimeoutMs + 1_000 + 10_000, JSON.stringify(endedMs))
  await healthy.assertGotAll(publisher)
  await healthy.leave()
  t.diagnostic(JSON.stringify({ dials, endedMs }))
  await watch.end()
})
