import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { closeTimeoutMs, startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A03. Without a timer of the server's own, a websocket stays in CLOSING for ever when a FIN comes behind a full window. */
test('500 peers that half-close behind a full window are all gone within the closing time', { skip: cannotRunPeers }, async (t) => {
  const peersCount = 500
  // No ping may end them: it is the FIN that has to.
  const server = await startFaultServer(t, { pingSeconds: 60, pongSeconds: 60 })
  const [peers, healthy] = await Promise.all([startPeers(t, server.url), startPeers(t, server.url)])
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  await healthy.dial({ group: 'healthy', count: 5, path: '/api/events/out', first: everyEvent, record: true })
  const stalled = { group: 'stalled', count: peersCount, path: '/api/events/out', first: everyEvent, receiveBuffer: 4096, then: { act: 'stall' } } as const
  assert.deepEqual((await peers.dial(stalled)).stages, { open: peersCount })
  // More than the kernel takes for a peer that does not read (4 MiB), or nothing would be queued in the server.
  await publisher.publish({ count: 50, bytes: 100_000, perSecond: 25 })
  await peers.behave('stalled', { act: 'halfClose' })
  const halfClosedMs = performance.now()
  const open = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open')
  await eventually(async () => (await open()) === 5, 'the half-closed peers to be gone', closeTimeoutMs / 1000 + 5)
  console.log(JSON.stringify({ goneAfterMs: Math.round(performance.now() - halfClosedMs) }))
  await publisher.publish({ count: 20 })
  await eventually(async () => (await healthy.report('healthy')).leastReceived === 70, 'all events at the healthy ones')
  for (const { numbers } of await healthy.histories('healthy')) assert.deepEqual(numbers, publisher.acknowledged)
  await healthy.forget('healthy')
  console.log(JSON.stringify(await watch.end()))
})
