import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { Publisher } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from '../streams-stock/lib/subscribers.ts'
import { startHaproxy, testBehind } from './lib/proxy-process.ts'
import { ResumingSubscriber } from './lib/resuming-subscriber.ts'
import { startCalls } from './lib/steady-calls.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const restarts = soak ? 20 : 3
const streams = soak ? 500 : 100
const stockStreams = 3
const callsPerSecond = soak ? 200 : 100
/** A dial of a stock client waits ten seconds. */
const awaySeconds = soak ? 12 : 0.5

testBehind('haproxy', `${restarts} restarts of the one server behind HAProxy: no call fails, no event is lost, stock streams go on (I05)`, async (t) => {
  const server = await RestartableServer.start(t)
  const proxy = await startHaproxy(t, { upstreamPort: Number(new URL(server.url).port), tls: false })
  const stock = await StockSubscribers.start(t, `${proxy.url}/api`)
  await stock.open('events', { count: stockStreams })
  const all = Array.from({ length: streams }, () => new ResumingSubscriber(t, proxy.url))
  const allOpen = async (): Promise<boolean> => (await server.openStreams('events-out')) === streams + stockStreams
  await eventually(allOpen, 'the streams to be open', 60)
  const publisher = new Publisher(t, `${proxy.url}/api`, { everyMs: 100 })
  publisher.start()
  const calls = startCalls(t, `${proxy.url}/api`, callsPerSecond)
  for (let round = 0; round < restarts; round += 1) {
    await delay(1_500)
    await server.stop(round % 3 === 2 ? 'SIGKILL' : 'SIGTERM')
    await delay(awaySeconds * 1000)
    await server.start()
    await eventually(allOpen, 'all streams to be back', 60)
  }
  const { made, failed } = await calls.stop()
  await publisher.stop()
  await eventually(() => all.every((one) => one.got.length >= publisher.acknowledged.length), 'all events at all streams', 30)
  await stock.complete(publisher.acknowledged.length, stockStreams)
  assertAllGiven(await stock.report(), publisher.acknowledged)
  assert.deepEqual(failed, [])
  assert.ok(made > 100, `${made} calls`)
  for (const { got, resumes, dropped } of all) {
    assert.deepEqual(got, publisher.acknowledged, 'each event once, in order')
    assert.deepEqual(resumes.filter((answer) => answer !== 'resumed'), [])
    assert.equal(dropped, 0)
  }
})
