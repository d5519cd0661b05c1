import type { IncomingMessage, Server } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'

/**
 * `/api/events/in` with the handshake of stock clients. A ping is answered when what came before it is committed.
 *
 * @param addEvents Takes the JSON text of an array of events; resolves after the commit.
 */
export function serveIngest(server: Server, addEvents: (json: string) => Promise<unknown>): void {
  const sockets = new WebSocketServer({ noServer: true, autoPong: false, handleProtocols: () => 'prefect' })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (request.url !== '/api/events/in') return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (peer) => ingest(peer, addEvents))
  })
}

function ingest(peer: WebSocket, addEvents: (json: string) => Promise<unknown>): void {
  let greeted = false
  let waiting: string[] = []
  let stored: Promise<unknown> = Promise.resolve()
  const flush = () => {
    if (waiting.length === 0) return
    const json = `[${waiting.join()}]`
    waiting = []
    stored = Promise.all([stored, addEvents(json)])
  }
  peer.on('error', () => {})
  peer.on('message', (data) => {
    if (greeted) {
      if (waiting.push(String(data)) === 1) setImmediate(flush)
      return
    }
    greeted = true
    peer.send('{"type":"auth_success"}')
  })
  peer.on('ping', async (data) => {
    flush()
    await stored
    peer.pong(data)
  })
}
