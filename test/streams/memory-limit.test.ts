import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { BodyFlood } from './lib/body-flood.ts'
import { watchServer } from './lib/watch.ts'

/** Fault H08: faults A04 and C04 together, on a heap that holds neither. */
test('a server with a heap of 256 MiB lives through 1,000 stalled subscribers and a flood of oversized bodies', { skip: cannotRunPeers }, async (t) => {
  const stalledCount = 1_000
  // The pings are far apart: nothing relieves the server of the stalled ones while it is under the flood.
  // And what is published is not to be shed for its age, which is another fault.
  const server = await startFaultServer(t, { limits: { queueAgeMs: 600_000 }, pingSeconds: 60, pongSeconds: 60, nodeOptions: '--max-old-space-size=256', crowded: true })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  const { stages } = await peers.dial({ group: 'stalled', count: stalledCount, atOnce: 100, path: '/api/events/out', first: everyEvent, receiveBuffer: 4096, then: { act: 'stall' } })
  assert.deepEqual(stages, { open: stalledCount })
  const flood = new BodyFlood(t, server.url, 20)
  let heapMost = 0
  let publishing = true
  // Numbers that no two requests share, so that nothing of them can be kept but once.
  const published = publisher.publish({ count: 60, bytes: 100_000, perSecond: 6 }).finally(() => (publishing = false))
  await eventually(
    async () => {
      heapMost = Math.max(heapMost, (await watch.gauges.scrape()).sum('nodejs_heap_size_used_bytes'))
      return !publishing
    },
    'everything to be published',
    60,
  )
  await published
  const answers = await flood.stop()
  assert.ok((answers['413'] ?? 0) > 20, `oversized bodies are refused: ${JSON.stringify(answers)}`)
  assert.equal(answers['500'], undefined, JSON.stringify(answers))
  assert.ok(heapMost < 0.85 * 256 * 1024 * 1024, `${heapMost} B of the heap were in use`)
  await healthy.assertGotAll(publisher)
  await peers.forget('stalled')
  await healthy.leave()
  t.diagnostic(JSON.stringify({ heapMost, answers }))
  await watch.end(20)
})
