import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { ask, endPart, nextMessage, startPart } from '../../bench/lib/process.ts'
import { eventually } from '../faults/eventually.ts'
import { temporaryFolder } from '../server/server-process.ts'
import { durations, startFaultServer } from './lib/fault-server.ts'
import { startHealthySubscribers } from './lib/healthy.ts'
import { cannotRunPeers, startPeers } from './lib/peers.ts'
import { everyEvent, Publisher } from './lib/publisher.ts'
import { observedTurns, turnTimes } from './lib/turn-times.ts'
import { watchServer } from './lib/watch.ts'

const count = 2_000
const bytes = 10_000

/** What the longest turn of a bare `ws` server takes when its subscribers all reset in the middle of a broadcast, ms of processor time. */
async function longestTurnOfBare(t: TestContext, rounds: number): Promise<number> {
  const folder = temporaryFolder(t)
  const server = startPart(new URL('../faults/parts/bare-broadcast.ts', import.meta.url), [], observedTurns(folder))
  t.after(() => endPart(server, 'SIGKILL'))
  const peers = await startPeers(t, `http://127.0.0.1:${await nextMessage<number>(server)}`)
  let longestMs = 0
  for (let round = 0; round < rounds; round++) {
    await peers.dial({ group: 'storm', count, atOnce: 100, path: '/api/events/out', first: everyEvent })
    await turnTimes({ child: server }, folder)
    await ask(server, { number: round, bytes })
    await peers.forget('storm')
    await ask(server, { number: round, bytes })
    longestMs = Math.max(longestMs, (await turnTimes({ child: server }, folder)).max)
  }
  await endPart(server)
  return longestMs
}

/** Fault A08. That the machine finds all sockets ready at once is one turn for any server of this kind. */
test('2,000 subscribers that all reset in the middle of a broadcast leave nothing behind, again and again', { skip: cannotRunPeers }, async (t) => {
  const rounds = durations(3, 20)
  const bareTurnMs = await longestTurnOfBare(t, rounds)
  // Pings in the seconds of this test would only add to the load of the dials.
  const server = await startFaultServer(t, { pingSeconds: 20, pongSeconds: 20, crowded: true })
  const peers = await startPeers(t, server.url)
  const watch = await watchServer(t, server)
  const publisher = new Publisher(t, server.url)
  const healthy = await startHealthySubscribers(t, server)
  await publisher.publish({ count: 1 })
  let received = 0
  for (let round = 0; round < rounds; round++) {
    const { stages } = await peers.dial({ group: 'storm', count, atOnce: 100, path: '/api/events/out', first: everyEvent })
    assert.deepEqual(stages, { open: count })
    let broadcasting = true
    const published = publisher.publish({ going: () => broadcasting, bytes, perSecond: 20, batch: 1 })
    await eventually(async () => (await peers.report('storm')).received > 0, 'the broadcast to have begun')
    received += (await peers.report('storm')).received
    await peers.forget('storm')
    const open = async () => (await watch.gauges.scrape()).sum('spillway_websockets_open')
    await eventually(async () => (await open()) === healthy.count, `all to be gone after round ${round + 1}`)
    broadcasting = false
    await published
  }
  await healthy.assertGotAll(publisher)
  await healthy.leave()
  t.diagnostic(JSON.stringify({ rounds, received, bareTurnMs }))
  await watch.end(15, undefined, bareTurnMs)
})
