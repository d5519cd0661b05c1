import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { numberedEvent, Publisher } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from '../streams-stock/lib/subscribers.ts'
import { callThrough, openThrough } from './lib/clients.ts'
import { startHaproxy, startNginx, testBehind, type ProxyOptions } from './lib/proxy-process.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const idleLimitMs = 5_000
const idleForMs = soak ? 600_000 : 12_000

/** Both end a websocket on which nothing came for five seconds. */
const proxies: readonly [name: 'nginx' | 'haproxy', start: typeof startNginx, idleLimit: NonNullable<ProxyOptions['change']>][] = [
  ['nginx', startNginx, [['proxy_read_timeout    75s', `proxy_read_timeout ${idleLimitMs / 1000}s`]]],
  ['haproxy', startHaproxy, [['timeout tunnel          75s', `timeout tunnel ${idleLimitMs / 1000}s`]]],
]

// They mostly wait.
describe('an idle limit of five seconds', { concurrency: true }, () => {
  for (const [name, start, change] of proxies) {
    testBehind(name, `idle websockets outlive the idle limit of ${name} through the pings of the server (G01, G05)`, async (t) => {
      const server = await RestartableServer.start(t, { PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '2', SPILLWAY_TRUSTED_PROXIES: 'loopback' })
      const proxy = await start(t, { upstreamPort: Number(new URL(server.url).port), change })
      const paths = ['/api/events/in', '/api/events/out', '/api/logs/out']
      const sockets = await Promise.all(paths.map((path) => openThrough(t, proxy, path)))
      for (const socket of sockets.slice(1)) socket.send('{"type":"filter","filter":{}}')
      const closed: string[] = []
      for (const [index, socket] of sockets.entries()) socket.on('close', (code) => closed.push(`${paths[index]} ${code}`))
      await delay(idleForMs)
      assert.deepEqual(closed, [])
      const got = new Promise((resolve) => sockets[1]!.once('message', resolve))
      const body = JSON.stringify([numberedEvent(1)])
      assert.equal((await callThrough(proxy, 'POST', '/api/events', { headers: { 'content-type': 'application/json' }, body })).status, 204)
      await got
    })

    testBehind(name, `a stock subscriber whose idle stream ${name} cuts again and again is given every event once`, (t) => cutAndResume(t, start, change))
  }
})

/** With a ping in 20 s the proxy cuts each stream after 5 s; what happens in between has to come all the same. */
async function cutAndResume(t: TestContext, start: typeof startNginx, change: NonNullable<ProxyOptions['change']>): Promise<void> {
  const server = await RestartableServer.start(t, { PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '20', SPILLWAY_TRUSTED_PROXIES: 'loopback' })
  const proxy = await start(t, { upstreamPort: Number(new URL(server.url).port), change, tls: false })
  const stock = await StockSubscribers.start(t, `${proxy.url}/api`)
  await stock.open('events', { count: 3 })
  const publisher = new Publisher(t, server.apiUrl, { everyMs: 10_000 })
  const closes = (): Promise<number> => server.metric('spillway_websocket_closes_total{endpoint="events-out"')
  const published: number[] = []
  const publish = async (): Promise<void> => {
    const n = published.length
    await publisher.post('/events', [numberedEvent(n)])
    published.push(n)
  }
  for (let cuts = 0; cuts < 2; cuts += 1) {
    const before = await closes()
    await publish()
    // Then silence, but for one event while the first is cut, until the proxy has cut all three.
    await eventually(async () => (await closes()) > before, 'the proxy to cut an idle stream', 30)
    await publish()
    await eventually(async () => (await closes()) >= before + 3, 'the proxy to cut the others', 30)
    await publish()
  }
  await stock.complete(published.length, 3)
  assertAllGiven(await stock.report(), published)
}
