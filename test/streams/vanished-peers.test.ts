import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { openBlackHole } from './lib/black-hole.ts'
import { closeTimeoutMs, durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A07. What the server sends is taken, by whatever stands where the peers were; nothing ever comes back. */
for (const [load, perSecond] of [['while idle', 0], ['under load', 10]] as const) {
  test(`50 subscribers that vanish without a FIN ${load} are ended in time`, { skip: cannotRunPeers }, async (t) => {
    const count = 50
    const pingSeconds = durations(1, 20)
    const pongSeconds = durations(2, 20)
    const server = await startFaultServer(t, { pingSeconds, pongSeconds })
    const hole = await openBlackHole(t, server.url)
    const peers = await startPeers(t, hole.url)
    const watch = await watchServer(t, server)
    const publisher = new Publisher(t, server.url)
    const healthy = await startHealthySubscribers(t, server)
    const { stages } = await peers.dial({ group: 'vanishing', count, path: '/api/events/out', first: everyEvent })
    assert.deepEqual(stages, { open: count })
    let watching = true
    const published = perSecond === 0 ? undefined : publisher.publish({ going: () => watching, perSecond, bytes: 100_000 })
    await eventually(async () => (await watch.gauges.scrape()).sum('spillway_websocket_closes_total') === 0, 'nobody to be ended while pings are answered')
    hole.swallow()
    const vanishedMs = performance.now()
    const open = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open')
    await eventually(async () => (await open()) === healthy.count, 'the vanished ones to be ended', 2 * pingSeconds + pongSeconds + closeTimeoutMs / 1000 + 5)
    const endedAfterMs = Math.round(performance.now() - vanishedMs)
    await eventually(() => hole.open === 0, 'their sockets to be destroyed')
    watching = false
    await published
    await healthy.assertGotAll(publisher)
    await healthy.leave()
    const reasons = (await watch.gauges.scrape()).by('spillway_websocket_closes_total', 'reason')
    assert.equal(reasons['ping-timeout'], count)
    t.diagnostic(JSON.stringify({ endedAfterMs }))
    await watch.end()
  })
}
