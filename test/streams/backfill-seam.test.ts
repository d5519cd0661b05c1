import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A22. */
test('200 subscribers that come while 200 events a second go in see each event once, from the first to the last', { skip: cannotRunPeers }, async (t) => {
  const count = 200
  const server = await startFaultServer(t)
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  let coming = true
  const published = publisher.publish({ going: () => coming, perSecond: 200 })
  await eventually(() => publisher.acknowledged.length > 200, 'a past to fill in')
  const path = '/api/events/out'
  const first = { ...everyEvent, backfill: true }
  // Few at a time, so that the seams lie all over the time of the publishing.
  const { stages } = await peers.dial({ group: 'seam', count, atOnce: durations(3, 1), path, first, record: true })
  assert.deepEqual(stages, { open: count })
  coming = false
  await published
  await publisher.publish({ count: 20, batch: 1 })
  await eventually(async () => (await peers.report('seam')).leastReceived >= publisher.acknowledged.length, 'the last event at all of them', 30)
  for (const { numbers } of await peers.histories('seam')) assert.deepEqual(numbers, publisher.acknowledged)
  await peers.forget('seam')
  console.log(JSON.stringify({ events: publisher.acknowledged.length, ...(await watch.end()) }))
})
