import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'

/**
 * `/api/events/in` with the handshake of stock clients. A ping is answered when what came before it is committed.
 *
 * @param addEvents Takes the JSON text of an array of events; resolves after the commit.
 */
export function ingestUpgrade(addEvents: (json: string) => Promise<unknown>) {
  const sockets = new WebSocketServer({ noServer: true, autoPong: false, handleProtocols: () => 'prefect' })
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    sockets.handleUpgrade(request, socket, head, (peer) => ingest(peer, addEvents))
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
