import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { closeTimeoutMs, durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

const mebibyte = 1024 * 1024

/** Fault A04. `ws.bufferedAmount` sees nothing of what the kernel has taken for a peer, up to 4 MiB each. */
test('1,000 subscribers that stop reading cost a bounded part of memory each, are ended in time, and nobody else notices', { skip: cannotRunPeers }, async (t) => {
  const stalledCount = 1_000
  const pingSeconds = durations(4, 20)
  const pongSeconds = durations(6, 20)
  const server = await startFaultServer(t, { pingSeconds, pongSeconds, crowded: true })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  const residentBefore = watch.gauges.residentBytes()
  const stalled = await peers.dial({ group: 'stalled', count: stalledCount, atOnce: 100, path: '/api/events/out', first: everyEvent, receiveBuffer: 4096 })
  assert.deepEqual(stalled.stages, { open: stalledCount })
  await peers.behave('stalled', { act: 'stall' })
  const stalledAtMs = performance.now()
  let publishing = true
  let goneAfterMs: number | undefined
  let most = { queued: 0, resident: 0, kernel: 0, kernelOne: 0 }
  const published = publisher.publish(durations({ count: 50, bytes: 100_000, perSecond: 10 }, { count: 12_000, bytes: 4_096, perSecond: 100 })).finally(() => (publishing = false))
  await eventually(
    async () => {
      const scrape = await watch.gauges.scrape()
      const kernel = watch.gauges.kernelSendQueues()
      most = {
        queued: Math.max(most.queued, scrape.sum('spillway_stream_queue_bytes')),
        resident: Math.max(most.resident, watch.gauges.residentBytes()),
        kernel: Math.max(most.kernel, kernel.bytes),
        kernelOne: Math.max(most.kernelOne, kernel.most),
      }
      if (scrape.sum('spillway_websockets_open') === healthy.count) goneAfterMs ??= performance.now() - stalledAtMs
      return goneAfterMs !== undefined && !publishing
    },
    'the stalled ones to be gone',
    durations(40, 200),
  )
  await published
  t.diagnostic(JSON.stringify({ goneAfterMs, ...most, grownBytes: most.resident - residentBefore }))
  assert.ok(publisher.acknowledged.length * durations(100_000, 4_096) > 4 * mebibyte, 'more than the kernel takes was published to each')
  // Two pings: the first may have been answered just before. Ten seconds are the test's own, on a machine that has much to do.
  assert.ok(goneAfterMs! < (2 * pingSeconds + pongSeconds) * 1_000 + closeTimeoutMs + 10_000, `the last of them was gone after ${goneAfterMs} ms`)
  assert.ok(most.kernelOne <= 1.05 * mebibyte, `the kernel held ${most.kernelOne} B for one peer`)
  assert.ok(most.queued <= stalledCount * mebibyte, `${most.queued} B waited in the server`)
  assert.ok(most.resident - residentBefore <= stalledCount * mebibyte, `the server grew by ${most.resident - residentBefore} B`)
  await healthy.assertGotAll(publisher)
  // What they see when they look again: that they were ended, and by a code that brings stock clients back.
  await peers.behave('stalled', { act: 'read' })
  await eventually(async () => (await peers.report('stalled')).stages['open'] === undefined, 'all stalled peers to see their end', 30)
  const { closes, ends } = await peers.report('stalled')
  assert.ok(!Object.keys(closes).some((close) => /^100[01]/.test(close)), JSON.stringify(closes))
  await healthy.leave()
  const reasons = (await watch.gauges.scrape()).by('spillway_websocket_closes_total', 'reason')
  t.diagnostic(JSON.stringify({ ends, reasons }))
  await watch.end()
})
