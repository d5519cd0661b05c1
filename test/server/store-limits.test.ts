import assert from 'node:assert/strict'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { testBound } from './bound.ts'
import { eventually, rawConnection, startTestServer, type TestServer } from './in-process.ts'

/** Holds the database's write lock, as another process that writes would. */
function stallWrites(t: { after(work: () => void): void }, server: TestServer): () => void {
  const db = new DatabaseSync(server.databasePath)
  db.exec('begin immediate')
  const goOn = (): void => {
    if (db.isOpen) db.close()
  }
  t.after(goOn)
  return goOn
}

const log = { name: 'x', level: 20, message: 'm'.repeat(200), timestamp: '2026-01-01T00:00:00Z' }

async function assertRefusedForNow(answer: Response): Promise<void> {
  assert.equal(answer.status, 503)
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.deepEqual(await answer.json(), { exception_message: 'Service Unavailable' })
}

testBound('stateQueue', 'state changes over the bound are answered 503 at once, the ones before it are done', async (t) => {
  const server = await startTestServer(t, {}, { stateQueue: 3 })
  const goOn = stallWrites(t, server)
  const answers = Array.from({ length: 10 }, (_, i) => server.post('/api/flows/', { name: `flow-${i}` }))
  await eventually(async () => (await server.reached('stateQueue')) === 7, 'seven refusals')
  goOn()
  const all = await Promise.all(answers)
  assert.equal(all.filter(({ status }) => status === 201).length, 3)
  for (const answer of all.filter(({ status }) => status !== 201)) await assertRefusedForNow(answer)
})

testBound('logQueue', 'logs are refused while state changes are still taken in', async (t) => {
  const server = await startTestServer(t, {}, { logQueue: 2 })
  const goOn = stallWrites(t, server)
  const logs = Array.from({ length: 6 }, () => server.post('/api/logs/', [log]))
  await eventually(async () => (await server.reached('logQueue')) === 4, 'four refusals')
  const flow = server.post('/api/flows/', { name: 'in-between' })
  goOn()
  assert.equal((await flow).status, 201)
  const statuses = (await Promise.all(logs)).map(({ status }) => status).toSorted((a, b) => a - b)
  assert.deepEqual(statuses, [201, 201, 503, 503, 503, 503])
})

testBound('eventQueue', 'events that the store refuses at first are tried again and stored', async (t) => {
  const server = await startTestServer(t, {}, { eventQueue: 1 })
  const goOn = stallWrites(t, server)
  const socket = await server.authenticated('/api/events/in')
  socket.send('{"no": "event at all"}') // A dead letter is event work too: now the class is full.
  const handled = once(socket, 'pong')
  socket.ping()
  await handled
  const events = [{ occurred: new Date().toISOString(), event: 'test.happened', resource: { 'prefect.resource.id': 'test.thing' } }]
  const answer = server.post('/api/events', events.map((event) => ({ ...event, id: '00000000-0000-4000-8000-000000000001' })))
  await eventually(async () => (await server.reached('eventQueue')) >= 1, 'a refusal')
  goOn()
  assert.equal((await answer).status, 204)
})

testBound('readQueue', 'reads over the bound are answered 503', async (t) => {
  const server = await startTestServer(t, {}, { readQueue: 2, turnMs: 60_000 })
  const { socket, received } = await rawConnection(t, server.port)
  // All of them in one piece, so that they come in one turn, in which no reader can have answered.
  socket.write('POST /api/flows/filter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}'.repeat(10))
  const statuses = (): string[] => [...received().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status!)
  await eventually(() => statuses().length === 10, 'ten answers')
  assert.deepEqual(statuses().toSorted(), ['200', '200', ...Array(8).fill('503')])
  assert.equal(received().match(/\r\nretry-after: [1-9]\d*\r\n/gi)?.length, 8)
  assert.equal(await server.reached('readQueue'), 8)
  assert.equal((await server.get('/api/health')).status, 200)
})

testBound('busyTimeoutMs', 'a write that waits longer for another process is answered 503 and not done', async (t) => {
  const server = await startTestServer(t, {}, { busyTimeoutMs: 200 })
  const goOn = stallWrites(t, server)
  await assertRefusedForNow(await server.post('/api/flows/', { name: 'late' }))
  assert.ok((await server.reached('busyTimeoutMs')) >= 1)
  goOn()
  assert.equal((await server.post('/api/flows/', { name: 'late' })).status, 201)
})

