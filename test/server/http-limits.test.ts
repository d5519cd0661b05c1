import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { testBound } from './bound.ts'
import { eventually, rawConnection, rawRequest, startTestServer } from './in-process.ts'

testBound('headerBytes', 'a larger request head is answered 431, and the connection closed', async (t) => {
  const server = await startTestServer(t, {}, { headerBytes: 2_048 })
  const answer = await rawRequest(t, server.port, `GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(4_000)}\r\n\r\n`)
  assert.match(answer, /^HTTP\/1\.1 431 /)
  assert.match(answer, /connection: close/i)
  assert.equal(await server.reached('headerBytes'), 1)
})

test('by default a stock head with a long token fits, and one of 17 KB does not', async (t) => {
  const server = await startTestServer(t)
  const send = (bytes: number) =>
    rawRequest(t, server.port, `GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Long: ${'x'.repeat(bytes)}\r\n\r\n`)
  assert.match(await send(14_000), /^HTTP\/1\.1 200 /)
  assert.match(await send(17_000), /^HTTP\/1\.1 431 /)
})

testBound('headersTimeoutMs', 'a head that does not come is answered 408', async (t) => {
  const server = await startTestServer(t, {}, { headersTimeoutMs: 200, connectionsCheckEveryMs: 50 })
  const answer = await rawRequest(t, server.port, 'GET /api/health HTTP/1.1\r\nHost: loc')
  assert.match(answer, /^HTTP\/1\.1 408 /)
  assert.equal(await server.reached('headersTimeoutMs'), 1)
})

testBound('requestTimeoutMs', 'a body that does not come is answered 408', async (t) => {
  const limits = { headersTimeoutMs: 1_000, requestTimeoutMs: 1_200, connectionsCheckEveryMs: 50 }
  const server = await startTestServer(t, {}, limits)
  const answer = await rawRequest(t, server.port, 'POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"name"')
  assert.match(answer, /^HTTP\/1\.1 408 /)
  assert.equal(await server.reached('requestTimeoutMs'), 1)
})

testBound('bodyBytes', 'a larger body is answered 413 before it is read, told by its length or not', async (t) => {
  const server = await startTestServer(t, {}, { bodyBytes: 1_000 })
  const told = await rawRequest(t, server.port, 'POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n')
  assert.match(told, /^HTTP\/1\.1 413 /)
  assert.match(told, /the limit is 1000 bytes/)
  const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`
  const untold = await rawRequest(t, server.port, `POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`)
  assert.match(untold, /^HTTP\/1\.1 413 /)
  assert.equal((await server.post('/api/flows/', { name: 'fits' })).status, 201)
  assert.equal(await server.reached('bodyBytes'), 2)
})

testBound('logBodyBytes', 'logs and events have a larger bound of their own', async (t) => {
  const server = await startTestServer(t, {}, { bodyBytes: 1_000, logBodyBytes: 5_000 })
  const log = { name: 'x', level: 20, message: 'm'.repeat(2_000), timestamp: '2026-01-01T00:00:00Z' }
  assert.equal((await server.post('/api/logs/', [log])).status, 201)
  assert.equal((await server.post('/api/logs/', [log, log, log])).status, 413)
  assert.equal(await server.reached('logBodyBytes'), 1)
})

testBound('bodiesBytes', 'while large bodies fill the memory a further one gets 503, and small ones go on', async (t) => {
  const server = await startTestServer(t, {}, { bodiesBytes: 300_000 })
  const log = { name: 'x', level: 20, message: 'm'.repeat(200_000), timestamp: '2026-01-01T00:00:00Z' }
  const half = await rawConnection(t, server.port)
  half.socket.write(`POST /api/logs/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 250000\r\n\r\n${'x'.repeat(240_000)}`)
  const refused = await eventually(async () => {
    const answer = await server.post('/api/logs/', [log])
    return answer.status === 503 && answer
  }, 'a refusal')
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
  assert.ok((await server.reached('bodiesBytes')) >= 1)
  assert.equal((await server.post('/api/flows/', { name: 'small' })).status, 201)
  half.socket.destroy()
  await eventually(async () => (await server.post('/api/logs/', [log])).status === 201, 'room again')
  for (let i = 0; i < 5; i += 1) assert.equal((await server.post('/api/logs/', [log])).status, 201)
})

testBound('jsonDepth', 'a body that is nested deeper is answered 422', async (t) => {
  const server = await startTestServer(t, {}, { jsonDepth: 10 })
  const nested = (levels: number) => `{"name":"deep","labels":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
  const refused = await server.post('/api/flows/', nested(20))
  assert.equal(refused.status, 422)
  assert.match(await refused.text(), /deeper than 10 levels/)
  assert.equal(await server.reached('jsonDepth'), 1)
})

test('a body of a million brackets is refused and stops nobody', async (t) => {
  const server = await startTestServer(t)
  const refused = await server.post('/api/flows/', `{"name":"deep","labels":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`)
  assert.equal(refused.status, 422)
  assert.equal((await server.get('/api/health')).status, 200)
})

testBound('pathParamBytes', 'a longer name in a path finds nothing', async (t) => {
  const server = await startTestServer(t, {}, { pathParamBytes: 50 })
  assert.equal((await server.get(`/api/flows/name/${'n'.repeat(60)}`)).status, 404)
  assert.equal(await server.reached('pathParamBytes'), 1)
})

testBound('connections', 'further connections are dropped while all are taken', async (t) => {
  const server = await startTestServer(t, {}, { connections: 3 })
  const held = [await rawConnection(t, server.port), await rawConnection(t, server.port), await rawConnection(t, server.port)]
  const further = await rawConnection(t, server.port)
  await further.ended
  for (const { socket, ended } of held) {
    socket.destroy()
    await ended
  }
  // The server hears of the end a moment later.
  const count = await eventually(() => server.reached('connections').catch(() => undefined), 'a free connection')
  assert.ok(count >= 1)
})

testBound('responseStallMs', 'a reader that stops reading a long answer loses its connection', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_API_DEFAULT_LIMIT: '10000' }, { responseStallMs: 300, bodyBytes: 64 * 1024 * 1024 })
  const message = 'm'.repeat(100_000)
  const log = { name: 'x', level: 20, message, timestamp: '2026-01-01T00:00:00Z' }
  for (let i = 0; i < 4; i += 1) assert.equal((await server.post('/api/logs/', Array(50).fill(log))).status, 201)
  const { socket } = await rawConnection(t, server.port)
  socket.pause()
  socket.write('POST /api/logs/filter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}')
  await eventually(async () => (await server.reached('responseStallMs')) === 1, 'the connection to be dropped')
})

