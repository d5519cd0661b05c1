import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { Publisher } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from '../streams-stock/lib/subscribers.ts'
import { startHaproxy, startNginx, testBehind, type ProxyOptions } from './lib/proxy-process.ts'
import { ResumingSubscriber } from './lib/resuming-subscriber.ts'
import { startCalls } from './lib/steady-calls.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const streams = 500
const stockStreams = 3
const callsPerSecond = 200
const reloads = soak ? 12 : 3
const reloadEveryMs = soak ? 5_000 : 3_000

/** Old workers end two seconds after a reload, with their streams. The second one takes its turn in the long run. */
const proxies: readonly [name: 'nginx' | 'haproxy', start: typeof startNginx, change: NonNullable<ProxyOptions['change']>][] = [
  ['nginx', startNginx, [['worker_shutdown_timeout 30s', 'worker_shutdown_timeout 2s'], ['worker_processes auto', 'worker_processes 1']]],
  ['haproxy', startHaproxy, [['hard-stop-after 30s', 'hard-stop-after 2s']]],
]
const reloaded = soak ? proxies : proxies.slice(0, 1)

for (const [name, start, change] of reloaded) {
  testBehind(name, `${reloads} reloads of ${name} under ${streams} streams and ${callsPerSecond} calls a second: no call fails, no event is lost (G08)`, async (t) => {
    const server = await RestartableServer.start(t)
    const proxy = await start(t, { upstreamPort: Number(new URL(server.url).port), tls: false, change })
    const stock = await StockSubscribers.start(t, `${proxy.url}/api`)
    await stock.open('events', { count: stockStreams })
    const all = Array.from({ length: streams }, () => new ResumingSubscriber(t, proxy.url))
    await eventually(async () => (await server.openStreams('events-out')) === streams + stockStreams, 'the streams to be open', 60)
    const publisher = new Publisher(t, server.apiUrl, { everyMs: 200 })
    publisher.start()
    const calls = startCalls(t, `${proxy.url}/api`, callsPerSecond)
    for (let round = 0; round < reloads; round += 1) {
      await delay(reloadEveryMs)
      await proxy.reload()
    }
    await eventually(() => all.every((one) => one.connections > 1), 'every stream to have moved to a new worker', 30)
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
}
