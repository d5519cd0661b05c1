// Faults between the SDK's HTTP client and its server: D of the fault catalogue, each as the server's side makes it.
import assert from 'node:assert/strict'
import { execFileSync, fork } from 'node:child_process'
import dns from 'node:dns'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { before, test, type TestContext } from 'node:test'
import { ApiUnreachableError, flow, type ApiClient } from '../../packages/sdk/src/index.ts'
import { RestClient } from '../../packages/sdk/src/client/rest.ts'
import { eventually } from '../faults/eventually.ts'
import { atEnd } from './at-end.ts'
import { startProxy } from './proxy.ts'
import { sessionWith, startTarget } from './targets.ts'

const isFull = process.env['SPILLWAY_SOAK'] === '1'

function clientOf(t: TestContext, url: string, settings: { http2?: boolean; tlsCaFile?: string } = {}): RestClient {
  const client = new RestClient({ settings: { apiUrl: `${url}/api`, apiKey: undefined, authString: undefined, customHeaders: {}, ...settings } })
  t.after(() => client.close())
  return client
}

/** The route that tells whether there is CSRF protection: none. */
function isCsrf(request: { url?: string | undefined }, response: ServerResponse): boolean {
  if (!request.url?.includes('csrf-token')) return false
  response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
  return true
}

