import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { ServerGauges } from './lib/server-gauges.ts'

/**
 * Fault H09: the process itself stands still, as in a long collection of garbage. When it goes on every timer is due at once, while
 * the answers of its peers lie unread in its sockets.
 */
test('a server that stood still for longer than a ping may take ends none of its subscribers', { skip: cannotRunPeers }, async (t) => {
  const pingSeconds = 0.5
  const server = await startFaultServer(t, { pingSeconds, pongSeconds: 4 })
  const peers = await startPeers(t, server.url)
  const gauges = new ServerGauges(t, server.child.pid!, server.url)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  const crowd = await peers.dial({ group: 'crowd', count: 500, atOnce: 100, path: '/api/events/out', first: everyEvent })
  assert.deepEqual(crowd.stages, { open: 500 })
  for (let pause = 0; pause < 2; pause++) {
    const published = publisher.publish({ count: 100, perSecond: 50 })
    await eventually(() => publisher.acknowledged.length % 100 > 10, 'events to flow')
    server.child.kill('SIGSTOP')
    // The fault itself: longer than the time of an answer.
    await delay(5_000)
    const pingsBefore = (await peers.report('crowd')).serverPings
    const wokenMs = performance.now()
    server.child.kill('SIGCONT')
    await published
    await eventually(async () => (await peers.report('crowd')).serverPings >= pingsBefore + 2 * 500, 'two rounds of pings after the pause')
    const { stages, serverPings } = await peers.report('crowd')
    assert.deepEqual(stages, { open: 500 }, JSON.stringify((await gauges.scrape()).by('spillway_websocket_closes_total', 'reason')))
    // What was due in the pause is not made up for: that would be ten rounds more.
    const rounds = (serverPings - pingsBefore) / 500
    const seconds = (performance.now() - wokenMs) / 1000
    assert.ok(rounds < seconds / pingSeconds + 4, `${rounds} rounds of pings came in ${seconds} s`)
  }
  await healthy.assertGotAll(publisher)
  assert.deepEqual((await gauges.scrape()).by('spillway_websocket_closes_total', 'reason'), {})
})
