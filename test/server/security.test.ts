import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { closeOf, startTestServer, type TestServer } from './in-process.ts'
import { startServerProcess, temporaryFolder } from './server-process.ts'

const password = 'admin:a-päss'
const withPassword = { PREFECT_SERVER_API_AUTH_STRING: password }

/** A request with headers that fetch() would not let a page set, such as Host. */
function send(server: TestServer, method: string, path: string, headers: Record<string, string>): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
    })
    sent.on('error', reject)
    sent.end(method === 'GET' || method === 'OPTIONS' ? undefined : '{"name":"x"}')
  })
}

/** The HTTP status that refuses a websocket's handshake, or 101. */
async function upgradeStatus(server: TestServer, path: string, options: { protocols?: string[]; headers?: Record<string, string> } = {}): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, options.protocols ?? ['prefect'], { headers: options.headers ?? {} })
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      response.resume()
    })
    socket.on('error', reject)
  })
}

test('with a password set, requests without it get 401 in the words stock clients know', async (t) => {
  const server = await startTestServer(t, withPassword)
  const right = `Basic ${Buffer.from(password).toString('base64')}`
  const wrong = [undefined, 'Basic', 'Basic nonsense', `Basic ${Buffer.from('admin:other').toString('base64')}`, right.replace('Basic', 'Bearer'), `${right} `.repeat(2)]
  for (const authorization of wrong) {
    for (const path of ['/api/flows/filter', '/api/metrics', '/api/admin/settings', '/api/nothing-here']) {
      const { status, body } = await send(server, path.endsWith('filter') ? 'POST' : 'GET', path, authorization === undefined ? {} : { authorization })
      assert.equal(status, 401, `${path} with ${authorization}`)
      assert.equal(body, '{"exception_message":"Unauthorized"}')
    }
  }
  assert.equal((await send(server, 'POST', '/api/flows/', { authorization: right })).status, 201)
})

test('health and readiness need no password', async (t) => {
  const server = await startTestServer(t, withPassword)
  assert.deepEqual(await send(server, 'GET', '/api/health', {}).then(({ status, body }) => [status, body]), [200, 'true'])
  assert.equal((await send(server, 'GET', '/api/ready', {})).status, 200)
})

const refusedAuth: [what: string, message: string, reason: RegExp][] = [
  ['no token', '{"type":"auth","token":null}', /Auth required but no token provided/],
  ['a wrong token', '{"type":"auth","token":"admin:other"}', /Invalid token/],
  ['another message first', '{"type":"filter","filter":{}}', /Expected 'auth' message/],
  ['no JSON', 'hello', /Expected 'auth' message/],
]
for (const path of ['/api/events/in', '/api/events/out', '/api/logs/out', '/api/task_runs/subscriptions/scheduled', '/api/work_pools/p/workers/connect']) {
  test(`with a password set, ${path} closes with 1008 for a wrong handshake and takes the right one`, async (t) => {
    const server = await startTestServer(t, withPassword)
    for (const [what, message, reason] of refusedAuth) {
      const socket = await server.socket(path)
      const closed = closeOf(socket)
      socket.send(message)
      const close = await closed
      assert.equal(close.code, 1008, what)
      // Stock workers know one word of their channel for all of these.
      assert.match(close.reason, path.endsWith('/connect') ? /^authentication_failed$/ : reason, what)
    }
    const socket = await server.socket(path)
    assert.equal(socket.protocol, 'prefect')
    socket.send(JSON.stringify({ type: 'auth', token: password }))
    assert.equal(String((await once(socket, 'message'))[0]), '{"type":"auth_success"}')
  })
}

test('with a password set, a websocket that does not offer the sub-protocol is refused with 403', async (t) => {
  const server = await startTestServer(t, withPassword)
  assert.equal(await upgradeStatus(server, '/api/events/out', { protocols: [] }), 403)
  assert.equal(await upgradeStatus(server, '/api/events/out'), 101)
})

test('without a password, a websocket needs no handshake', async (t) => {
  const server = await startTestServer(t)
  assert.equal(await upgradeStatus(server, '/api/events/in', { protocols: [] }), 101)
})

test('a websocket to an unknown path is refused with 403', async (t) => {
  const server = await startTestServer(t)
  assert.equal(await upgradeStatus(server, '/api/events/sideways'), 403)
  assert.equal(await upgradeStatus(server, '/events/out'), 403)
})

test('on loopback, a Host of another name is refused (DNS rebinding)', async (t) => {
  const server = await startTestServer(t)
  for (const host of ['attacker.example', 'attacker.example:4200', '127.0.0.1.attacker.example', '192.0.2.1:4200']) {
    const { status, body } = await send(server, 'GET', '/api/health', { host })
    assert.equal(status, 403, host)
    assert.match(body, /SPILLWAY_ALLOWED_HOSTS/)
  }
  for (const host of ['localhost', `localhost:${server.port}`, '127.0.0.1', `[::1]:${server.port}`, 'spillway.localhost:80']) {
    assert.equal((await send(server, 'GET', '/api/health', { host })).status, 200, host)
  }
  assert.equal(await upgradeStatus(server, '/api/events/out', { headers: { host: 'attacker.example' } }), 403)
})

