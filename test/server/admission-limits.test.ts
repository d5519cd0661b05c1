import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { testBound } from './bound.ts'
import { eventually, rawConnection, startTestServer, type TestServer } from './in-process.ts'

type AfterHook = { after(work: () => void): void }

/** Holds the database's write lock, as another process that writes would: what is let in stays under way. */
function stallWrites(t: AfterHook, server: TestServer): () => void {
  const db = new DatabaseSync(server.databasePath)
  db.exec('begin immediate')
  const goOn = (): void => {
    if (db.isOpen) db.close()
  }
  t.after(goOn)
  return goOn
}

/** Starts state changes and resolves when so many of them wait to be let in. */
async function fill(server: TestServer, requests: number, waiting: number): Promise<Promise<Response>[]> {
  const answers = Array.from({ length: requests }, (_, i) => server.post('/api/flows/', { name: `flow-${i}` }))
  const gauge = 'spillway_http_requests_waiting{class="state"}'
  await eventually(async () => (await server.metric(gauge)) === waiting, `${waiting} requests that wait`)
  return answers
}

function assertRefused(answer: Response): void {
  assert.equal(answer.status, 503)
  assert.match(answer.headers.get('retry-after') ?? '', /^[2-5]$/)
}

/** A request head whose body never comes. */
const headOnly = (path: string): string => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n`

/** However slow the machine is: what waits is not refused for having waited too long. */
const patient = { queueAgeMs: 60_000, requestWaitMs: 60_000, busyTimeoutMs: 60_000 }

testBound('requestsWaiting', 'when so many wait, further state changes are refused, logs long before them, health never', async (t) => {
  const server = await startTestServer(t, {}, { ...patient, writerRequests: 4, requestsWaiting: 8 })
  const goOn = stallWrites(t, server)
  const first = await fill(server, 6, 2)
  assertRefused(await server.post('/api/logs/', []))
  const second = await fill(server, 6, 8)
  assertRefused(await server.post('/api/flows/', { name: 'one too many' }))
  assert.equal((await server.get('/api/health')).status, 200)
  assert.equal((await server.post('/api/flows/filter', {})).status, 200)
  assert.equal(await server.reached('requestsWaiting'), 2)
  assert.equal(await server.metric('spillway_http_requests_shed_total{class="log",limit="requestsWaiting"}'), 1)
  goOn()
  for (const { status } of await Promise.all([...first, ...second])) assert.ok(status === 201 || status === 200)
})

testBound('queueAgeMs', 'when the oldest waits too long, new requests are refused before their bodies come', async (t) => {
  const server = await startTestServer(t, {}, { ...patient, writerRequests: 1, queueAgeMs: 100, queueAgeForMs: 50 })
  const goOn = stallWrites(t, server)
  const waiting = await fill(server, 2, 1)
  const asked: { received(): string }[] = []
  const late = await eventually(async () => {
    // One that is let in waits for its body, without an answer.
    const connection = await rawConnection(t, server.port)
    connection.socket.write(headOnly('/api/flows/'))
    asked.push(connection)
    return asked.map(({ received }) => received()).find((answer) => answer !== '')
  }, 'a refusal')
  assert.match(late, /^HTTP\/1\.1 503 /)
  assert.match(late, /retry-after: [2-5]\r\n/i)
  assert.ok((await server.reached('queueAgeMs')) >= 1)
  goOn()
  for (const { status } of await Promise.all(waiting)) assert.equal(status, 201)
  assert.equal((await server.post('/api/flows/', { name: 'after' })).status, 201)
})

testBound('requestWaitMs', 'a request that finds no place for so long is refused and not done', async (t) => {
  const server = await startTestServer(t, {}, { ...patient, writerRequests: 1, requestWaitMs: 200 })
  const goOn = stallWrites(t, server)
  const done = server.post('/api/flows/', { name: 'flow-0' })
  await eventually(async () => (await server.metric('spillway_store_operations_under_way{class="state"}')) === 1, 'the only place to be taken')
  assertRefused(await server.post('/api/flows/', { name: 'flow-1' }))
  assert.equal(await server.reached('requestWaitMs'), 1)
  goOn()
  assert.equal((await done).status, 201)
  assert.equal((await server.get('/api/flows/name/flow-1')).status, 404)
})

testBound('connectionsPerAddress', 'one address gets no further connection while it has so many, and other addresses do', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_API_HOST: '0.0.0.0', SPILLWAY_ALLOWED_HOSTS: '*' }, { connectionsPerAddress: 3 })
  const held = []
  for (let i = 0; i < 3; i += 1) held.push(await rawConnection(t, server.port, '127.0.0.9'))
  const further = await rawConnection(t, server.port, '127.0.0.9')
  await further.ended
  assert.equal((await server.get('/api/health')).status, 200)
  assert.equal(await server.reached('connectionsPerAddress'), 1)
  held[0]!.socket.destroy()
  await held[0]!.ended
  await eventually(async () => {
    const { socket, received } = await rawConnection(t, server.port, '127.0.0.9')
    socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await eventually(() => received() !== '' || socket.destroyed, 'an answer, or the end')
    return received() !== ''
  }, 'a place for the address again')
})

testBound('connectionsPerAddress', 'the bound does not hold for a trusted proxy, behind which many clients are', async (t) => {
  const env = { PREFECT_SERVER_API_HOST: '0.0.0.0', SPILLWAY_ALLOWED_HOSTS: '*', SPILLWAY_TRUSTED_PROXIES: '127.0.0.9' }
  const server = await startTestServer(t, env, { connectionsPerAddress: 3 })
  for (let i = 0; i < 6; i += 1) {
    const { socket, received } = await rawConnection(t, server.port, '127.0.0.9')
    socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await eventually(() => received() !== '', 'an answer')
  }
  assert.equal(await server.reached('connectionsPerAddress'), 0)
})

testBound('answersBytes', 'when unread answers take too much memory, the one that is under way for the longest is dropped', async (t) => {
  const server = await startTestServer(t, {}, { answersBytes: 16_000_000 })
  const log = { name: 'x', level: 20, message: 'm'.repeat(100_000), timestamp: '2026-01-01T00:00:00Z' }
  assert.equal((await server.post('/api/logs/', Array(150).fill(log))).status, 201)
  const ask = async () => {
    const connection = await rawConnection(t, server.port)
    connection.socket.pause()
    connection.socket.write('POST /api/logs/filter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}')
    return connection
  }
  const first = await ask()
  await eventually(async () => (await server.metric('spillway_store_operation_seconds_count{kind="read",name="listLogs",outcome="done"}')) === 1, 'the first answer')
  const second = await ask()
  await eventually(async () => (await server.reached('answersBytes')) === 1, 'the first one to be dropped')
  first.socket.resume()
  await first.ended
  assert.ok(first.received().length < 15_000_000)
  second.socket.resume()
  await eventually(() => second.received().length > 15_000_000, 'the second answer as a whole')
})

test('the polls of workers are let in with the state changes, and are not held up by lists', async (t) => {
  const server = await startTestServer(t, {}, { scanRequests: 1 })
  await server.post('/api/work_pools/', { name: 'pool', type: 'process' })
  const lists = Array.from({ length: 20 }, () => server.post('/api/flow_runs/filter', {}))
  const polls = Array.from({ length: 5 }, () => server.post('/api/work_pools/pool/get_scheduled_flow_runs', {}))
  for (const { status } of await Promise.all(polls)) assert.equal(status, 200)
  for (const { status } of await Promise.all(lists)) assert.ok(status === 200 || status === 503)
})
