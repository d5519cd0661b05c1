import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'node:test'
import { WebSocket } from 'ws'
import { startServerProcess, temporaryFolder, type ServerProcess } from './server-process.ts'

/** Sends SIGTERM and waits until the server says that it stops. */
async function beginDrain(server: ServerProcess): Promise<void> {
  server.child.kill('SIGTERM')
  while (!server.stdout().includes('Stopping')) await once(server.child.stdout!, 'data')
}

/** Dials until the listener is closed. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
    } catch {
      return
    } finally {
      socket.destroy()
    }
  }
}

test('a peer in the middle of its handshake is let in before it is told to come back', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/events/out`, 'prefect')
  t.after(() => socket.terminate())
  await once(socket, 'open')
  // As stock clients do: after the answer to this ping they take any close before auth_success as a failed authentication.
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  await beginDrain(server)
  socket.send('{"type":"auth","token":null}')
  const [code] = await closed
  assert.deepEqual({ code, messages }, { code: 1012, messages: ['{"type":"auth_success"}'] })
  assert.deepEqual(await server.ended, { code: 0, signal: null })
})

test('an upgrade on a connection from before the drain is answered 101 and closed with 1012, never 503', async (t) => {
  const server = await startServerProcess(t, { SPILLWAY_HOME: temporaryFolder(t) })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  await (await fetch(`${server.url}/api/health`)).arrayBuffer() // So it has been taken.
  await beginDrain(server)
  await untilRefused(Number(new URL(server.url).port))
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const lines = ['GET /api/events/out HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  socket.write([...lines, 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: prefect', '', ''].join('\r\n'))
  const over = once(socket, 'close')
  while (!Buffer.concat(chunks).includes('shutdown') && !socket.closed) await Promise.race([once(socket, 'data'), over])
  const answer = Buffer.concat(chunks)
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 101 /)
  assert.equal(answer.readUInt16BE(answer.indexOf('shutdown') - 2), 1012)
})