async function startHttp(t: TestContext, handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ url: string; server: Server }> {
  const server = createHttpServer((request, response) => isCsrf(request, response) || handler(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

const answer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'

test('a connection that is reset at the first byte of its second request costs no call that may be repeated (D01)', async (t) => {
  let connections = 0
  const server = createTcpServer((socket) => {
    connections++
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(answer)
      socket.once('data', () => socket.resetAndDestroy())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const client = clientOf(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  for (let call = 0; call < 6; call++) assert.deepEqual(await client.call('GET', '/x'), {})
  assert.ok(connections >= 6)
})

let certificates: { keyFile: string; certificateFile: string }

before(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spillway-tls-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  certificates = { keyFile: path.join(folder, 'key.pem'), certificateFile: path.join(folder, 'certificate.pem') }
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const files = ['-keyout', certificates.keyFile, '-out', certificates.certificateFile]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', ...files, ...names], { stdio: 'pipe' })
})

interface H2Peer {
  readonly url: string
  readonly port: number
  readonly sessions: Set<ServerHttp2Session>
  /** Versions of the requests that came. */
  readonly versions: Set<string>
}

/** A server that speaks HTTP/2 and HTTP/1.1 by TLS. */
async function startH2(t: TestContext): Promise<H2Peer> {
  const sessions = new Set<ServerHttp2Session>()
  const versions = new Set<string>()
  const server = createSecureServer({ allowHTTP1: true, key: readFileSync(certificates.keyFile), cert: readFileSync(certificates.certificateFile) })
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    versions.add(request.httpVersion)
    request.resume()
    response.on('error', () => {})
    setTimeout(() => {
      if (!response.stream?.destroyed) response.writeHead(request.url.includes('csrf') ? 404 : 200, { 'content-type': 'application/json' }).end('{}')
    }, 3)
  })
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => sessions.delete(session))
  })
  server.on('sessionError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}`, port, sessions, versions }
}

/** Eight callers until all sessions have met with trouble so often, each time after they were called; reads, and writes that carry a key. */
async function callThrough(client: RestClient, peer: H2Peer, times: number, everyMs: number, trouble: (session: ServerHttp2Session) => void): Promise<void> {
  let calls = 0
  let left = times
  const troubling = setInterval(() => {
    if (calls === 0 || peer.sessions.size === 0) return
    for (const session of peer.sessions) trouble(session)
    calls = 0
    left--
  }, everyMs)
  const caller = async (): Promise<void> => {
    for (; left > 0; calls++) await (calls % 2 === 0 ? client.call('GET', '/x') : client.call('POST', '/x', { key: calls }, { repeatable: true, patienceMs: 30_000 }))
  }
  try {
    await Promise.all(Array.from({ length: 8 }, caller))
  } finally {
    clearInterval(troubling)
  }
}

test('HTTP/2 is spoken on request only, and sessions that go away or are killed cost no call that may be repeated (D02)', { timeout: 120_000 }, async (t) => {
  const plain = await startH2(t)
  await clientOf(t, plain.url, { tlsCaFile: certificates.certificateFile }).call('GET', '/x')
  assert.deepEqual([...plain.versions], ['1.1'])
  const peer = await startH2(t)
  const client = clientOf(t, peer.url, { tlsCaFile: certificates.certificateFile, http2: true })
  await callThrough(client, peer, isFull ? 400 : 25, 50, (session) => !session.closed && !session.destroyed && session.close())
  await callThrough(client, peer, isFull ? 120 : 8, 170, (session) => session.destroy())
  assert.deepEqual([...peer.versions], ['2.0'])
})

test('a session of HTTP/2 that nothing comes through any more does not hold its calls (D03)', async (t) => {
  const peer = await startH2(t)
  const pairs: Socket[] = []
  const hole = createTcpServer((socket) => {
    const onward = connect(peer.port, '127.0.0.1')
    pairs.push(socket, onward)
    for (const one of [socket, onward]) one.on('error', () => {})
    socket.pipe(onward).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(hole, 'listening')
  t.after(() => {
    hole.close()
    for (const socket of pairs) socket.destroy()
  })
  const client = clientOf(t, `https://127.0.0.1:${(hole.address() as AddressInfo).port}`, { tlsCaFile: certificates.certificateFile, http2: true })
  await client.call('GET', '/x')
  const held = pairs.slice()
  for (const socket of held) socket.unpipe()
  const startMs = performance.now()
  await Promise.all(Array.from({ length: 50 }, () => client.call('GET', '/x', undefined, { patienceMs: 60_000 })))
  assert.ok(performance.now() - startMs < 25_000)
})

test('a certificate that nobody vouches for is an error that says so, and the file of the setting makes it good (B09)', async (t) => {
  const peer = await startH2(t)
  await assert.rejects(clientOf(t, peer.url).call('GET', '/x', undefined, { patienceMs: 0 }), (error: Error) => error instanceof ApiUnreachableError && /self.signed certificate/.test(error.message))
  assert.deepEqual(await clientOf(t, peer.url, { tlsCaFile: certificates.certificateFile }).call('GET', '/x'), {})
  assert.throws(() => clientOf(t, peer.url, { tlsCaFile: '/nowhere.pem' }), /PREFECT_API_SSL_CERT_FILE cannot be read/)
})

/** A listener whose queue is full, in a process that is stopped. @returns its port. */
async function startDeaf(t: TestContext, host: string, port = 0): Promise<number> {
  const child = fork('-', [], {
    execArgv: ['--eval', `const server = require('node:net').createServer().listen({ port: ${port}, host: '${host}', backlog: 1 }, () => process.send(server.address().port))`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [listening] = (await once(child, 'message')) as [number]
  child.kill('SIGSTOP')
  const fillers = Array.from({ length: 6 }, () => connect(listening, host).on('error', () => {}))
  t.after(() => fillers.forEach((socket) => socket.destroy()))
  // As many as its queue holds; the others are not answered.
  await eventually(() => fillers.filter(({ readyState }) => readyState === 'open').length >= 2, 'the queue to be full')
  return listening
}

test('a listener that accepts nobody costs five seconds a try, and the caller one error (D04)', async (t) => {
  const port = await startDeaf(t, '127.0.0.1')
  const startMs = performance.now()
  await assert.rejects(clientOf(t, `http://127.0.0.1:${port}`).call('GET', '/x', undefined, { patienceMs: 1 }), ApiUnreachableError)
  const tookMs = performance.now() - startMs
  assert.ok(tookMs > 3000 && tookMs < 15_000, `${tookMs} ms`)
})

test('answers that are lost on the way make no second run and no second transition (D05)', async (t) => {
  const rounds = isFull ? 500 : 5
  const target = await startTarget('Spillway')
  const cut = new Map<string, number>()
  const proxy = await startProxy(target.apiUrl, {
    // The first answer to each of these is lost, whatever it was about.
    lets: (request) => {
      const kind = request.url!.endsWith('set_state') ? 'set_state' : request.method === 'POST' && request.url!.endsWith('flow_runs/') ? 'create' : undefined
      if (kind === undefined) return true
      const count = (cut.get(kind) ?? 0) + 1
      cut.set(kind, count)
      return count % 2 === 0
    },
  }, t)
  const own = sessionWith(proxy.apiUrl)
  const direct = sessionWith(target.apiUrl).session.remote!.client
  const main = flow({ name: 'cut-off' }, () => 1)
  for (let round = 0; round < rounds; round++) assert.equal((await main.run({}, { session: own.session })).state.name, 'Completed')
  const runs = await allRuns(direct, 'cut-off')
  assert.equal(runs.length, rounds)
  assert.ok(runs.every((run) => run.state_name === 'Completed' && run.run_count === 1))
  for (const { id } of runs.slice(0, 10)) {
    const states = await direct.call<{ type: string }[]>('GET', `/flow_run_states/?flow_run_id=${id}`)
    assert.deepEqual(states.map(({ type }) => type).toSorted(), ['COMPLETED', 'PENDING', 'RUNNING'])
  }
})

async function allRuns(client: ApiClient, flowName: string): Promise<{ id: string; state_name: string | null; run_count: number }[]> {
  const runs: { id: string; state_name: string | null; run_count: number }[] = []
  for (let offset = 0; ; offset += 200) {
    const page = await client.filterFlowRuns({ flows: { name: { any_: [flowName] } }, offset, limit: 200 })
    runs.push(...page)
    if (page.length < 200) return runs
  }
}

test('hundreds of clients that are told to come back later come later, and spread (D06)', async (t) => {
  const clients = isFull ? 500 : 150
  const returnedMs: number[] = []
  const tries = new Map<string, number>()
  let told = 0
  const { url } = await startHttp(t, (request, response) => {
    const id = request.url!
    tries.set(id, (tries.get(id) ?? 0) + 1)
    if (tries.get(id) === 1) {
      told ||= performance.now()
      return void response.writeHead(503, { 'retry-after': '1' }).end()
    }
    returnedMs.push(performance.now())
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await Promise.all(Array.from({ length: clients }, (_, id) => clientOf(t, url).call('GET', `/${id}`)))
  assert.equal(returnedMs.length, clients)
  assert.ok(Math.min(...returnedMs) - told >= 1000, 'somebody came too early')
  assert.ok(Math.max(...returnedMs) - Math.min(...returnedMs) >= 1500, 'they came all at once')
  assert.ok([...tries.values()].every((count) => count === 2))
})

test('an answer that stalls in its body ends in time, and its connection is not used again (D07)', async (t) => {
  const ports = new Set<number | undefined>()
  let stalls = false
  const { url } = await startHttp(t, (request, response) => {
    ports.add(request.socket.remotePort)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '20' })
    if (stalls) response.write('{"half":')
    else response.end('{"whole":1}'.padEnd(20))
  })
  const client = clientOf(t, url)
  // All that a first call takes is done before the one whose time is short.
  await client.call('GET', '/x')
  stalls = true
  await assert.rejects(client.call('GET', '/x', undefined, { timeoutMs: 300, patienceMs: 0 }), /no answer within 0.3 s/)
  stalls = false
  assert.deepEqual(await client.call('GET', '/x'), { whole: 1 })
  assert.equal(ports.size, 2)
})

test('a thousand refusals whose bodies nobody wants do not use the connections up (D08)', async (t) => {
  let calls = 0
  const { url } = await startHttp(t, (_request, response) => {
    calls++
    response.writeHead(calls <= 1000 ? 404 : 200, { 'content-type': 'application/json' }).end(calls <= 1000 ? JSON.stringify({ detail: 'x'.repeat(5000) }) : '{"fine":true}')
  })
  const client = clientOf(t, url)
  await Promise.all(Array.from({ length: 1000 }, () => assert.rejects(client.call('GET', '/x'), /404/)))
  assert.deepEqual(await client.call('GET', '/x'), { fine: true })
})

test('an answer that is cut, or came from a proxy, is an error that tells what came (D09)', async (t) => {
  let kind = ''
  const { url } = await startHttp(t, (_request, response) => {
    if (kind === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"a":1')
      setTimeout(() => response.destroy(), 20)
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>')
    }
  })
  const client = clientOf(t, url)
  kind = 'cut'
  await assert.rejects(client.call('GET', '/x', undefined, { patienceMs: 0 }), ApiUnreachableError)
  kind = 'html'
  await assert.rejects(client.call('GET', '/x'), /text\/html, not JSON; is a proxy in the way\?.*answered 200.*Please log in/)
})

test('a name with several addresses, of which the first leads nowhere, is reached at the other (D10)', async (t) => {
  const { server } = await startHttp(t, (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  const { port } = server.address() as AddressInfo
  await startDeaf(t, '127.0.0.9', port)
  const addresses = ['127.0.0.9', '127.0.0.1'].map((address) => ({ address, family: 4 }))
  t.mock.method(dns, 'lookup', (_name: string, _options: object, answered: (error: null, found: object[]) => void) => answered(null, addresses))
  const startMs = performance.now()
  assert.deepEqual(await clientOf(t, `http://flows.example:${port}`).call('GET', '/x'), {})
  assert.ok(performance.now() - startMs < 5000)
})
