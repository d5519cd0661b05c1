import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { ask, endPart, nextMessage, startPart } from '../../bench/lib/process.ts'
import { median } from '../../bench/lib/samples.ts'
import { eventually } from '../faults/eventually.ts'
import type { BroadcastResult } from '../faults/parts/bare-broadcast.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers, type HostilePeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

const group = 'audience'
const audience = 5_000
/** 20 a second is more than bare `ws` does for so many on two cores that the audience needs as well. */
const broadcast = { count: durations(8, 60), bytes: 2_000, perSecond: 1.5 }

/** Two processes of half the audience each. */
async function seatAudience(t: TestContext, url: string): Promise<readonly HostilePeers[]> {
  const halves = await Promise.all([startPeers(t, url), startPeers(t, url)])
  const count = audience / halves.length
  const dials = await Promise.all(halves.map((peers) => peers.dial({ group, count, atOnce: 500, path: '/api/events/out', first: everyEvent })))
  for (const { stages } of dials) assert.deepEqual(stages, { open: count })
  return halves
}

/** From the sending of an event until the last of the audience had it: the median over all events, ms. */
async function lastArrivalMs(halves: readonly HostilePeers[], sentMs: readonly number[]): Promise<number> {
  const everybodyHas = async () => {
    const reports = await Promise.all(halves.map((peers) => peers.report(group)))
    return reports.every(({ leastReceived }) => leastReceived >= sentMs.length)
  }
  await eventually(everybodyHas, 'all events at all of the audience', 30)
  const lastMs: number[] = []
  for (const arrivals of await Promise.all(halves.map((peers) => peers.arrivals(group)))) {
    for (const [number, count, , last] of arrivals) {
      assert.equal(count, audience / halves.length)
      lastMs[number] = Math.max(lastMs[number] ?? 0, last)
    }
  }
  return median(sentMs.map((sent, number) => lastMs[number]! - sent))
}

/** Fault A25. */
test('a broadcast to 5,000 subscribers reaches the last about as soon as with bare ws, and holds nobody else up', { skip: cannotRunPeers }, async (t) => {
  const bareServer = startPart(new URL('../faults/parts/bare-broadcast.ts', import.meta.url))
  t.after(() => endPart(bareServer, 'SIGKILL'))
  const bareAudience = await seatAudience(t, `http://127.0.0.1:${await nextMessage<number>(bareServer)}`)
  const bare = await ask<BroadcastResult>(bareServer, broadcast)
  const bareLastMs = await lastArrivalMs(bareAudience, bare.sentMs)
  await Promise.all(bareAudience.map((peers) => peers.forget(group)))
  await endPart(bareServer)

  const server = await startFaultServer(t, { pingSeconds: 20, pongSeconds: 20 })
  const halves = await seatAudience(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  await publisher.publish({ ...broadcast, batch: 1 })
  const loopDelayMs = (await watch.gauges.scrape()).sum('spillway_event_loop_delay_p99_seconds') * 1000
  const lastMs = await lastArrivalMs(halves, publisher.sentMs)
  console.log(JSON.stringify({ bareLastMs, lastMs, bareLoopDelayMs: bare.loopDelayMs, loopDelayMs }))
  for (const peers of halves) assert.equal((await peers.report(group)).backwards, 0)
  await Promise.all(halves.map((peers) => peers.forget(group)))
  assert.ok(lastMs <= Math.max(500, 3 * bareLastMs), `the last has an event after ${lastMs} ms, with bare ws after ${bareLastMs} ms`)
  // Bare ws writes to all of them in one turn of its loop; here no turn may be as long.
  assert.ok(loopDelayMs < bare.loopDelayMs * 0.75, `the loop is ${loopDelayMs} ms late, that of bare ws ${bare.loopDelayMs} ms`)
  console.log(JSON.stringify(await watch.end(20)))
})
