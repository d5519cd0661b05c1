import assert from 'node:assert/strict'
import test from 'node:test'
import { Samples } from '../../bench/lib/samples.ts'
import { HttpConnection } from '../../bench/lib/http-connection.ts'
import { crowding } from '../faults/crowding.ts'
import { eventually } from '../faults/eventually.ts'
import { startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

/** Fault A21. The store has a few readers: if each stalled subscriber held one while it is written to, none were left for the API. */
test('50 stalled subscribers in the middle of their backfill hold nothing of the store', { skip: cannotRunPeers }, async (t) => {
  const count = 50
  const stored = 20_000
  const server = await startFaultServer(t, { pingSeconds: 60, pongSeconds: 60 })
  const peers = await startPeers(t, server.url)
  const publisher = new Publisher(t, server.url)
  await publisher.publish({ count: stored, bytes: 500, batch: 500 })
  const watch = await watchServer(t, server)
  const api = new HttpConnection('127.0.0.1', Number(new URL(server.url).port))
  t.after(() => api.close())
  const questionTimes = async () => {
    const samples = new Samples()
    for (let n = 0; n < 200; n++) {
      const askedMs = performance.now()
      assert.equal((await api.request('POST', '/api/flow_runs/filter', '{}')).status, 200)
      samples.add(performance.now() - askedMs)
    }
    return samples.summary()
  }
  const before = await questionTimes()
  const backfill = { ...everyEvent, backfill: true }
  const { stages } = await peers.dial({ group: 'stalled', count, path: '/api/events/out', first: backfill, receiveBuffer: 4096, then: { act: 'stall' } })
  assert.deepEqual(stages, { open: count })
  // Each has been given what may be under way to it, and waits for its peer in the middle of its 20,000 events.
  let delivered = -1
  const storeIsIdle = async (): Promise<boolean> => (await watch.gauges.scrape()).sum('spillway_store_operations_under_way') === 0
  await eventually(async () => {
    const deliveredBefore = delivered
    delivered = (await watch.gauges.scrape()).sum('spillway_events_delivered_total', { endpoint: 'events-out' })
    return delivered > 0 && delivered === deliveredBefore && (await storeIsIdle())
  }, 'the backfills to stand still')
  assert.ok(delivered < (count * stored) / 2, `${delivered} frames went out`)
  const processorBefore = watch.gauges.processorTime()
  const meanwhile = await questionTimes()
  // A service of the server may have one just then; one for a stalled peer would stay.
  await eventually(storeIsIdle, 'no operation of the store to be under way for them')
  const allowedMs = crowding(processorBefore, watch.gauges.processorTime()) * Math.max(100, 5 * before.p99)
  assert.ok(meanwhile.p99 <= allowedMs, `a question to the API takes ${meanwhile.p99} ms, before ${before.p99} ms`)
  // One that reads on gets the rest: in order, and once.
  await peers.behave('stalled', { act: 'read' }, { to: 5 })
  await peers.haveReceived('stalled', stored, { to: 5 })
  assert.equal((await peers.report('stalled', { to: 5 })).backwards, 0)
  await peers.forget('stalled')
  t.diagnostic(JSON.stringify({ delivered, before, meanwhile }))
  await watch.end()
})
