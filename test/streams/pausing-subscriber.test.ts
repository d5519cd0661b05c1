import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { closeTimeoutMs, durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

const path = '/api/events/out'

/** Fault B06, the server's side: a client that does not read while its user's callback runs. */
test('a subscriber that stops reading for less than a ping may take, again and again, stays and misses nothing', { skip: cannotRunPeers }, async (t) => {
  const server = await startFaultServer(t, { pingSeconds: durations(1, 20), pongSeconds: durations(5, 20) })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  await peers.dial({ group: 'pausing', count: 5, path, first: everyEvent, receiveBuffer: 4096, record: true })
  let publishing = true
  const seconds = durations(6, 120)
  const published = publisher.publish({ perSecond: 10, count: 10 * seconds, bytes: 100_000 }).finally(() => (publishing = false))
  while (publishing) {
    // The time in which nothing is read is the fault itself; it is some of what a ping may take.
    await peers.behave('pausing', { act: 'stall' })
    await delay(durations(1_500, 10_000))
    const { received } = await peers.report('pausing')
    await peers.behave('pausing', { act: 'read' })
    await eventually(async () => !publishing || (await peers.report('pausing')).received > received, 'more to be read')
  }
  await published
  await peers.haveReceived('pausing', publisher.acknowledged.length)
  for (const { numbers, end, dropped } of await peers.histories('pausing')) {
    assert.deepEqual(numbers, publisher.acknowledged)
    assert.deepEqual({ end, dropped }, { end: null, dropped: 0 })
  }
  await healthy.assertGotAll(publisher)
  await peers.forget('pausing')
  await healthy.leave()
  await watch.end()
})

test('a subscriber that stopped reading for too long is ended, and goes on from its cursor with each event once', { skip: cannotRunPeers }, async (t) => {
  const pingSeconds = durations(1, 20)
  const pongSeconds = durations(2, 20)
  const server = await startFaultServer(t, { pingSeconds, pongSeconds })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  await peers.dial({ group: 'before', count: 1, path, first: everyEvent, receiveBuffer: 4096, record: true })
  await publisher.publish({ count: 100 })
  await eventually(async () => (await peers.report('before')).received === 100, 'the first events')
  await peers.behave('before', { act: 'stall' })
  await publisher.publish({ count: 50, bytes: 100_000 })
  const open = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open')
  await eventually(async () => (await open()) === 0, 'it to be ended', 2 * pingSeconds + pongSeconds + closeTimeoutMs / 1000 + 5)
  await peers.behave('before', { act: 'read' })
  await eventually(async () => (await peers.report('before')).stages['open'] === undefined, 'it to see its end')
  const [before] = await peers.histories('before')
  const seen = before!.numbers!
  assert.ok(seen.length >= 100 && seen.length < 150, `it got ${seen.length} events before its end`)
  assert.notEqual(before!.cursor, null)
  const first = { ...everyEvent, cursor: before!.cursor }
  assert.deepEqual((await peers.dial({ group: 'after', count: 1, path, first, record: true })).stages, { open: 1 })
  await publisher.publish({ count: 20 })
  await eventually(async () => (await peers.report('after')).received + seen.length >= publisher.acknowledged.length, 'the rest')
  const [after] = await peers.histories('after')
  assert.deepEqual([...seen, ...after!.numbers!], publisher.acknowledged)
  assert.deepEqual(after!.notes.map((note) => JSON.parse(note) as unknown), [{ type: 'resume', status: 'resumed' }])
  await peers.forget('after')
  t.diagnostic(JSON.stringify({ beforeItsEnd: seen.length }))
  await watch.end()
})
