import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { WebSocketServer, type WebSocket } from 'ws'
import { systemClock } from '../clock.ts'
import { sdkLimits } from '../limits.ts'
import { EventEmitter } from './emitter.ts'

interface Peer {
  readonly url: string
  readonly received: string[]
  readonly posted: string[]
  readonly sockets: Set<WebSocket>
  handshakes: number
  /** How an upgrade is answered: as a websocket, or with this status. */
  refuseWith: number | undefined
  /** Whether pings are answered. */
  answersPings: boolean
  acceptsPosts: boolean
}

/** A server for events that the test steers. */
async function startPeer(t: TestContext, port = 0): Promise<Peer> {
  const server: Server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<WebSocket>()
  const peer: Peer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: [], posted: [], sockets,
    handshakes: 0, refuseWith: undefined, answersPings: true, acceptsPosts: true,
  }
  const wss = new WebSocketServer({ noServer: true, autoPong: false, handleProtocols: () => 'prefect' })
  server.on('upgrade', (request, socket, head) => {
    peer.handshakes++
    if (peer.refuseWith !== undefined) return socket.end(`HTTP/1.1 ${peer.refuseWith} No\r\ncontent-length: 0\r\n\r\n`)
    wss.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.add(webSocket)
      webSocket.once('close', () => sockets.delete(webSocket))
      webSocket.on('ping', (data) => peer.answersPings && webSocket.pong(data))
      webSocket.once('message', () => {
        webSocket.send('{"type":"auth_success"}')
        webSocket.on('message', (message: Buffer) => peer.received.push((JSON.parse(message.toString()) as { id: string }).id))
      })
    })
  })
  t.after(() => {
    for (const socket of sockets) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return peer
}

function emitterFor(t: TestContext, peer: Peer): { emitter: EventEmitter; warnings: string[] } {
  const warnings: string[] = []
  const client = {
    createEvents: async (events: string): Promise<void> => {
      if (!peer.acceptsPosts) throw new Error('no')
      peer.posted.push(...(JSON.parse(events) as { id: string }[]).map(({ id }) => id))
    },
  }
  const settings = { apiUrl: peer.url, apiKey: undefined, authString: undefined, customHeaders: {} }
  const emitter = new EventEmitter({ settings, client, clock: systemClock(), warn: (message) => warnings.push(message), random: () => 0, env: {} })
  t.after(() => emitter.close())
  return { emitter, warnings }
}

const ids = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => String(from + index))

test('events arrive in order over one connection, and are confirmed', async (t) => {
  const peer = await startPeer(t)
  const { emitter, warnings } = emitterFor(t, peer)
  for (const id of ids(0, 3000)) void emitter.emit({ id }, true)
  assert.equal(await emitter.flush(10_000), 0)
  assert.deepEqual(peer.received, ids(0, 3000))
  assert.equal(peer.handshakes, 1)
  assert.deepEqual(warnings, [])
})

test('what no pong has confirmed is sent again over the next connection', async (t) => {
  const peer = await startPeer(t)
  const { emitter } = emitterFor(t, peer)
  peer.answersPings = false
  for (const id of ids(0, 50)) void emitter.emit({ id }, true)
  while (peer.received.length < 50) await new Promise(setImmediate)
  assert.equal(emitter.pending, 50)
  peer.answersPings = true
  for (const socket of peer.sockets) socket.terminate()
  assert.equal(await emitter.flush(10_000), 0)
  assert.deepEqual(peer.received, [...ids(0, 50), ...ids(0, 50)])
})

test('a server that says it restarts gets what was not confirmed, without another event', async (t) => {
  const peer = await startPeer(t)
  const { emitter } = emitterFor(t, peer)
  peer.answersPings = false
  void emitter.emit({ id: 'a' }, true)
  while (peer.received.length < 1) await new Promise(setImmediate)
  peer.answersPings = true
  for (const socket of peer.sockets) socket.close(1012, 'restarting')
  assert.equal(await emitter.flush(10_000), 0)
  assert.deepEqual(peer.received, ['a', 'a'])
})

test('where upgrades are refused events go by HTTP, and one line says so', async (t) => {
  const peer = await startPeer(t)
  const { emitter, warnings } = emitterFor(t, peer)
  peer.refuseWith = 403
  for (const id of ids(0, 500)) void emitter.emit({ id }, true)
  assert.equal(await emitter.flush(10_000), 0)
  for (const id of ids(500, 600)) void emitter.emit({ id }, true)
  assert.equal(await emitter.flush(10_000), 0)
  assert.deepEqual(peer.posted, ids(0, 600))
  assert.equal(emitter.mode, 'http')
  assert.equal(peer.handshakes, 1)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, /blocked.*403.*by HTTP/)
})

test('a server that is away for a while is tried again with rising delays, and nothing is lost', async (t) => {
  const peer = await startPeer(t)
  const { emitter, warnings } = emitterFor(t, peer)
  peer.refuseWith = 503
  peer.acceptsPosts = false
  for (const id of ids(0, 10)) void emitter.emit({ id }, true)
  while (peer.handshakes < 3) await new Promise((resolve) => setTimeout(resolve, 10))
  peer.refuseWith = undefined
  assert.equal(await emitter.flush(20_000), 0)
  assert.deepEqual(peer.received, ids(0, 10))
  assert.equal(warnings.length, 2)
  assert.match(warnings[0]!, /cannot be opened/)
  assert.match(warnings[1]!, /open again/)
})

test('flush does not wait longer than it is told, and counts what is left', async (t) => {
  const peer = await startPeer(t)
  const { emitter } = emitterFor(t, peer)
  peer.answersPings = false
  void emitter.emit({ id: 'a' }, true)
  assert.equal(await emitter.flush(100), 1)
})

/** Turns of the event loop until something holds: timers do not go by themselves in the tests that move them. */
async function turnsUntil(check: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 200_000; turn++) {
    if (check()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.fail(`waited in vain for ${what}`)
}

test('an idle connection whose server has gone silent is noticed within forty seconds, and what came meanwhile is sent again (B10)', async (t) => {
  const peer = await startPeer(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { emitter } = emitterFor(t, peer)
  void emitter.emit({ id: '0' }, true)
  await turnsUntil(() => peer.received.length === 1, 'the first event')
  t.mock.timers.tick(50)
  await turnsUntil(() => emitter.pending === 0, 'its confirmation')
  // Idle, and silent from now on.
  peer.answersPings = false
  t.mock.timers.tick(20_000)
  void emitter.emit({ id: '1' }, true)
  t.mock.timers.tick(sdkLimits.pongTimeoutMs - 1)
  assert.equal(peer.handshakes, 1)
  t.mock.timers.tick(1)
  await turnsUntil(() => peer.sockets.size === 0, 'the connection to be given up')
  peer.answersPings = true
  await turnsUntil(() => (t.mock.timers.tick(100), peer.handshakes === 2), 'another connection')
  await turnsUntil(() => (t.mock.timers.tick(50), emitter.pending === 0), 'the event to be confirmed')
  assert.deepEqual(new Set(peer.received), new Set(['0', '1']))
})
