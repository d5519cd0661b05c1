import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { closeTimeoutMs, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers, type Behaviour } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/**
 * Faults A02 and A03. Behind a full window neither a close frame of the server nor a FIN ever leaves, so nothing but a timer of the
 * server's own ends such a connection. No ping may do it here: the pings are minutes apart.
 */
const faults: readonly { count: number; act: Behaviour['act'] & ('closeFrame' | 'halfClose'); what: string }[] = [
  { count: 1, act: 'closeFrame', what: 'a peer that sends a close frame behind a full window is gone within the closing time' },
  { count: 700, act: 'closeFrame', what: '700 peers that send a close frame behind a full window are gone within the closing time' },
  { count: 500, act: 'halfClose', what: '500 peers that half-close behind a full window are gone within the closing time' },
]

for (const { count, act, what } of faults) {
  test(what, { skip: cannotRunPeers }, async (t) => {
    const server = await startFaultServer(t, { pingSeconds: 120, pongSeconds: 120, crowded: true })
    const peers = await startPeers(t, server.url)
    const watch = await watchServer(t, server)
    const publisher = new Publisher(t, server.url)
    const healthy = await startHealthySubscribers(t, server)
    const stalled = await peers.dial({ group: 'stalled', count, atOnce: 100, path: '/api/events/out', first: everyEvent, receiveBuffer: 4096, then: { act: 'stall' } })
    assert.deepEqual(stalled.stages, { open: count })
    // More than the kernel takes for a peer that does not read (4 MiB), or nothing would wait in the server.
    await publisher.publish({ count: 50, bytes: 100_000, perSecond: 25 })
    const open = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open')
    assert.equal(await open(), count + healthy.count, 'a peer that reads nothing is no reason to end it before its ping is due')
    const { most } = watch.gauges.kernelSendQueues()
    assert.ok(most <= 1.05 * 1024 * 1024, `the kernel was given ${most} B for one peer; it would take 2.8 MB and more`)
    await peers.behave('stalled', { act })
    const startedMs = performance.now()
    await eventually(async () => (await open()) === healthy.count, 'those that close to be gone', closeTimeoutMs / 1000 + 5)
    const goneAfterMs = Math.round(performance.now() - startedMs)
    await eventually(async () => watch.gauges.kernelSendQueues().bytes < 64 * 1024, 'the kernel to keep nothing for those that are gone', 5)
    await publisher.publish({ count: 20 })
    await healthy.assertGotAll(publisher)
    await healthy.leave()
    t.diagnostic(JSON.stringify({ count, act, goneAfterMs }))
    await watch.end()
  })
}
