import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A08. */
test('2,000 subscribers that all reset in the middle of a broadcast leave nothing behind, again and again', { skip: cannotRunPeers }, async (t) => {
  const count = 2_000
  const rounds = durations(3, 20)
  // Pings in the seconds of this test would only add to the load of the dials.
  const server = await startFaultServer(t, { pingSeconds: 20, pongSeconds: 20 })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  await publisher.publish({ count: 1 })
  let received = 0
  for (let round = 0; round < rounds; round++) {
    const { stages } = await peers.dial({ group: 'storm', count, atOnce: 100, path: '/api/events/out', first: everyEvent })
    assert.deepEqual(stages, { open: count })
    let broadcasting = true
    const published = publisher.publish({ going: () => broadcasting, bytes: 10_000, perSecond: 20, batch: 1 })
    await eventually(async () => (await peers.report('storm')).received > 0, 'the broadcast to have begun')
    received += (await peers.report('storm')).received
    await peers.forget('storm')
    const open = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open')
    await eventually(async () => (await open()) === healthy.count, `all to be gone after round ${round + 1}`)
    broadcasting = false
    await published
  }
  await healthy.assertGotAll(publisher)
  await healthy.leave()
  t.diagnostic(JSON.stringify({ rounds, received }))
  await watch.end()
})
