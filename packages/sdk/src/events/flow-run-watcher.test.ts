import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { WebSocketServer, type WebSocket } from 'ws'
import { systemClock } from '../clock.ts'
import { FlowRunWatcher, type WatcherOptions } from './flow-run-watcher.ts'

interface Peer {
  readonly url: string
  readonly sockets: Set<WebSocket>
  handshakes: number
  refuses: boolean
  tell(id: string, type: string): void
}

async function startPeer(t: TestContext): Promise<Peer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wss = new WebSocketServer({ noServer: true, handleProtocols: () => 'prefect' })
  const ready = new Set<WebSocket>()
  const peer: Peer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets: ready, handshakes: 0, refuses: false,
    tell: (id, type) => {
      for (const socket of ready) socket.send(JSON.stringify({ type: 'event', event: { resource: { 'prefect.resource.id': `prefect.flow-run.${id}`, 'prefect.state-type': type } } }))
    },
  }
  server.on('upgrade', (request, socket, head) => {
    peer.handshakes++
    if (peer.refuses) return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    wss.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.once('message', () => {
        webSocket.send('{"type":"auth_success"}')
        webSocket.once('message', () => ready.add(webSocket))
      })
      webSocket.once('close', () => ready.delete(webSocket))
    })
  })
  t.after(() => {
    for (const socket of wss.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return peer
}

function watcherFor(t: TestContext, peer: Peer, options: Partial<WatcherOptions> = {}): { watcher: FlowRunWatcher; warnings: string[] } {
  const warnings: string[] = []
  const settings = { apiUrl: peer.url, apiKey: undefined, authString: undefined, customHeaders: {} }
  const watcher = new FlowRunWatcher({ settings, clock: systemClock(), random: () => 0, lingerMs: 0, warn: (message) => warnings.push(message), ...options })
  t.after(() => watcher.close())
  return { watcher, warnings }
}

const until = async (check: () => boolean): Promise<void> => {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('three hundred waits share one stream, which ends with the last of them', async (t) => {
  const peer = await startPeer(t)
  const { watcher } = watcherFor(t, peer)
  const ids = Array.from({ length: 300 }, (_, index) => `run-${index}`)
  const waits = Promise.all(ids.map((id) => watcher.untilEnded(id, 60_000)))
  await until(() => peer.sockets.size === 1)
  for (const id of ids) peer.tell(id, 'RUNNING')
  for (const id of ids) peer.tell(id, 'COMPLETED')
  await waits
  await until(() => peer.sockets.size === 0)
  assert.equal(peer.handshakes, 1)
})

test('waits that follow each other share one stream', async (t) => {
  const peer = await startPeer(t)
  const { watcher } = watcherFor(t, peer, { lingerMs: 60_000 })
  for (const id of ['a', 'b', 'c']) {
    const wait = watcher.untilEnded(id, 60_000)
    await until(() => peer.sockets.size === 1)
    peer.tell(id, 'COMPLETED')
    assert.equal(await wait, true)
  }
  assert.equal(peer.handshakes, 1)
})

test('a wait that begins while the stream of the last one is closing gets a stream at once', { timeout: 20_000 }, async (t) => {
  const peer = await startPeer(t)
  const { watcher } = watcherFor(t, peer, { random: () => 1_000 }) // After a failure: minutes.
  for (let round = 0; round < 5; round++) {
    const wait = watcher.untilEnded('a', 60_000)
    await until(() => peer.sockets.size === 1)
    const [socket] = peer.sockets
    const closed = once(socket!, 'close')
    peer.tell('a', 'COMPLETED')
    socket!.pause() // The close frame is not answered yet.
    await wait
    await until(() => watcher.openStreams === 0)
    const next = watcher.untilEnded('b', 60_000)
    socket!.resume()
    await closed
    await until(() => peer.sockets.size === 1)
    peer.tell('b', 'COMPLETED')
    assert.equal(await next, true)
    await until(() => peer.sockets.size === 0)
  }
})

test('a stream that the server closes, cleanly or not, is opened again while somebody waits', async (t) => {
  const peer = await startPeer(t)
  const { watcher } = watcherFor(t, peer)
  const wait = watcher.untilEnded('a', 60_000)
  for (const code of [1000, 1001, 1012]) {
    await until(() => peer.sockets.size === 1)
    for (const socket of peer.sockets) socket.close(code)
    await until(() => peer.sockets.size === 0)
  }
  await until(() => peer.sockets.size === 1)
  peer.tell('a', 'FAILED')
  await wait
  assert.equal(peer.handshakes, 4)
})

test('where upgrades are refused a wait ends when its time is over, one line says so, and nobody dials again and again', async (t) => {
  const peer = await startPeer(t)
  peer.refuses = true
  const { watcher, warnings } = watcherFor(t, peer)
  for (let look = 0; look < 5; look++) await watcher.untilEnded('a', 50)
  assert.equal(warnings.length, 1)
  assert.equal(peer.handshakes, 1)
})

test('the signal ends a wait', async (t) => {
  const peer = await startPeer(t)
  const { watcher } = watcherFor(t, peer)
  const controller = new AbortController()
  const wait = watcher.untilEnded('a', 60_000, controller.signal)
  controller.abort()
  await wait
})
