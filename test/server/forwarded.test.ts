import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { eventually, rawConnection, rawRequest, startTestServer, type TestServer } from './in-process.ts'
import { runRefusedServer, startServerProcess, temporaryFolder } from './server-process.ts'

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
}

/** A call from one of the addresses of loopback, with any headers. */
function call(server: TestServer, from: string, method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, localAddress: from, method, path, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const forwarded = { host: 'localhost:9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'flows.example', 'x-forwarded-for': '203.0.113.9' }

test('absolute addresses are those of the client behind a trusted proxy, and of the Host header for everybody else', async (t) => {
  const server = await startTestServer(t, { SPILLWAY_TRUSTED_PROXIES: '127.0.0.2, 192.0.2.0/24' })
  const event = (n: number) => ({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, occurred: new Date().toISOString(), event: 'test.page', resource: { 'prefect.resource.id': 'test.thing' }, payload: {} })
  assert.equal((await server.post('/api/events', Array.from({ length: 60 }, (_, n) => event(n)))).status, 204)
  for (const [from, base] of [['127.0.0.2', 'https://flows.example'], ['127.0.0.1', 'http://localhost:9'], ['127.0.0.3', 'http://localhost:9']] as const) {
    const redirect = await call(server, from, 'GET', '/api/health/?a=b', forwarded)
    assert.deepEqual([redirect.status, redirect.headers['location']], [307, `${base}/api/health?a=b`], from)
    const filter = JSON.stringify({ filter: { event: { name: ['test.page'] } }, limit: 50 })
    const page = JSON.parse((await call(server, from, 'POST', '/api/events/filter', forwarded, filter)).body) as { next_page: string }
    assert.ok(page.next_page.startsWith(`${base}/api/events/filter/next?page-token=`), page.next_page)
    const settings = JSON.parse((await call(server, from, 'GET', '/ui-settings', forwarded)).body) as { api_url: string }
    assert.equal(settings.api_url, `${base}/api`)
  }
})

test('behind a proxy that takes a prefix away, addresses have the prefix', async (t) => {
  const server = await startTestServer(t, { SPILLWAY_TRUSTED_PROXIES: 'loopback' })
  const redirect = await call(server, '127.0.0.1', 'GET', '/api/health/', { ...forwarded, 'x-forwarded-prefix': '/team' })
  assert.equal(redirect.headers['location'], 'https://flows.example/team/api/health')
})

test('a forwarded host does not pass the check of host names on loopback, not even from a trusted proxy', async (t) => {
  const server = await startTestServer(t, { SPILLWAY_TRUSTED_PROXIES: 'loopback' })
  const headers = { host: 'attacker.example', 'x-forwarded-host': 'localhost' }
  assert.equal((await call(server, '127.0.0.1', 'GET', '/api/health', headers)).status, 403)
  assert.equal((await call(server, '127.0.0.1', 'GET', '/api/health', { ...forwarded })).status, 200)
})

test('the log names the client behind a trusted proxy, and the peer itself otherwise', async (t) => {
  const server = await startServerProcess(t, {
    SPILLWAY_HOME: temporaryFolder(t),
    SPILLWAY_TRUSTED_PROXIES: '127.0.0.2',
    PREFECT_SERVER_LOGGING_LEVEL: 'DEBUG',
  })
  const port = Number(new URL(server.url).port)
  for (const [from, id] of [['127.0.0.2', 'through-proxy'], ['127.0.0.1', 'made-up']] as const) {
    await call({ port } as TestServer, from, 'GET', '/api/ready', { ...forwarded, 'x-request-id': id })
  }
  const clientOf = (id: string): unknown => {
    const line = server.stderr().split('\n').find((text) => text.includes(`"requestId":"${id}"`))
    return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>)['client']
  }
  await eventually(() => clientOf('made-up') !== undefined, 'both requests in the log')
  assert.deepEqual([clientOf('through-proxy'), clientOf('made-up')], ['203.0.113.9', '127.0.0.1'])
})

test('SPILLWAY_TRUSTED_PROXIES with something that is no address ends the start', async (t) => {
  const { code, stderr } = await runRefusedServer({ SPILLWAY_HOME: temporaryFolder(t), SPILLWAY_TRUSTED_PROXIES: 'loopback,proxy.example' })
  assert.equal(code, 1)
  assert.match(stderr, /SPILLWAY_TRUSTED_PROXIES/)
})

const websockets = [
  ['events-in', '/api/events/in'],
  ['events-out', '/api/events/out'],
  ['logs-out', '/api/logs/out'],
  ['task-subscriptions', '/api/task_runs/subscriptions/scheduled'],
  ['worker-channel', '/api/work_pools/a%20pool/workers/connect'],
] as const

test('a plain GET on a websocket path gets 426 with the upgrade that is missing, also where a password is set', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_API_AUTH_STRING: 'admin:secret' })
  for (const [endpoint, path] of websockets) {
    const { status, headers, body } = await call(server, '127.0.0.1', 'GET', path, {})
    assert.equal(status, 426, path)
    assert.equal(headers['upgrade'], 'websocket', path)
    assert.match(String(headers['connection']), /\bupgrade\b/i, path)
    const { detail } = JSON.parse(body) as { detail: string }
    assert.match(detail, /a proxy on the way drops the Upgrade and Connection headers/)
    assert.equal(await server.metric(`spillway_websocket_handshakes_total{endpoint="${endpoint}",outcome="no-upgrade"}`), 1, path)
    // The same path with the upgrade is what it says.
    assert.equal((await server.socket(path)).readyState, 1)
  }
})

