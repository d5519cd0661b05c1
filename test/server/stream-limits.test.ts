import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { WebSocket } from 'ws'
import { testBound } from './bound.ts'
import { closeOf, eventually, rawConnection, startTestServer, type TestServer } from './in-process.ts'

const everything = JSON.stringify({ type: 'filter', filter: { event: { prefix: ['test.'] } }, backfill: false })

/** An event of about `bytes` bytes more than the least. */
function event(number: number, bytes = 0): Record<string, unknown> {
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    occurred: new Date().toISOString(),
    event: 'test.happened',
    resource: { 'prefect.resource.id': `test.thing.${number}` },
    payload: { text: 'x'.repeat(bytes) },
  }
}

/** A subscriber to all test events that has been taken in: live events reach it from now on. */
async function subscribe(server: TestServer, options: { autoPong?: boolean } = {}): Promise<WebSocket> {
  const socket = await server.authenticated('/api/events/out', options)
  socket.send(everything)
  // The filter was read when a ping behind it has been answered.
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
  return socket
}

/** Holds the database's write lock, as a stalled disk would. */
function stallWrites(server: TestServer): () => void {
  const db = new DatabaseSync(server.databasePath)
  db.exec('begin immediate')
  return () => {
    db.exec('rollback')
    db.close()
  }
}

testBound('websocketMessageBytes', 'a longer frame closes with 1009', async (t) => {
  const server = await startTestServer(t, {}, { websocketMessageBytes: 10_000 })
  const socket = await server.authenticated('/api/events/in')
  const closed = closeOf(socket)
  socket.send(JSON.stringify(event(1, 20_000)))
  assert.equal((await closed).code, 1009)
  assert.equal(await server.reached('websocketMessageBytes'), 1)
})

testBound('websocketOutboundBytes', 'an event that stock subscribers would refuse goes out with a notice for a payload', async (t) => {
  const server = await startTestServer(t, {}, { websocketOutboundBytes: 2_000 })
  const socket = await subscribe(server)
  const came = once(socket, 'message')
  assert.equal((await server.post('/api/events', [event(1, 5_000)])).status, 204)
  const { event: got } = JSON.parse(String((await came)[0])) as { event: { id: string; payload: Record<string, string> } }
  assert.equal(got.id, event(1)['id'])
  assert.match(got.payload['spillway.trimmed'] ?? '', /events\/filter/)
  assert.equal(await server.reached('websocketOutboundBytes'), 1)
})

testBound('websocketConnections', 'a further websocket is opened and closed with 1013, never refused with a status', async (t) => {
  const server = await startTestServer(t, {}, { websocketConnections: 2 })
  const first = await server.socket('/api/events/out')
  await server.socket('/api/events/out')
  const further = await server.socket('/api/events/out')
  assert.equal((await closeOf(further)).code, 1013)
  assert.equal(await server.reached('websocketConnections'), 1)
  const gone = closeOf(first)
  first.close(1000)
  await gone
  await eventually(async () => {
    const next = await server.socket('/api/events/out')
    const closed = closeOf(next).then(() => 'closed')
    next.send('{"type":"auth","token":null}')
    return (await Promise.race([closed, once(next, 'message').then(() => 'taken')])) === 'taken'
  }, 'the free place to be given')
})

for (const path of ['/api/events/in', '/api/events/out', '/api/logs/out', '/api/task_runs/subscriptions/scheduled', '/api/work_pools/p/workers/connect']) {
  testBound('authTimeoutMs', `${path} closes with 1008 when no auth message comes`, async (t) => {
    const server = await startTestServer(t, {}, { authTimeoutMs: 100 })
    const close = await closeOf(await server.socket(path))
    assert.deepEqual(close, { code: 1008, reason: 'auth-timeout' })
    assert.equal(await server.reached('authTimeoutMs'), 1)
  })
}

for (const path of ['/api/events/out', '/api/logs/out', '/api/task_runs/subscriptions/scheduled', '/api/work_pools/p/workers/connect']) {
  testBound('filterTimeoutMs', `${path} closes when its first message does not come`, async (t) => {
    const server = await startTestServer(t, {}, { filterTimeoutMs: 100 })
    const close = await closeOf(await server.authenticated(path))
    assert.notEqual(close.code, 1000)
    assert.equal(await server.reached('filterTimeoutMs'), 1)
  })
}

test('a subscriber that has sent its filter is not cut off by the filter time-out', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '0.1' }, { filterTimeoutMs: 100 })
  const socket = await subscribe(server)
  // Two more pings of the server are later than the time-out.
  await once(socket, 'ping')
  await once(socket, 'ping')
  assert.equal(socket.readyState, socket.OPEN)
})

test('PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: a peer that answers no ping is closed with 1011', async (t) => {
  const env = { PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '0.1', PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: '0.2' }
  const server = await startTestServer(t, env)
  const living = await subscribe(server)
  const dead = await subscribe(server, { autoPong: false })
  assert.equal((await closeOf(dead)).code, 1011)
  assert.equal(await server.reached('websocketPingTimeout'), 1)
  assert.equal(living.readyState, living.OPEN)
})

