import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { eventually } from '../faults/eventually.ts'
import { Publisher } from './lib/publisher.ts'
import { RestartableServer } from './lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from './lib/subscribers.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const subscribers = 6
/** As many as hold every place there is. */
const places = 20

async function holdPlaces(t: { after(work: () => unknown): void }, server: RestartableServer, count: number): Promise<WebSocket[]> {
  const holders = Array.from({ length: count }, () => new WebSocket(`${server.url.replace('http', 'ws')}/api/events/out`, 'prefect').on('error', () => {}))
  t.after(() => holders.forEach((socket) => socket.terminate()))
  await eventually(() => holders.every((socket) => socket.readyState === WebSocket.OPEN), 'the places to be held')
  return holders
}

test('stock subscribers that are refused with 1013 because all websockets are taken are let in when there is room, and lose nothing', async (t) => {
  const server = await RestartableServer.start(t, { SPILLWAY_LIMITS: `websocketConnections=${places},authTimeoutMs=60000` })
  const stock = await StockSubscribers.start(t, server.apiUrl)
  const publisher = new Publisher(t, server.apiUrl, { everyMs: 50 })
  const holders = await holdPlaces(t, server, places)
  publisher.start()
  stock.dial('events', { count: subscribers })
  const refused = (): Promise<number> => server.metric('spillway_limit_reached_total{limit="websocketConnections"}')
  await eventually(async () => (await refused()) >= subscribers, 'all to be refused at least once', 30)
  assert.equal(stock.part.soFar((line) => 'open' in line || 'ended' in line).length, 0, 'nobody was let in, and nobody was given an exception')
  for (const socket of holders.slice(0, subscribers)) socket.close()
  await stock.opened()
  await eventually(() => publisher.acknowledged.length >= 50, 'events')
  await publisher.stop()
  await stock.complete(publisher.acknowledged.length, subscribers)
  // They ask for the last minute: all of it is younger.
  assertAllGiven(await stock.report(), publisher.acknowledged)
})

test('peers that never authenticate cannot keep stock subscribers out', async (t) => {
  const limits = 'unauthenticatedConnections=20,unauthenticatedGraceMs=300,authTimeoutMs=60000'
  const server = await RestartableServer.start(t, { SPILLWAY_LIMITS: limits })
  const stock = await StockSubscribers.start(t, server.apiUrl)
  const publisher = new Publisher(t, server.apiUrl, { everyMs: 50 })
  // Silent ones, replaced as they are cut off: more than may be there.
  let over = false
  let cutOff = 0
  const silent = new Set<WebSocket>()
  const keepDialling = async (): Promise<void> => {
    while (!over) {
      while (silent.size < 2 * places) {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/events/out`, 'prefect')
        socket.on('error', () => {})
        socket.on('close', (code) => {
          silent.delete(socket)
          if (code === 1013) cutOff += 1
        })
        silent.add(socket)
      }
      await delay(50)
    }
    for (const socket of silent) socket.terminate()
  }
  const dialling = keepDialling()
  t.after(() => (over = true))
  await eventually(() => cutOff >= places, 'silent peers to be cut off', 30)
  publisher.start()
  await stock.open('events', { count: subscribers })
  const before = cutOff
  await eventually(() => publisher.acknowledged.length >= (soak ? 600 : 50), 'events', 60)
  await publisher.stop()
  await stock.complete(publisher.acknowledged.length, subscribers)
  assertAllGiven(await stock.report(), publisher.acknowledged)
  assert.ok(cutOff > before, 'the silent ones went on coming')
  over = true
  await dialling
})
