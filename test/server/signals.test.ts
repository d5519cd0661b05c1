import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startServerProcess, temporaryFolder } from './server-process.ts'

/** Within seconds, as a person waits; a server that is stuck would take its hard limit of ten. */
const endsWithinMs = 9_000

async function endTimed(server: Awaited<ReturnType<typeof startServerProcess>>, signal: NodeJS.Signals) {
  const startedMs = performance.now()
  server.child.kill(signal)
  return { ...(await server.ended), tookMs: performance.now() - startedMs }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends the server with exit code 0 within seconds`, async (t) => {
    const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
    const { code, tookMs } = await endTimed(server, signal)
    assert.equal(code, 0)
    assert.ok(tookMs < 3_000, `took ${tookMs} ms`)
    assert.match(server.stdout(), /Stopping/)
    assert.equal(server.stderr(), '')
  })
}

test('Ctrl-C tells open websockets to come back (1012) and does not wait for those that are silent', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const polite = new WebSocket(`${server.url.replace('http', 'ws')}/api/events/out`, 'prefect')
  await once(polite, 'open')
  polite.send('{"type":"auth","token":null}')
  await once(polite, 'message')
  const silent = connect(Number(new URL(server.url).port), '127.0.0.1')
  t.after(() => silent.destroy())
  silent.write(
    `GET /api/events/in HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  )
  await once(silent, 'data')
  silent.pause()
  const closed = once(polite, 'close')
  const { code, tookMs } = await endTimed(server, 'SIGINT')
  assert.equal(code, 0)
  assert.equal((await closed)[0], 1012)
  assert.ok(tookMs < endsWithinMs, `took ${tookMs} ms`)
})

test('Ctrl-C does not wait for kept-alive connections, half-sent requests and readers that do not read', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const port = Number(new URL(server.url).port)
  await (await fetch(`${server.url}/api/health`)).text() // Stays open in fetch's pool.
  const idle = connect(port, '127.0.0.1')
  const halfHead = connect(port, '127.0.0.1')
  const halfBody = connect(port, '127.0.0.1')
  for (const socket of [idle, halfHead, halfBody]) {
    socket.on('error', () => {})
    t.after(() => socket.destroy())
    await once(socket, 'connect')
  }
  halfHead.write('POST /api/flows/ HTTP/1.1\r\nHost: localh')
  halfBody.write('POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"name": ')
  const { code, tookMs } = await endTimed(server, 'SIGINT')
  assert.equal(code, 0)
  assert.ok(tookMs < endsWithinMs + 1_500, `took ${tookMs} ms`)
})

test('a second Ctrl-C ends the server at once', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t), SPILLWAY_LIMITS: 'drainMs=60000' })
  const stuck = connect(Number(new URL(server.url).port), '127.0.0.1')
  stuck.on('error', () => {})
  t.after(() => stuck.destroy())
  await once(stuck, 'connect')
  stuck.write('POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"name": ')
  // The request is under way for sure when a later one on another connection has been answered.
  await fetch(`${server.url}/api/health`)
  server.child.kill('SIGINT')
  while (!server.stdout().includes('Stopping')) await once(server.child.stdout!, 'data')
  const { code, tookMs } = await endTimed(server, 'SIGINT')
  assert.equal(code, 130)
  assert.ok(tookMs < 10_000, `took ${tookMs} ms of the minute that the request would have had`)
})

test('a closed terminal (SIGHUP) and closed outputs do not end the server', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_LOGGING_LEVEL: 'DEBUG' })
  server.child.kill('SIGHUP')
  server.child.stdout?.destroy()
  server.child.stderr?.destroy()
  for (let i = 0; i < 5; i += 1) {
    const refused = await fetch(`${server.url}/api/flows/`, { method: 'POST', body: '{"name": 1, "unheard_of": 2}' })
    assert.equal(refused.status, 422)
  }
  assert.equal((await fetch(`${server.url}/api/health`)).status, 200)
  assert.equal((await endTimed(server, 'SIGINT')).code, 0)
})

test('a request that is under way is answered before the server ends', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const port = Number(new URL(server.url).port)
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk))
  await once(socket, 'connect')
  socket.write('POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n{"name": ')
  await fetch(`${server.url}/api/health`)
  server.child.kill('SIGINT')
  while (!server.stdout().includes('Stopping')) await once(server.child.stdout!, 'data')
  socket.write('"late"}')
  const { code } = await server.ended
  assert.equal(code, 0)
  assert.match(answer, /^HTTP\/1\.1 201 Created/)
  assert.match(answer, /"name":"late"/)
})
