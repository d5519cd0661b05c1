import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { WebSocket } from 'ws'
import { testBound } from './bound.ts'
import { closeOf, eventually, rawConnection, startTestServer, type TestServer } from './in-process.ts'

const everything = JSON.stringify({ type: 'filter', filter: { event: { prefix: ['test.'] } }, backfill: false })

/**
 * Who does what it should does it in this time however busy the machine is: the server moves all deadlines by whatever holds it up
 * for more than half a second, and here it shares its thread with its peers.
 */
const inTimeMs = 1_000

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
  const server = await startTestServer(t, {}, { filterTimeoutMs: inTimeMs })
  const socket = await subscribe(server)
  // When one that came later, and asks for nothing, is cut off, the time of the first one is over as well.
  await closeOf(await server.authenticated('/api/events/out'))
  assert.equal(socket.readyState, socket.OPEN)
})

test('PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: a peer that answers no ping is closed with 1011', async (t) => {
  const env = { PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: '0.1', PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: String(inTimeMs / 1000) }
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

testBound('messageFragments', 'a message in more fragments closes with 1008', async (t) => {
  const server = await startTestServer(t, {}, { messageFragments: 8 })
  const socket = await server.authenticated('/api/events/in')
  const closed = closeOf(socket)
  for (let i = 0; i < 20; i += 1) socket.send('x', { fin: false })
  assert.equal((await closed).code, 1008)
  assert.equal(await server.reached('messageFragments'), 1)
})

testBound('messageTimeoutMs', 'a message that is never finished closes with 1008', async (t) => {
  const server = await startTestServer(t, {}, { messageTimeoutMs: 300, sweepEveryMs: 50 })
  const socket = await server.authenticated('/api/events/in')
  const closed = closeOf(socket)
  socket.send('{"id":', { fin: false })
  assert.deepEqual(await closed, { code: 1008, reason: 'message-timeout' })
  assert.equal(await server.reached('messageTimeoutMs'), 1)
})

testBound('controlFramesPerSecond', 'a flood of pings closes with 1008', async (t) => {
  const server = await startTestServer(t, {}, { controlFramesPerSecond: 50 })
  const socket = await subscribe(server)
  const closed = closeOf(socket)
  for (let i = 0; i < 200; i += 1) socket.ping()
  assert.deepEqual(await closed, { code: 1008, reason: 'control-flood' })
  assert.equal(await server.reached('controlFramesPerSecond'), 1)
})

testBound('controlFramesAtOnce', 'pings that come all at once close with 1008', async (t) => {
  const server = await startTestServer(t, {}, { controlFramesAtOnce: 20 })
  const { socket } = await rawConnection(t, server.port)
  const head = `GET /api/events/out HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`
  // In one packet with the request for the upgrade: nothing can come between them.
  socket.write(Buffer.concat([Buffer.from(head), Buffer.alloc(6 * 100, Buffer.from([0x89, 0x80, 0, 0, 0, 0]))]))
  await eventually(async () => (await server.metric('spillway_websocket_closes_total{endpoint="events-out",reason="control-flood"}')) === 1, 'the end')
  assert.equal(await server.reached('controlFramesAtOnce'), 1)
})

testBound('lingeringRefusals', 'more refused peers than may wait are told at once', async (t) => {
  const server = await startTestServer(t, {}, { websocketConnections: 1, lingeringRefusals: 1, refusalDelayMs: 60_000 })
  await server.authenticated('/api/events/out')
  const waiting = await server.socket('/api/events/out')
  const told = await server.socket('/api/events/out')
  assert.equal((await closeOf(told)).code, 1013)
  assert.equal(waiting.readyState, waiting.OPEN)
  assert.equal(await server.reached('lingeringRefusals'), 1)
})

testBound('unauthenticatedConnections', 'of too many silent peers the oldest are closed with 1013, and others get in', async (t) => {
  const server = await startTestServer(t, {}, { unauthenticatedConnections: 2, unauthenticatedGraceMs: 100, sweepEveryMs: 50 })
  const authenticated = await subscribe(server)
  const silent = await Promise.all(Array.from({ length: 5 }, () => server.socket('/api/events/out')))
  await eventually(() => silent.filter((socket) => socket.readyState === socket.CLOSED).length >= 3, 'three to be closed')
  assert.equal(await server.reached('unauthenticatedConnections'), 3)
  assert.equal(authenticated.readyState, authenticated.OPEN)
  const greeted = await server.authenticated('/api/events/out')
  assert.equal(greeted.readyState, greeted.OPEN)
})

testBound('filterValues', 'a filter of more values closes with 1002', async (t) => {
  const server = await startTestServer(t, {}, { filterValues: 100 })
  const socket = await server.authenticated('/api/events/out')
  const closed = closeOf(socket)
  socket.send(JSON.stringify({ type: 'filter', filter: { event: { prefix: Array.from({ length: 101 }, (_, i) => `p${i}.`) } } }))
  assert.deepEqual(await closed, { code: 1002, reason: 'Invalid filter: more than 100 values' })
  assert.equal(await server.reached('filterValues'), 1)
})

testBound('unindexedFilters', 'one more filter that every event is tested against closes with 1013; equal ones count once', async (t) => {
  const server = await startTestServer(t, {}, { unindexedFilters: 1 })
  const byLabel = async (label: string): Promise<WebSocket> => {
    const socket = await server.authenticated('/api/events/out')
    socket.send(JSON.stringify({ type: 'filter', filter: { resource: { labels: { [label]: 'x' } } }, backfill: false }))
    return socket
  }
  const first = await byLabel('a')
  const same = await byLabel('a')
  assert.deepEqual(await closeOf(await byLabel('b')), { code: 1013, reason: 'costly-filter' })
  assert.equal(await server.reached('unindexedFilters'), 1)
  assert.deepEqual([first.readyState, same.readyState], [first.OPEN, same.OPEN])
})

testBound('streamsQueueBytes', 'of all peers the one with the most waiting is cut off', async (t) => {
  const server = await startTestServer(t, {}, { streamsQueueBytes: 30_000, unconfirmedBytes: 10_000, pingEveryBytes: 5_000, sweepEveryMs: 50 })
  const living = await subscribe(server)
  const stalled = await subscribe(server, { autoPong: false })
  const closed = closeOf(stalled)
  for (let i = 0; i < 10; i += 1) assert.equal((await server.post('/api/events', [event(i, 10_000)])).status, 204)
  assert.deepEqual(await closed, { code: 1013, reason: 'slow-consumer' })
  assert.equal(await server.reached('streamsQueueBytes'), 1)
  assert.equal(living.readyState, living.OPEN)
})

testBound('streamsUnconfirmedBytes', 'when many peers do not read, each of them is handed less', async (t) => {
  const server = await startTestServer(t, {}, { streamsUnconfirmedBytes: 20_000, unconfirmedBytes: 100_000, pingEveryBytes: 5_000 })
  const living = await subscribe(server)
  let seen = 0
  living.on('message', () => (seen += 1))
  for (let n = 0; n < 4; n += 1) await subscribe(server, { autoPong: false })
  for (let i = 0; i < 30; i += 1) assert.equal((await server.post('/api/events', [event(i, 5_000)])).status, 204)
  await eventually(() => seen === 30, 'all events at the one that reads')
  const unconfirmed = await server.metric('spillway_stream_unconfirmed_bytes')
  assert.ok(unconfirmed >= 20_000 && unconfirmed <= 80_000, `${unconfirmed} bytes are in the kernel for the four`)
})

for (const [limit, bound] of [['hubItems', 3], ['hubBytes', 2_000]] as const) {
  testBound(limit, 'more at once than waits for the fan-out comes from the store, all of it and in order', async (t) => {
    const server = await startTestServer(t, {}, { [limit]: bound })
    const socket = await subscribe(server)
    const seen: string[] = []
    socket.on('message', (data) => seen.push((JSON.parse(String(data)) as { event: { id: string } }).event.id))
    const batch = Array.from({ length: 100 }, (_, i) => event(i))
    assert.equal((await server.post('/api/events', batch)).status, 204)
    await eventually(() => seen.length >= 100, 'all events')
    assert.deepEqual(seen, batch.map(({ id }) => id))
    assert.ok((await server.reached(limit)) >= 1)
    assert.ok((await server.metric('spillway_stream_resyncs_total{reason="hub-full"}')) >= 1)
  })
}

/** A worker's channel that gets a snapshot of its pool with each change: there is nothing to replay it from. */
async function openWorkerChannel(server: TestServer): Promise<{ socket: WebSocket; change(): Promise<void> }> {
  const template = (n: number) => ({ job_configuration: { padding: `${n}${'x'.repeat(8_000)}` }, variables: { type: 'object', properties: {} } })
  assert.equal((await server.post('/api/work_pools/', { name: 'p', type: 'process', base_job_template: template(0) })).status, 201)
  const socket = await server.authenticated('/api/work_pools/p/workers/connect', { autoPong: false })
  const ready = once(socket, 'message')
  const hello = {
    consumer_id: '00000000-0000-4000-8000-000000000001', worker_name: 'w', worker_type: 'process', heartbeat_interval_seconds: 30,
    supported_channel_versions: ['work_pool_worker_channel.v1'], requested_capabilities: ['worker_heartbeat.v1', 'work_pool_snapshot.v1'],
    work_queue_names: [], handled_cleanup_kinds: [], max_cleanup_concurrency: 0, create_pool_if_not_found: false, default_base_job_template: {},
    worker_metadata: null,
  }
  socket.send(JSON.stringify({ type: 'worker.hello.v1', id: '00000000-0000-4000-8000-000000000002', sent_at: new Date().toISOString(), payload: hello }))
  await ready
  let changes = 0
  return {
    socket,
    async change() {
      const answer = await fetch(`${server.url}/api/work_pools/p`, {
        method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ base_job_template: template((changes += 1)) }),
      })
      assert.equal(answer.status, 204)
    },
  }
}

