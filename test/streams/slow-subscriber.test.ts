import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

const mebibyte = 1024 * 1024

/** Fault A05. What one peer may have under way (1 MiB) takes it seconds, so its pongs are late; they come within their time. */
test('a subscriber that reads eight times slower than events come is fed from the store, and misses nothing', { skip: cannotRunPeers }, async (t) => {
  const slowCount = 3
  const server = await startFaultServer(t, { pongSeconds: durations(8, 30) })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  const bytesPerSecond = durations(400_000, 50_000)
  await peers.dial({
    group: 'slow', count: slowCount, path: '/api/events/out', first: everyEvent, receiveBuffer: 65_536, record: true, then: { act: 'slow', bytesPerSecond },
  })
  let publishing = true
  const bytes = durations(64_000, 4_000)
  const seconds = durations(6, 300)
  const published = publisher.publish({ perSecond: (8 * bytesPerSecond) / bytes, count: (8 * bytesPerSecond * seconds) / bytes, bytes }).finally(() => (publishing = false))
  let replaying = 0
  let queuedMost = 0
  await eventually(
    async () => {
      const scrape = await watch.gauges.scrape()
      replaying = Math.max(replaying, scrape.sum('spillway_stream_subscriptions', { mode: 'replay' }))
      queuedMost = Math.max(queuedMost, scrape.sum('spillway_stream_queue_bytes'))
      return !publishing
    },
    'everything to be published',
    seconds * 3,
  )
  await published
  const behind = await peers.report('slow')
  assert.ok(behind.leastReceived < publisher.acknowledged.length / 2, `the slow ones are far behind: ${JSON.stringify(behind)}`)
  assert.deepEqual(behind.stages, { open: slowCount }, 'and nobody ended them')
  assert.equal(replaying, slowCount, 'they are fed from the store')
  assert.ok(queuedMost <= slowCount * mebibyte, `${queuedMost} B waited in the server`)
  await peers.behave('slow', { act: 'read' })
  await peers.haveReceived('slow', publisher.acknowledged.length)
  // The change from the store to what comes live must show nothing either.
  await publisher.publish({ count: 200, batch: 1 })
  await healthy.assertGotAll(publisher)
  await peers.haveReceived('slow', publisher.acknowledged.length)
  for (const { numbers, end, dropped } of await peers.histories('slow')) {
    assert.deepEqual(numbers, publisher.acknowledged)
    assert.deepEqual({ end, dropped }, { end: null, dropped: 0 })
  }
  await eventually(async () => (await watch.gauges.scrape()).sum('spillway_stream_subscriptions', { mode: 'replay' }) === 0, 'all to be live again')
  await peers.forget('slow')
  await healthy.leave()
  t.diagnostic(JSON.stringify({ queuedMost }))
  await watch.end()
})