testBound('closeTimeoutMs', 'a peer that does not answer the close is cut off', async (t) => {
  const server = await startTestServer(t, {}, { authTimeoutMs: 100, closeTimeoutMs: 200 })
  const { socket, ended } = await rawConnection(t, server.port)
  socket.write(
    `GET /api/events/out HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: prefect\r\n\r\n`,
  )
  await ended
  assert.equal(await server.reached('closeTimeoutMs'), 1)
  assert.equal(await server.metric('spillway_websockets_open{endpoint="events-out",state="closing"}'), 0)
})

testBound('subscriberQueueBytes', 'a subscriber that stops reading is closed with 1013, and only it', async (t) => {
  const server = await startTestServer(t, {}, { subscriberQueueBytes: 50_000 })
  const living = await subscribe(server)
  const stalled = await subscribe(server)
  stalled.pause()
  const seen = new Set<string>()
  living.on('message', (data) => seen.add((JSON.parse(String(data)) as { event: { id: string } }).event.id))
  for (let i = 0; i < 40; i += 1) assert.equal((await server.post('/api/events', [event(i, 10_000)])).status, 204)
  await eventually(async () => (await server.reached('subscriberQueueBytes')) >= 1, 'the stalled subscriber to be cut off')
  await eventually(() => seen.size === 40, 'all events at the living one')
  const closed = closeOf(stalled)
  stalled.resume()
  assert.equal((await closed).code, 1013)
})

testBound('subscriberQueueFrames', 'the queue is bounded in frames too', async (t) => {
  const server = await startTestServer(t, {}, { subscriberQueueBytes: 4_000, subscriberQueueFrames: 5 })
  const stalled = await subscribe(server, { autoPong: false })
  const closed = closeOf(stalled)
  const batch = Array.from({ length: 100 }, (_, i) => event(i))
  assert.equal((await server.post('/api/events', batch)).status, 204)
  assert.equal((await closed).code, 1013)
  assert.equal(await server.reached('subscriberQueueFrames'), 1)
})

testBound('ingestBytes', 'an emitter whose events wait for the store is not read further, and loses nothing', async (t) => {
  const server = await startTestServer(t, {}, { ingestBytes: 20_000 })
  const socket = await server.authenticated('/api/events/in')
  const goOn = stallWrites(server)
  for (let i = 0; i < 50; i += 1) socket.send(JSON.stringify(event(i, 1_000)))
  const confirmed = once(socket, 'pong')
  socket.ping()
  await eventually(async () => (await server.reached('ingestBytes')) === 1, 'reading to stop')
  goOn()
  await confirmed
  assert.equal(await countTestEvents(server), 50)
})

testBound('ingestEvents', 'the same in numbers of events', async (t) => {
  const server = await startTestServer(t, {}, { ingestEvents: 10 })
  const socket = await server.authenticated('/api/events/in')
  const goOn = stallWrites(server)
  for (let i = 0; i < 50; i += 1) socket.send(JSON.stringify(event(i)))
  const confirmed = once(socket, 'pong')
  socket.ping()
  await eventually(async () => (await server.reached('ingestEvents')) === 1, 'reading to stop')
  goOn()
  await confirmed
  assert.equal(await countTestEvents(server), 50)
})

testBound('ingestBatchEvents', 'more waiting events than one command takes go in several', async (t) => {
  const server = await startTestServer(t, {}, { ingestBatchEvents: 10 })
  const socket = await server.authenticated('/api/events/in')
  for (let i = 0; i < 100; i += 1) {
    socket.send(JSON.stringify(event(i)))
    // Turns of their own, so that they wait as separate batches.
    if (i % 5 === 4) await new Promise((resolve) => setImmediate(resolve))
  }
  const confirmed = once(socket, 'pong')
  socket.ping()
  await confirmed
  assert.equal(await countTestEvents(server), 100)
})

for (const [limit, bound] of [['intakeEvents', 20], ['intakeBytes', 5_000]] as const) {
  testBound(limit, 'while the store is behind, POST /events is answered 503 with Retry-After', async (t) => {
    const server = await startTestServer(t, {}, { [limit]: bound, busyTimeoutMs: 20_000 })
    const goOn = stallWrites(server)
    const waiting = server.post('/api/events', Array.from({ length: 30 }, (_, i) => event(i, 200)))
    const refused = await eventually(async () => {
      const answer = await server.post('/api/events', [event(1_000)])
      return answer.status === 503 && answer
    }, 'a refusal')
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    assert.ok((await server.reached(limit)) >= 1)
    goOn()
    assert.equal((await waiting).status, 204)
    assert.equal((await server.post('/api/events', [event(1_001)])).status, 204)
  })
}

async function countTestEvents(server: TestServer): Promise<number> {
  const answer = await server.post('/api/events/filter', {
    filter: { event: { prefix: ['test.'] } },
    limit: 50,
  })
  return ((await answer.json()) as { total: number }).total
}