for (const [limit, bound] of [['subscriberQueueBytes', 20_000], ['subscriberQueueFrames', 2]] as const) {
  testBound(limit, 'a peer that does not read, and cannot be given later what it misses, is closed with 1013', async (t) => {
    const server = await startTestServer(t, {}, { [limit]: bound, unconfirmedBytes: 12_000, pingEveryBytes: 4_000 })
    const { socket, change } = await openWorkerChannel(server)
    const closed = closeOf(socket)
    // Snapshots of one moment are gathered, so the changes go on until enough of them wait.
    while (socket.readyState === socket.OPEN && (await server.reached(limit)) === 0) await change()
    assert.deepEqual(await closed, { code: 1013, reason: 'slow-consumer' })
    assert.equal(await server.reached(limit), 1)
  })
}

test('on /events/in a ping is answered only when everything before it is stored', async (t) => {
  const server = await startTestServer(t)
  const socket = await server.authenticated('/api/events/in')
  const goOn = stallWrites(server)
  socket.send(JSON.stringify(event(1)))
  let isAnswered = false
  const answered = once(socket, 'pong').then(() => (isAnswered = true))
  socket.ping()
  for (let answers = 0; answers < 10; answers += 1) await server.get('/api/health')
  assert.equal(isAnswered, false)
  goOn()
  await answered
  assert.equal(await countTestEvents(server), 1)
})

