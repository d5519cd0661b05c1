/** Signals that come twice, and those that must not end the server (I04). */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'

for (const [first, second] of [['SIGTERM', 'SIGTERM'], ['SIGTERM', 'SIGINT'], ['SIGINT', 'SIGTERM']] as const) {
  test(`${second} after ${first} ends the server at once, whatever is under way`, async (t) => {
    const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
    const stuck = connect(Number(new URL(server.url).port), '127.0.0.1')
    stuck.on('error', () => {})
    t.after(() => stuck.destroy())
    await once(stuck, 'connect')
    stuck.write('POST /api/flows/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"name": ')
    await (await fetch(`${server.url}/api/health`)).text()
    server.child.kill(first)
    while (!server.stdout().includes('Stopping')) await once(server.child.stdout!, 'data')
    const startedMs = performance.now()
    server.child.kill(second)
    const { code } = await server.ended
    assert.equal(code, 130)
    assert.ok(performance.now() - startedMs < 1_500)
  })
}

test('SIGHUP and SIGPIPE, again and again, do not end the server', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  for (let i = 0; i < 20; i += 1) {
    server.child.kill('SIGHUP')
    server.child.kill('SIGPIPE')
    assert.equal((await fetch(`${server.url}/api/health`)).status, 200)
  }
  server.child.kill('SIGTERM')
  assert.equal((await server.ended).code, 0)
})