testBound('groupCommands', 'what does not fit a commit goes into the next one', async (t) => {
  const server = await startTestServer(t, {}, { groupCommands: 4, groupMs: 60_000 })
  const goOn = stallWrites(t, server)
  const answers = Array.from({ length: 30 }, (_, i) => server.post('/api/flows/', { name: `flow-${i}` }))
  await eventually(async () => (await server.metric('spillway_store_operations_under_way{class="state"}')) === 30, 'all to wait')
  goOn()
  for (const answer of await Promise.all(answers)) assert.equal(answer.status, 201)
  assert.ok((await server.reached('groupCommands')) >= 7)
})

testBound('readTimeoutMs', 'a reader whose query runs too long is replaced, and reads go on', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_API_DEFAULT_LIMIT: '10000' }, { readTimeoutMs: 1 })
  for (let i = 0; i < 10; i += 1) assert.equal((await server.post('/api/logs/', Array(1_000).fill(log))).status, 201)
  const read = async (): Promise<void> => {
    const answer = await server.post('/api/logs/filter', {})
    assert.ok(answer.status === 200 || answer.status === 503, String(answer.status))
    await answer.arrayBuffer()
  }
  await eventually(async () => {
    await Promise.all([read(), read(), read(), read()])
    return (await server.reached('readTimeoutMs')) >= 1
  }, 'a long query to be seen')
  assert.ok((await server.metric('spillway_store_reader_restarts_total{lane="scan"}')) >= 1)
  assert.equal((await server.post('/api/logs/filter', { limit: 1 })).status, 200)
})

testBound('eventBuckets', 'a count in more buckets is answered 422', async (t) => {
  const server = await startTestServer(t, {}, { eventBuckets: 10 })
  const body = { time_unit: 'hour', filter: { occurred: { since: '2026-01-01T00:00:00Z', until: '2026-01-03T00:00:00Z' } } }
  const answer = await server.post('/api/events/count-by/time', body)
  assert.equal(answer.status, 422)
  assert.match(await answer.text(), /10 buckets or fewer/)
  assert.equal(await server.reached('eventBuckets'), 1)
})

testBound('eventScanRows', 'a filter that must look at each row stops looking, and answers', async (t) => {
  const server = await startTestServer(t, {}, { eventScanRows: 1 })
  const occurred = new Date().toISOString()
  const events = Array.from({ length: 3_000 }, (_, i) => ({
    id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    occurred,
    event: 'test.happened',
    resource: { 'prefect.resource.id': 'test.thing', kind: 'odd' },
  }))
  assert.equal((await server.post('/api/events', events)).status, 204)
  const until = new Date(Date.now() + 60_000).toISOString()
  const filter = { occurred: { since: occurred, until }, resource: { labels: { kind: 'odd' } } }
  const answer = await server.post('/api/events/filter', { filter, limit: 5 })
  assert.equal(answer.status, 200)
  const page = (await answer.json()) as { events: unknown[]; total: number }
  assert.equal(page.events.length, 5)
  assert.ok(page.total < 3_000)
  assert.equal(await server.reached('eventScanRows'), 1)
  assert.equal((await server.post('/api/events/count-by/event', { filter })).status, 200)
  assert.equal(await server.reached('eventScanRows'), 2)
})

test('health is answered from the connection thread while writes are stalled', async (t) => {
  const server = await startTestServer(t)
  const goOn = stallWrites(t, server)
  const waiting = server.post('/api/flows/', { name: 'waits' })
  for (let i = 0; i < 20; i += 1) assert.equal((await server.get('/api/health')).status, 200)
  assert.equal((await server.post('/api/flows/filter', {})).status, 200)
  goOn()
  assert.equal((await waiting).status, 201)
})

test('every counted bound has its series from the start', async (t) => {
  const server = await startTestServer(t)
  const text = await (await server.get('/api/metrics')).text()
  for (const limit of ['headerBytes', 'stateQueue', 'subscriberQueueBytes', 'readTimeoutMs', 'websocketPingTimeout']) {
    assert.match(text, new RegExp(`^spillway_limit_reached_total\\{limit="${limit}"\\} 0$`, 'm'))
  }
})