testBound('ingestBytes', 'an emitter whose events wait for the store is not read further, and loses nothing', async (t) => {
  // Turns of the event loop that are over stop the reading as well, for a moment: here none is.
  const server = await startTestServer(t, {}, { ingestBytes: 20_000, turnMs: 10_000 })
  const socket = await server.authenticated('/api/events/in')
  const goOn = stallWrites(server)
  for (let i = 0; i < 50; i += 1) socket.send(JSON.stringify(event(i, 1_000)))
  const confirmed = once(socket, 'pong')
  socket.ping()
  await eventually(async () => (await server.reached('ingestBytes')) === 1, 'reading to stop')
  // More than the kernels of both sides take: it stays with the emitter while nobody reads.
  for (let i = 50; i < 250; i += 1) socket.send(JSON.stringify(event(i, 100_000)))
  for (let answers = 0; answers < 10; answers += 1) await server.get('/api/health')
  assert.ok(socket.bufferedAmount > 0)
  goOn()
  await confirmed
  await eventually(async () => (await countTestEvents(server)) === 250, 'all events to be stored')
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

testBound('turnMs', 'an emitter that sends more than fits into a turn of the event loop is read on in the next ones', async (t) => {
  const server = await startTestServer(t, {}, { turnMs: 0.001 })
  const socket = await server.authenticated('/api/events/in')
  for (let i = 0; i < 300; i += 1) socket.send(JSON.stringify(event(i, 2_000)))
  const confirmed = once(socket, 'pong')
  socket.ping()
  await confirmed
  assert.equal(await countTestEvents(server), 300)
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
