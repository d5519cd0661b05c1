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
  const rounds = 40
  const past = 200
  const betweenRounds = durations(20, 100)
  const server = await startFaultServer(t)
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const published = publisher.publish({ count: past + rounds * betweenRounds, perSecond: 200 })
  const first = { ...everyEvent, backfill: true }
  // The seams lie all over the time of the publishing.
  for (let round = 0; round < rounds; round++) {
    await eventually(() => publisher.acknowledged.length >= past + round * betweenRounds, 'the moment of the next to come', 30)
    const { stages } = await peers.dial({ group: 'seam', count: count / rounds, path: '/api/events/out', first, record: true })
    assert.deepEqual(stages, { open: count / rounds })
  }
  await published
  await publisher.publish({ count: 20, batch: 1 })
  await peers.haveReceived('seam', publisher.acknowledged.length)
  for (const { numbers } of await peers.histories('seam')) assert.deepEqual(numbers, publisher.acknowledged)
  await peers.forget('seam')
  t.diagnostic(JSON.stringify({ events: publisher.acknowledged.length }))
  await watch.end()
})
