import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { Publisher } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { startHaproxy, testBehind } from './lib/proxy-process.ts'
import { ResumingSubscriber } from './lib/resuming-subscriber.ts'
import { startCalls } from './lib/steady-calls.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const restarts = soak ? 20 : 3
const streams = soak ? 500 : 100
const callsPerSecond = soak ? 200 : 100

testBehind('haproxy', `${restarts} restarts of the one server behind HAProxy: no call fails, no event is lost, streams are back (I05)`, async (t) => {
  const server = await RestartableServer.start(t)
  const proxy = await startHaproxy(t, { upstreamPort: Number(new URL(server.url).port), tls: false })
  const all = Array.from({ length: streams }, () => new ResumingSubscriber(t, proxy.url))
  await eventually(async () => (await server.openStreams('events-out')) === streams, 'the streams to be open', 60)
  const publisher = new Publisher(t, `${proxy.url}/api`, { everyMs: 100 })
  publisher.start()
  const calls = startCalls(t, `${proxy.url}/api`, callsPerSecond)
  for (let round = 0; round < restarts; round += 1) {
    await delay(1_500)
    await server.stop('SIGTERM')
    await server.start()
    await eventually(async () => (await server.openStreams('events-out')) === streams, 'all streams to be back', 30)
  }
  const { made, failed } = await calls.stop()
  await publisher.stop()
  await eventually(() => all.every((one) => one.got.length >= publisher.acknowledged.length), 'all events at all streams', 30)
  assert.deepEqual(failed, [])
  assert.ok(made > 100, `${made} calls`)
  for (const { got, resumes, dropped } of all) {
    assert.deepEqual(got, publisher.acknowledged, 'each event once, in order')
    assert.deepEqual(resumes.filter((answer) => answer !== 'resumed'), [])
    assert.equal(dropped, 0)
  }
})
