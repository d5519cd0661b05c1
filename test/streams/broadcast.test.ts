import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { ask, endPart, nextMessage, startPart } from '../../bench/lib/process.ts'
import { median } from '../../bench/lib/samples.ts'
import { eventually } from '../faults/eventually.ts'
import type { BareBroadcast } from '../faults/parts/bare-broadcast.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { cannotRunPeers, startPeers, type HostilePeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { watchServer } from './lib/watch.ts'

const group = 'audience'
const audience = 5_000
const bytes = 2_000
/** 20 a second is more than bare `ws` does for so many on two cores that the audience needs as well: one after the other, then. */
const broadcasts = durations(10, 200)

/** Two processes of half the audience each. */
async function seatAudience(t: TestContext, url: string): Promise<readonly HostilePeers[]> {
  const halves = await Promise.all([startPeers(t, url), startPeers(t, url)])
  const count = audience / halves.length
  const dials = await Promise.all(halves.map((peers) => peers.dial({ group, count, atOnce: 250, path: '/api/events/out', first: everyEvent })))
  for (const dialled of dials) assert.deepEqual(dialled.stages, { open: count }, JSON.stringify(dialled))
  return halves
}

/** Waits until the whole audience has an event, and gives when the last had it (unix ms). */
async function lastArrival(halves: readonly HostilePeers[], number: number): Promise<number> {
  await Promise.all(halves.map((peers) => peers.haveReceived(group, number + 1)))
  const arrivals = await Promise.all(halves.map((peers) => peers.arrivals(group)))
  return Math.max(...arrivals.map((half) => {
    const [, count, , lastMs] = half.find(([arrived]) => arrived === number)!
    assert.equal(count, audience / halves.length, 'each has it once')
    return lastMs
  }))
}

/** Fault A25. */
test('a broadcast to 5,000 subscribers reaches the last about as soon as with bare ws, and takes no long turn of the loop', { skip: cannotRunPeers }, async (t) => {
  const bareServer = startPart(new URL('../faults/parts/bare-broadcast.ts', import.meta.url))
  t.after(() => endPart(bareServer, 'SIGKILL'))
  const bareAudience = await seatAudience(t, `http://127.0.0.1:${await nextMessage<number>(bareServer)}`)
  const server = await startFaultServer(t, { pingSeconds: 20, pongSeconds: 20, crowded: true })
  const watch = await watchServer(t, server)
  const halves = await seatAudience(t, server.url)
  const publisher = new Publisher(t, server.url)
  const took: number[] = []
  const bareTook: number[] = []
  const bareTurns: number[] = []
  await server.turnTimes()
  // In turn, so that both meet the machine in the same state.
  for (let number = 0; number < broadcasts; number++) {
    const bare = await ask<BareBroadcast>(bareServer, { number, bytes })
    bareTurns.push(bare.turnMs)
    bareTook.push((await lastArrival(bareAudience, number)) - bare.sentMs)
    await publisher.publish({ count: 1, bytes })
    took.push((await lastArrival(halves, number)) - publisher.sentMs[number]!)
  }
  const turns = await server.turnTimes()
  t.diagnostic(JSON.stringify({ tookMs: median(took), bareTookMs: median(bareTook), turns, bareTurnMs: median(bareTurns) }))
  for (const peers of halves) assert.equal((await peers.report(group)).backwards, 0)
  // A few at a time: that all leave at once is fault A08.
  const each = audience / halves.length
  for (let from = 0; from < each; from += 250) {
    await Promise.all(halves.map((peers) => peers.behave(group, { act: 'reset' }, { from, to: from + 250 })))
    const left = (each - from - 250) * halves.length
    await eventually(async () => (await watch.gauges.scrape()).sum('spillway_websockets_open') === left, 'those who left to be gone')
  }
  const allowedMs = Math.max(500, 3 * median(bareTook))
  assert.ok(median(took) <= allowedMs, `the last has an event after ${median(took)} ms; allowed: ${allowedMs} ms`)
  // Bare ws writes to all of them in one turn; here no turn may be nearly as long, but for a collection of garbage now and then.
  assert.ok(turns.p99 < median(bareTurns) / 2, `one turn in a hundred took ${turns.p99} ms of processor time, a broadcast of bare ws ${median(bareTurns)} ms`)
  assert.ok(turns.max < Math.max(...bareTurns), `one turn took ${turns.max} ms of processor time, the worst broadcast of bare ws ${Math.max(...bareTurns)} ms`)
  await watch.end(20)
})