test('SPILLWAY_ALLOWED_HOSTS lets further names in', async (t) => {
  const server = await startTestServer(t, { SPILLWAY_ALLOWED_HOSTS: 'flows.example, Other.Example' })
  for (const host of ['flows.example', 'flows.example:8080', 'OTHER.example']) {
    assert.equal((await send(server, 'GET', '/api/health', { host })).status, 200, host)
  }
  assert.equal((await send(server, 'GET', '/api/health', { host: 'third.example' })).status, 403)
})

test('on loopback, a page of another site can neither write nor read nor open a websocket', async (t) => {
  const server = await startTestServer(t)
  const origin = 'https://attacker.example'
  assert.equal((await send(server, 'POST', '/api/flows/', { origin })).status, 403)
  assert.equal((await send(server, 'DELETE', '/api/flows/00000000-0000-0000-0000-000000000001', { origin })).status, 403)
  const read = await send(server, 'GET', '/api/health', { origin })
  assert.equal(read.headers['access-control-allow-origin'], undefined)
  const preflight = await send(server, 'OPTIONS', '/api/flows/', { origin, 'access-control-request-method': 'POST' })
  assert.equal(preflight.headers['access-control-allow-origin'], undefined)
  for (const path of ['/api/events/in', '/api/events/out', '/api/logs/out']) {
    assert.equal(await upgradeStatus(server, path, { headers: { origin } }), 403, path)
  }
  assert.equal(await upgradeStatus(server, '/api/events/out', { headers: { origin: 'null' } }), 403)
})

test("the server's own pages and pages on loopback may write", async (t) => {
  const server = await startTestServer(t)
  for (const origin of [server.url, 'http://localhost:3000']) {
    const answer = await send(server, 'POST', '/api/flows/', { origin })
    assert.ok(answer.status === 201 || answer.status === 200, origin)
    assert.equal(answer.headers['access-control-allow-origin'], '*')
    assert.equal(await upgradeStatus(server, '/api/events/out', { headers: { origin } }), 101, origin)
  }
})

test('a CORS preflight is answered without a password', async (t) => {
  const server = await startTestServer(t, withPassword)
  const answer = await send(server, 'OPTIONS', '/api/flows/filter', {
    origin: 'http://localhost:3000',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,authorization',
  })
  assert.equal(answer.status, 200)
  assert.equal(answer.body, 'OK')
  assert.match(String(answer.headers['access-control-allow-methods']), /POST/)
  assert.equal(answer.headers['access-control-allow-headers'], 'content-type,authorization')
})

test('with a list of origins only those may read and write', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_CORS_ALLOWED_ORIGINS: 'https://flows.example, https://other.example' })
  const listed = await send(server, 'GET', '/api/health', { origin: 'https://other.example' })
  assert.equal(listed.headers['access-control-allow-origin'], 'https://other.example')
  assert.equal(listed.headers['vary'], 'Origin')
  assert.equal((await send(server, 'POST', '/api/flows/', { origin: 'https://third.example' })).status, 403)
})

test('CSRF protection asks for a token that the same client was given', async (t) => {
  const server = await startTestServer(t, { PREFECT_SERVER_CSRF_PROTECTION_ENABLED: 'true' })
  const refusals: [Record<string, string>, string][] = [
    [{}, 'Missing CSRF token.'],
    [{ 'prefect-csrf-token': 't' }, 'Missing client identifier.'],
    [{ 'prefect-csrf-token': 't', 'prefect-csrf-client': 'c' }, 'Invalid CSRF token or client identifier.'],
  ]
  for (const [headers, detail] of refusals) {
    const answer = await server.post('/api/flows/', { name: 'x' }, headers)
    assert.equal(answer.status, 403)
    assert.deepEqual(await answer.json(), { detail })
  }
  const { token } = (await (await server.get('/api/csrf-token?client=c')).json()) as { token: string }
  assert.equal((await server.post('/api/flows/', { name: 'x' }, { 'prefect-csrf-token': token, 'prefect-csrf-client': 'c' })).status, 201)
  assert.equal((await server.post('/api/flows/', { name: 'x' }, { 'prefect-csrf-token': token, 'prefect-csrf-client': 'd' })).status, 403)
  assert.equal((await server.get('/api/health')).status, 200)
})

test('secrets show neither in the settings that the API tells nor in the logs', async (t) => {
  const env = { ...withPassword, SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_LOGGING_LEVEL: 'DEBUG' }
  const server = await startServerProcess(t, env)
  const authorization = `Basic ${Buffer.from(password).toString('base64')}`
  const settings = await (await fetch(`${server.url}/api/admin/settings`, { headers: { authorization } })).text()
  assert.match(settings, /"auth_string":"\*+"/)
  await fetch(`${server.url}/api/flows/`, { method: 'POST', headers: { authorization }, body: '{"name":"x","unheard_of":1}' })
  server.child.kill('SIGINT')
  await server.ended
  for (const text of [settings, server.stdout(), server.stderr()]) {
    assert.doesNotMatch(text, /a-päss/)
    assert.ok(!text.includes(authorization.slice(6)))
  }
})
