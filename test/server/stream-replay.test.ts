import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { WebSocket } from 'ws'
import { eventually, startTestServer, type TestServer } from './in-process.ts'

interface Delivery {
  type: string
  event?: { id: string }
  log?: { message: string }
  cursor?: string
  epoch?: string
  dropped?: number
  status?: string
  reason?: string
}

const prefix = { event: { prefix: ['test.'] } }

function event(number: number, bytes = 0): { id: string } {
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    ...{ occurred: new Date().toISOString(), event: 'test.happened', resource: { 'prefect.resource.id': `test.thing.${number}` } },
    ...{ payload: { text: 'x'.repeat(bytes) } },
  }
}

async function publish(server: TestServer, from: number, to: number, bytes = 0): Promise<void> {
  for (let i = from; i < to; i += 1) assert.equal((await server.post('/api/events', [event(i, bytes)])).status, 204)
}

const idsOf = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => event(from + i).id)

async function subscribe(server: TestServer, request: object, path = '/api/events/out'): Promise<{ socket: WebSocket; got: Delivery[]; ids(): string[] }> {
  const socket = await server.authenticated(path)
  const got: Delivery[] = []
  socket.on('message', (data) => got.push(JSON.parse(String(data)) as Delivery))
  socket.send(JSON.stringify({ type: 'filter', ...request }))
  const answered = new Promise((resolve) => socket.once('pong', resolve))
  socket.ping()
  await answered
  return { socket, got, ids: () => got.flatMap(({ event: one }) => one?.id ?? []) }
}

test('a subscriber that stops reading for a while is not cut off, and then gets everything once and in order', async (t) => {
  const server = await startTestServer(t, {}, { subscriberSoftBytes: 50_000, unconfirmedBytes: 100_000, pingEveryBytes: 20_000, recentItems: 10 })
  const slow = await subscribe(server, { filter: prefix, backfill: false })
  const living = await subscribe(server, { filter: prefix, backfill: false })
  slow.socket.pause()
  await publish(server, 0, 60, 10_000)
  await eventually(() => living.ids().length === 60, 'all events at the other subscriber')
  await eventually(async () => (await server.metric('spillway_stream_subscriptions{endpoint="events-out",mode="replay"}')) === 1, 'a replay')
  slow.socket.resume()
  await eventually(() => slow.ids().length >= 60, 'all events at the slow one')
  await publish(server, 60, 62)
  await eventually(() => slow.ids().length >= 62, 'live events again')
  assert.deepEqual(slow.ids(), idsOf(0, 62))
  assert.ok((await server.metric('spillway_stream_replay_pages_total{endpoint="events-out",from="store"}')) > 0)
})

test('a subscriber that comes back with a cursor gets what it missed, and nothing twice', async (t) => {
  const server = await startTestServer(t)
  const first = await subscribe(server, { filter: prefix, backfill: false })
  await publish(server, 0, 5)
  await eventually(() => first.ids().length === 5, 'five events')
  const { cursor, epoch } = first.got.at(-1)!
  assert.ok(cursor?.startsWith(`${epoch}.`))
  first.socket.terminate()
  await publish(server, 5, 9)
  const second = await subscribe(server, { filter: prefix, cursor })
  await publish(server, 9, 11)
  await eventually(() => second.ids().length >= 6, 'the missed and the live ones')
  assert.deepEqual(second.got[0], { type: 'resume', status: 'resumed' })
  assert.deepEqual(second.ids(), idsOf(5, 11))
})

test('a cursor out of a backfill goes on in the backfill', async (t) => {
  const server = await startTestServer(t)
  await publish(server, 0, 6)
  const first = await subscribe(server, { filter: prefix })
  await eventually(() => first.ids().length === 6, 'the backfill')
  const { cursor } = first.got.filter(({ type }) => type === 'event')[2]!
  first.socket.terminate()
  await publish(server, 6, 8)
  const second = await subscribe(server, { filter: prefix, cursor })
  await eventually(() => second.ids().length >= 5, 'the rest')
  assert.deepEqual(second.ids(), idsOf(3, 8))
})

test('a cursor that cannot be used is answered with the reason, and delivery goes on', async (t) => {
  const server = await startTestServer(t)
  const first = await subscribe(server, { filter: prefix, backfill: false })
  await publish(server, 0, 4)
  await eventually(() => first.ids().length === 4, 'four events')
  const [oldest] = first.got
  const cases = [
    ['malformed', 'nonsense'],
    ['epoch', oldest!.cursor!.replace(oldest!.epoch!, '00000000-0000-0000-0000-000000000000')],
    ['epoch', `${oldest!.epoch}.999999`],
  ] as const
  for (const [reason, cursor] of cases) {
    const again = await subscribe(server, { filter: prefix, cursor, backfill: false })
    await eventually(() => again.got.length > 0, 'an answer')
    assert.deepEqual(again.got[0], { type: 'resume', status: 'impossible', reason })
    again.socket.terminate()
  }
  const live = await subscribe(server, { filter: prefix, cursor: 'nonsense', backfill: false })
  await publish(server, 4, 5)
  await eventually(() => live.ids().length === 1, 'a live event')
})

test('what retention has deleted behind a cursor is counted, in the answer and in every frame', async (t) => {
  const server = await startTestServer(t, {}, { recentItems: 1 })
  const first = await subscribe(server, { filter: prefix, backfill: false })
  await publish(server, 0, 10)
  await eventually(() => first.ids().length === 10, 'ten events')
  const { cursor } = first.got[1]!
  const db = new DatabaseSync(server.databasePath)
  db.exec('delete from event where seq < (select min(seq) + 6 from event)')
  db.close()
  const second = await subscribe(server, { filter: prefix, cursor })
  await eventually(() => second.ids().length >= 4, 'the rest')
  const { dropped } = second.got[0]!
  assert.deepEqual(second.got[0], { type: 'resume', status: 'impossible', reason: 'retention', dropped })
  assert.ok(dropped! >= 4)
  assert.deepEqual(second.ids(), idsOf(6, 10))
  assert.deepEqual([...new Set(second.got.slice(1).map((delivery) => delivery.dropped))], [dropped])
  assert.equal(await server.metric('spillway_stream_dropped_total{endpoint="events-out",reason="retention"}'), dropped)
})

test('log lines have cursors too, and lines stored while nobody listened come with one', async (t) => {
  const server = await startTestServer(t)
  const write = async (message: string): Promise<void> => {
    const line = { name: 'test', level: 20, message, timestamp: new Date().toISOString() }
    assert.equal((await server.post('/api/logs/', [line])).status, 201)
  }
  const first = await subscribe(server, { filter: {} }, '/api/logs/out')
  await write('one')
  await eventually(() => first.got.length === 1, 'a line')
  const { cursor } = first.got[0]!
  const gone = new Promise((resolve) => first.socket.once('close', resolve))
  first.socket.close(1000)
  await gone
  await eventually(async () => (await server.metric('spillway_websockets_open{endpoint="logs-out",state="closing"}')) === 0, 'nobody to listen')
  await write('two')
  const second = await subscribe(server, { filter: {}, cursor }, '/api/logs/out')
  await write('three')
  await eventually(() => second.got.length >= 3, 'both lines')
  assert.deepEqual(second.got.map(({ type, log }) => log?.message ?? type), ['resume', 'two', 'three'])
})
