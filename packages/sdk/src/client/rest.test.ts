import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { systemClock, type Clock } from '../clock.ts'
import { ApiError, ApiUnreachableError, SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { RestClient, type RestOptions } from './rest.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A clock that notes what it is asked to wait, and does not. */
function hastyClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = []
  return { ...systemClock(), sleeps, sleep: async (ms) => void sleeps.push(ms) }
}

async function clientOf(t: TestContext, handler: Handler, options: Partial<RestOptions> = {}): Promise<{ client: RestClient; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/csrf-token')) {
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"detail":"CSRF protection is disabled."}')
      return
    }
    requests.push(request)
    handler(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const settings = { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, apiKey: undefined, authString: undefined, customHeaders: {} }
  const client = new RestClient({ settings, random: () => 0.5, ...options })
  t.after(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  return { client, requests }
}

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

test('a refused call is repeated after Retry-After, and trouble and its end are told once each', async (t) => {
  const clock = hastyClock()
  const trouble: (string | undefined)[] = []
  let left = 3
  const { client } = await clientOf(t, (_request, response) => (left-- > 0 ? json(response, 503, {}, { 'retry-after': '3' }) : json(response, 200, { ok: true })), {
    clock,
    onTrouble: (error) => trouble.push(error?.message),
  })
  assert.deepEqual(await client.call('POST', '/x', {}), { ok: true })
  assert.equal(clock.sleeps.length, 3)
  assert.ok(clock.sleeps.every((ms) => ms >= 3000))
  assert.equal(trouble.length, 4)
  assert.equal(trouble.at(-1), undefined)
})

test('a call gives up after six attempts; one with patience goes on', async (t) => {
  let left = 20
  const { client, requests } = await clientOf(t, (_request, response) => (left-- > 0 ? json(response, 503, { detail: 'busy' }) : json(response, 200, {})), { clock: hastyClock() })
  await assert.rejects(client.call('GET', '/x'), (error: ApiError) => error.status === 503 && error.body.includes('busy'))
  assert.equal(requests.length, sdkLimits.attempts)
  await client.call('GET', '/x', undefined, { patienceMs: 600_000 })
  assert.equal(requests.length, 21)
})

test('a POST whose answer was lost is repeated only when that does no harm', async (t) => {
  let cut = 2
  const { client, requests } = await clientOf(t, (request, response) => (cut-- > 0 ? request.socket.destroy() : json(response, 200, {})), { clock: hastyClock() })
  await assert.rejects(client.call('POST', '/x', {}), ApiUnreachableError)
  assert.equal(requests.length, 1)
  await client.call('POST', '/x', {}, { repeatable: true })
  assert.equal(requests.length, 3)
})

test('a server that closes idle connections right after its answer costs no call', async (t) => {
  const ports = new Set<number | undefined>()
  const { client } = await clientOf(t, (request, response) => {
    ports.add(request.socket.remotePort)
    response.on('finish', () => setImmediate(() => request.socket.destroy()))
    json(response, 200, {})
  })
  for (let call = 0; call < 50; call++) await client.call('GET', '/x')
  assert.ok(ports.size > 1)
})

test('an answer that is no JSON is an error that says what came', async (t) => {
  const { client } = await clientOf(t, (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Login</h1>'))
  await assert.rejects(client.call('GET', '/x'), /text\/html, not JSON; is a proxy in the way\?.*<h1>Login/)
})

test('password and key are sent as stock clients send them', async (t) => {
  const seen: (string | undefined)[] = []
  const { client } = await clientOf(t, (request, response) => {
    seen.push(request.headers.authorization)
    json(response, 200, {})
  })
  const { apiUrl } = client
  for (const credentials of [{ authString: 'admin:secret', apiKey: undefined }, { authString: undefined, apiKey: 'k1' }]) {
    const other = new RestClient({ settings: { apiUrl, customHeaders: {}, ...credentials } })
    await other.call('GET', '/x')
    await other.close()
  }
  assert.deepEqual(seen, [`Basic ${Buffer.from('admin:secret').toString('base64')}`, 'Bearer k1'])
})

test('a server with CSRF protection gets its token, and a new one when the old is no longer good', async (t) => {
  let issued = 0
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/csrf-token')) return json(response, 200, { token: `t${++issued}`, expiration: new Date(Date.now() + 60_000).toISOString() })
    if (request.headers['prefect-csrf-token'] !== 't2') return json(response, 403, { detail: 'Invalid CSRF token or client identifier.' })
    json(response, 200, { token: request.headers['prefect-csrf-token'] })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new RestClient({ settings: { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, apiKey: undefined, authString: undefined, customHeaders: {} } })
  t.after(async () => {
    await client.close()
    server.close()
  })
  assert.deepEqual(await client.call('POST', '/x', {}), { token: 't2' })
  assert.equal(issued, 2)
})

test('calls beyond the queue are refused at once, and a call that waited too long names its limit', async (t) => {
  const held: ServerResponse[] = []
  const { client } = await clientOf(t, (_request, response) => void held.push(response), { clock: hastyClock() })
  const codes: string[] = []
  const calls = Array.from({ length: sdkLimits.requestsRunning + sdkLimits.requestsWaiting + 14 }, () => client.call('GET', '/x', undefined, { timeoutMs: 300, patienceMs: 0 }).catch((error: SpillwayError) => codes.push(error.code)))
  await Promise.all(calls)
  assert.equal(codes.filter((code) => code === 'queue-full').length, 14)
  assert.equal(codes.filter((code) => code === 'api-unreachable').length, sdkLimits.requestsRunning + sdkLimits.requestsWaiting)
  for (const response of held) response.destroy()
})

test('the caller can give up', async (t) => {
  const { client } = await clientOf(t, () => {})
  const controller = new AbortController()
  const call = client.call('GET', '/x', undefined, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await assert.rejects(call, /enough/)
})

test('an error says what the server says, whichever of its shapes the answer has, and nothing of a page that is not its own', async (t) => {
  const fault = { type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: {} }
  const cases: readonly (readonly [status: number, body: string, reason: string | undefined, faults: readonly unknown[]])[] = [
    [404, '{"exception_message":"Flow not found"}', 'Flow not found', []],
    [409, '{"detail":"It is there already."}', 'It is there already.', []],
    [422, JSON.stringify({ exception_message: 'Invalid request received.', exception_detail: [fault], request_body: {} }), 'Invalid request received.', [fault]],
    [422, JSON.stringify({ detail: [fault] }), undefined, [fault]],
    [403, '<h1>Login</h1>', undefined, []],
    [400, 'null', undefined, []],
  ]
  let at = 0
  const { client } = await clientOf(t, (_request, response) => void response.writeHead(cases[at]![0], { 'content-type': 'application/json' }).end(cases[at]![1]))
  for (; at < cases.length; at++) {
    const [status, body, reason, faults] = cases[at]!
    await assert.rejects(client.call('POST', '/x', {}), (error: ApiError) => {
      assert.deepEqual([error.status, error.body, error.reason, error.faults], [status, body, reason, faults])
      return true
    })
  }
})

test('the message of an error names the places that are wrong without what was sent, and a wrong address', () => {
  const fault = { type: 'value_error', loc: ['body', 'parameters'], msg: 'too large', input: 'x'.repeat(10_000) }
  const messageOf = (status: number, body: unknown): string => new ApiError('POST /x', status, JSON.stringify(body)).message
  assert.equal(messageOf(422, { exception_detail: [fault], request_body: {} }), 'POST /x was answered 422: body.parameters: too large')
  assert.match(messageOf(404, { detail: 'Not Found' }), /the route is not there: is PREFECT_API_URL right\? It ends in \/api/)
  assert.doesNotMatch(messageOf(404, { detail: 'Flow run not found' }), /PREFECT_API_URL/)
})

test('a server that does not speak with this version is told from one that finds fault with the request', async (t) => {
  const detail = 'The request specified API version 0.8.4 but this server requires version 1.0.0 or higher.'
  const { client } = await clientOf(t, ({ url }, response) => void response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ detail: url === '/api/old' ? detail : 'no' })))
  await assert.rejects(client.call('GET', '/old'), { name: 'VersionSkewError', code: 'version-skew', status: 400, reason: detail })
  await assert.rejects(client.call('GET', '/x'), { name: 'ApiError', code: 'api-error', status: 400 })
})

test('an answer that is no JSON is a text only where that is asked for', async (t) => {
  const { client } = await clientOf(t, (_request, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('[1]'))
  assert.equal(await client.call('GET', '/x', undefined, { content: 'text' }), '[1]')
  assert.deepEqual(await client.call('GET', '/x', undefined, { content: 'unlabelled-json' }), [1])
  await assert.rejects(client.call('GET', '/x'), /text\/plain, not JSON/)
})