const upgradeHead = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'

test('an upgrade in HTTP/1.0 gets 426 too, and the proxy that loses upgrades is named in the log once', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const port = Number(new URL(server.url).port)
  for (let i = 0; i < 3; i += 1) {
    const old = await rawRequest(t, port, `GET /api/events/out HTTP/1.0\r\n${upgradeHead}`)
    assert.match(old, /^HTTP\/1\.1 426 Upgrade Required\r\n/)
    assert.match(old, /\r\nUpgrade: websocket\r\n/i)
    assert.match(old, /speaks HTTP\/1\.0 to the server/)
    assert.equal((await fetch(`${server.url}/api/events/out`)).status, 426)
    assert.equal((await fetch(`${server.url}/api/logs/out`)).status, 426)
  }
  const lines = () => server.stderr().split('\n').filter((line) => line.includes('plain GET on a websocket path'))
  await eventually(() => lines().length >= 2, 'the lines in the log')
  assert.equal(lines().filter((line) => line.includes('drops the Upgrade and Connection headers')).length, 1)
  assert.equal(lines().filter((line) => line.includes('speaks HTTP/1.0')).length, 1)
})

test('a proxy that speaks HTTP/2 to the server is refused, and named in the log', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
  assert.match(await rawRequest(t, Number(new URL(server.url).port), preface), /^HTTP\/1\.1 400 /)
  await eventually(() => server.stderr().includes('a peer speaks HTTP/2'), 'the line in the log')
})

test('the PROXY protocol, true or garbled, is no request: 400, and the server goes on', async (t) => {
  const server = await startTestServer(t)
  const lines = ['PROXY TCP4 203.0.113.9 127.0.0.1 5123 4200\r\n', 'PROXY UNKNOWN\r\n', 'PROXY \0\0\0\r\n', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c']
  for (const line of lines) {
    assert.match(await rawRequest(t, server.port, `${line}GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n`), /^HTTP\/1\.1 400 /, line)
  }
  assert.equal((await server.get('/api/health')).status, 200)
})

test('an upgrade to something other than a websocket is answered as the plain request that it can be', async (t) => {
  const server = await startTestServer(t)
  const { socket, received } = await rawConnection(t, server.port)
  socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n')
  await eventually(() => received().endsWith('true'), 'the answer')
  assert.match(received(), /^HTTP\/1\.1 200 OK/)
})