test('a slow reader that keeps reading gets its whole long answer', async (t) => {
  const server = await startTestServer(t, {}, { responseStallMs: 400 })
  const log = { name: 'x', level: 20, message: 'm'.repeat(100_000), timestamp: '2026-01-01T00:00:00Z' }
  assert.equal((await server.post('/api/logs/', Array(60).fill(log))).status, 201)
  const { socket } = await rawConnection(t, server.port)
  let bytes = 0
  socket.on('data', (chunk) => {
    bytes += chunk.length
    socket.pause()
    setTimeout(() => socket.resume(), 5)
  })
  socket.write('POST /api/logs/filter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}')
  await eventually(() => bytes > 6_000_000, 'six megabytes')
  assert.equal(await server.reached('responseStallMs'), 0)
})

test('connections are kept alive for longer than stock clients keep theirs, and it is said so', async (t) => {
  const server = await startTestServer(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const sent = request({ port: server.port, host: '127.0.0.1', path: '/api/health', agent })
  sent.end()
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
  response.resume()
  const seconds = Number(/timeout=(\d+)/.exec(String(response.headers['keep-alive']))?.[1])
  assert.ok(seconds > 25, `announced ${seconds} s`)
})

test('bytes that are no HTTP are answered 400', async (t) => {
  const server = await startTestServer(t)
  assert.match(await rawRequest(t, server.port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n'), /^HTTP\/1\.1 400 /)
})

test('x-request-id is echoed, and made where there is none', async (t) => {
  const server = await startTestServer(t)
  assert.equal((await server.get('/api/health', { 'x-request-id': 'mine-1' })).headers.get('x-request-id'), 'mine-1')
  assert.match((await server.get('/api/health')).headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
  assert.notEqual((await server.get('/api/health', { 'x-request-id': 'a b"c' })).headers.get('x-request-id'), 'a b"c')
  assert.equal((await server.get('/api/nowhere', { 'x-request-id': 'mine-2' })).headers.get('x-request-id'), 'mine-2')
})

test('long answers are compressed for those who take gzip, short ones never', async (t) => {
  const server = await startTestServer(t)
  const log = { name: 'x', level: 20, message: 'm'.repeat(1_000), timestamp: '2026-01-01T00:00:00Z' }
  await server.post('/api/logs/', Array(50).fill(log))
  const long = await server.post('/api/logs/filter', {}, { 'accept-encoding': 'gzip' })
  assert.equal(long.headers.get('content-encoding'), 'gzip')
  assert.equal(((await long.json()) as unknown[]).length, 50)
  const plain = await server.post('/api/logs/filter', {}, { 'accept-encoding': 'identity' })
  assert.equal(plain.headers.get('content-encoding'), null)
  assert.equal((await server.get('/api/health', { 'accept-encoding': 'gzip' })).headers.get('content-encoding'), null)
})

test('a compressed request body is refused in words', async (t) => {
  const server = await startTestServer(t)
  assert.equal((await server.post('/api/flows/', 'x', { 'content-encoding': 'gzip' })).status, 415)
})

test('another method, the other slash form and an unknown path are answered as Prefect does', async (t) => {
  const server = await startTestServer(t)
  const wrong = await fetch(`${server.url}/api/flows/`, { method: 'DELETE' })
  assert.equal(wrong.status, 405)
  assert.equal(wrong.headers.get('allow'), 'POST')
  const redirect = await fetch(`${server.url}/api/flows?x=1`, { method: 'POST', redirect: 'manual' })
  assert.equal(redirect.status, 307)
  assert.equal(redirect.headers.get('location'), `${server.url}/api/flows/?x=1`)
  const missing = await server.get('/api/nowhere')
  assert.equal(missing.status, 404)
  assert.deepEqual(await missing.json(), { detail: 'Not Found' })
})
