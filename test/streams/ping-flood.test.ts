import assert from 'node:assert/strict'
import test from 'node:test'
import { cannotRunPeers } from './lib/peers.ts'
import { everyEvent } from './lib/publisher.ts'
import { allEnded, closeCodes, setScene } from './lib/scene.ts'

const mebibyte = 1024 * 1024

/** Fault A17: pongs pile up for a peer that does not read them. */
test('peers that send 10,000 pings a second are ended, reading or not, and those that send fifty are not', { skip: cannotRunPeers }, async (t) => {
  const { peers, watch, end } = await setScene(t)
  const before = watch.gauges.residentBytes()
  const subscriber = { count: 5, path: '/api/events/out', first: everyEvent } as const
  await peers.dial({ ...subscriber, group: 'moderate', then: { act: 'pings', perSecond: 50 } })
  await peers.dial({ ...subscriber, group: 'stalled', receiveBuffer: 4096, then: { act: 'stall' } })
  await peers.dial({ ...subscriber, group: 'reading' })
  await peers.behave('stalled', { act: 'pings', perSecond: 10_000 })
  await peers.behave('reading', { act: 'pings', perSecond: 10_000 })
  await allEnded(peers, 'stalled', 15)
  assert.deepEqual(closeCodes(await allEnded(peers, 'reading', 15)), { 1008: 5 })
  const grown = (watch.gauges.residentBytes() - before) / 10 / mebibyte
  assert.ok(grown < 4, `each offender cost ${grown.toFixed(1)} MiB`)
  assert.equal((await watch.gauges.scrape()).sum('spillway_limit_reached_total', { limit: 'controlFramesPerSecond' }), 10)
  assert.deepEqual((await peers.report('moderate')).stages, { open: 5 })
  await peers.forget('moderate')
  await end()
})
