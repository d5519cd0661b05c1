import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { closeTimeoutMs, durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A06. The kernel of a suspended process acknowledges for ever, so TCP keep-alive never sees it. */
test('of 100 suspended subscribers the half that wakes in time misses nothing, and the other half is ended', { skip: cannotRunPeers }, async (t) => {
  const each = 50
  const pingSeconds = durations(3, 20)
  const pongSeconds = durations(6, 20)
  const server = await startFaultServer(t, { pingSeconds, pongSeconds })
  const [waking, sleeping] = await Promise.all([startPeers(t, server.url), startPeers(t, server.url)])
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  const open = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open')
  for (const peers of [waking, sleeping]) {
    const { stages } = await peers.dial({ group: 'suspended', count: each, path: '/api/events/out', first: everyEvent, record: true })
    assert.deepEqual(stages, { open: each })
    peers.suspend()
  }
  const suspendedMs = performance.now()
  // The time of the suspension is the fault itself, and nothing but its own clock ends it.
  const wake = delay(durations(3_000, 10_000)).then(() => waking.resume())
  await publisher.publish({ count: 50, bytes: 100_000, perSecond: durations(16, 4) })
  await wake
  await eventually(async () => (await open()) === healthy.count + each, 'those that sleep on to be ended', 2 * pingSeconds + pongSeconds + closeTimeoutMs / 1000 + 10)
  const endedAfterMs = Math.round(performance.now() - suspendedMs)
  await publisher.publish({ count: 50 })
  await healthy.assertGotAll(publisher)
  await waking.haveReceived('suspended', publisher.acknowledged.length)
  for (const { numbers, end } of await waking.histories('suspended')) {
    assert.deepEqual(numbers, publisher.acknowledged)
    assert.equal(end, null)
  }
  sleeping.resume()
  await eventually(async () => (await sleeping.report('suspended')).stages['open'] === undefined, 'the others to see their end', 20)
  const { closes } = await sleeping.report('suspended')
  assert.ok(!Object.keys(closes).some((close) => /^100[01]/.test(close)), JSON.stringify(closes))
  await waking.forget('suspended')
  await healthy.leave()
  t.diagnostic(JSON.stringify({ endedAfterMs, closes }))
  await watch.end()
})
