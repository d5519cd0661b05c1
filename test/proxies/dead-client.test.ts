import assert from 'node:assert/strict'
import { eventually } from '../faults/eventually.ts'
import { Publisher } from '../streams-stock/lib/publisher.ts'
import { RestartableServer } from '../streams-stock/lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from '../streams-stock/lib/subscribers.ts'
import { startChaosProxy } from '../streams/lib/chaos-proxy.ts'
import { startHaproxy, testBehind } from './lib/proxy-process.ts'
import { openThrough } from './lib/clients.ts'
import { test } from 'node:test'

/** A dead peer has 1 s until a ping, 2 s for its answer and 1 s to close; the machine gets the rest. */
const env = {
  PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '1',
  PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: '2',
  SPILLWAY_LIMITS: 'closeTimeoutMs=1000',
}
const goneWithinSeconds = 15

const pingTimeouts = (server: RestartableServer): Promise<number> =>
  server.metric('spillway_websocket_closes_total{endpoint="events-out",reason="ping-timeout"}')

const anyState = (server: RestartableServer): Promise<number> => server.metric('spillway_websockets_open{endpoint="events-out"')

testBehind('haproxy', 'a stopped client whose connection HAProxy keeps loses its subscription by the missing pong, and resumes without loss (L5)', async (t) => {
  const server = await RestartableServer.start(t, env)
  const proxy = await startHaproxy(t, { upstreamPort: Number(new URL(server.url).port), tls: false })
  const stock = await StockSubscribers.start(t, `${proxy.url}/api`)
  await stock.open('events', { count: 2 })
  const publisher = new Publisher(t, server.apiUrl, { everyMs: 50 })
  publisher.start()
  await eventually(() => publisher.acknowledged.length >= 20, 'events before it stops')
  assert.equal(await server.openStreams('events-out'), 2)

  stock.part.signal('SIGSTOP')
  await eventually(async () => (await anyState(server)) === 0, 'the subscriptions to be gone', goneWithinSeconds)
  assert.equal(await pingTimeouts(server), 2)

  stock.part.signal('SIGCONT')
  await eventually(async () => (await server.openStreams('events-out')) === 2, 'the client to be back', 30)
  await publisher.stop()
  await stock.complete(publisher.acknowledged.length, 2)
  assertAllGiven(await stock.report(), publisher.acknowledged)
})

void test('behind a proxy that answers TCP for a dead client, only the pong counts (G06)', async (t) => {
  const server = await RestartableServer.start(t, env)
  const proxy = await startChaosProxy(t, Number(new URL(server.url).port))
  const through = { url: proxy.url, port: proxy.port }
  const sockets = await Promise.all(Array.from({ length: 5 }, () => openThrough(t, through, '/api/events/out')))
  for (const socket of sockets) socket.send('{"type":"filter","filter":{}}')
  await eventually(async () => (await server.openStreams('events-out')) === 5, 'the subscriptions')

  proxy.set({ blackHole: 'both' })
  for (const socket of sockets) socket.terminate()
  await eventually(async () => (await anyState(server)) === 0, 'the subscriptions to be gone', goneWithinSeconds)
  assert.equal(await pingTimeouts(server), 5)
  assert.equal(proxy.counts().cut, 0, 'the proxy has ended nothing itself')
})
