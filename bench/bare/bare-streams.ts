import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'

/**
 * `/api/events/out` as anybody would write it with `ws`: the handshake of stock clients, a list of event-name prefixes for each
 * subscriber, and one `send` for each of them that wants an event. No index, no queue, no bound, no ping, no backfill.
 */
export class BareStreams {
  readonly #server = new WebSocketServer({ noServer: true, handleProtocols: () => 'prefect' })
  readonly #prefixes = new Map<WebSocket, readonly string[]>()

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (peer) => this.#serve(peer))
  }

  /** @param events JSON text of an array of events. Parsed and encoded once for all subscribers. */
  publish(events: string): void {
    if (this.#prefixes.size === 0) return
    const received = new Date().toISOString()
    for (const event of JSON.parse(events) as { event: string }[]) {
      const frame = Buffer.from(JSON.stringify({ type: 'event', event: { ...event, received } }))
      for (const [peer, prefixes] of this.#prefixes) {
        if (prefixes.some((prefix) => event.event.startsWith(prefix))) peer.send(frame, { binary: false })
      }
    }
  }

  #serve(peer: WebSocket): void {
    let greeted = false
    peer.on('error', () => {})
    peer.on('message', (data) => {
      if (greeted) {
        this.#prefixes.set(peer, JSON.parse(String(data)).filter.event.prefix)
        return
      }
      greeted = true
      peer.send('{"type":"auth_success"}')
    })
    peer.on('close', () => this.#prefixes.delete(peer))
  }
}
