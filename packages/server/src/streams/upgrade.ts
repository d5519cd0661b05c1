import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { isHostAllowed, isOriginAllowed, type HostRules } from '../access/origin.ts'
import type { ServerContext } from '../context.ts'
import { Connection, type Endpoint } from './connection.ts'

/** An endpoint by its path below the API mount; `match` gives the path's parameters. */
export interface EndpointRow {
  name: string
  match: RegExp
  create(connection: Connection, parameters: readonly string[]): Endpoint
  /** The reason with which every failed handshake is closed; a peer that offers no handshake is refused then. */
  handshakeFailure?: string
}

const subprotocol = 'prefect'

/**
 * Takes upgrades over. The 101 goes out at once: an HTTP refusal for a passing cause kills stock clients (fault catalogue,
 * fact 5), so only a wrong path, a foreign origin or a missing handshake where a password is set are refused with a status.
 */
export class UpgradeHandler {
  readonly #context: ServerContext
  readonly #hostRules: HostRules
  readonly #rows: readonly EndpointRow[]
  readonly #server: WebSocketServer
  readonly #connections = new Set<Connection>()
  #draining = false

  constructor(context: ServerContext, hostRules: HostRules, rows: readonly EndpointRow[]) {
    this.#context = context
    this.#hostRules = hostRules
    this.#rows = rows
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: context.limits.websocketMessageBytes,
      autoPong: false,
      perMessageDeflate: false,
      // Newer than the type declarations.
      ...{ closeTimeout: context.limits.closeTimeoutMs },
      clientTracking: false,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    })
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { settings, metrics } = this.#context
    socket.on('error', () => socket.destroy())
    const path = decodePath(request.url ?? '/')
    const base = settings.basePath
    const found = path.startsWith(`${base}/`) ? this.#find(path.slice(base.length)) : undefined
    const refuse = (why: string): void => {
      metrics.socketHandshakes.inc({ endpoint: found?.row.name ?? 'none', outcome: why })
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
    if (!found) return refuse('no-endpoint')
    if (!isHostAllowed(request.headers.host, this.#hostRules)) return refuse('foreign-host')
    if (!isOriginAllowed(request.headers.origin, request.headers.host, this.#hostRules)) return refuse('foreign-origin')
    const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    const handshake = offered.includes(subprotocol)
    const needsHandshake = settings.authString !== undefined || found.row.handshakeFailure !== undefined
    if (!handshake && needsHandshake) return refuse('no-handshake')
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#accept(ws, found.row, found.parameters, handshake))
  }

  get open(): number {
    return this.#connections.size
  }

  /** Closes all with 1012, which stock clients answer by coming back, and ends those that stay. */
  async close(): Promise<void> {
    this.#draining = true
    for (const connection of this.#connections) connection.close('shutdown')
    const deadlineMs = performance.now() + this.#context.limits.closeTimeoutMs / 2
    while (this.#connections.size > 0 && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 25))
    for (const connection of this.#connections) connection.terminate()
    this.#server.close()
  }

  #find(path: string): { row: EndpointRow; parameters: readonly string[] } | undefined {
    for (const row of this.#rows) {
      const match = row.match.exec(path)
      if (match) return { row, parameters: match.slice(1) }
    }
    return undefined
  }

  #accept(ws: WebSocket, row: EndpointRow, parameters: readonly string[], handshake: boolean): void {
    const { settings, limits, metrics } = this.#context
    if (this.#draining || this.#connections.size >= limits.websocketConnections) {
      // Before its first ping is answered: then a stock client tries again (fact 5).
      if (!this.#draining) metrics.limitReached.inc({ limit: 'websocketConnections' })
      ws.on('error', () => {})
      ws.close(this.#draining ? 1012 : 1013)
      setTimeout(() => ws.terminate(), limits.closeTimeoutMs).unref()
      return
    }
    const options = {
      endpoint: row.name,
      handshake,
      authString: settings.authString,
      handshakeFailure: row.handshakeFailure,
      pingEveryMs: settings.websocketPingSeconds * 1_000,
      pingAnswerMs: settings.websocketPingTimeoutSeconds * 1_000,
    }
    let made: Connection | undefined
    const connection = new Connection(ws, options, limits, metrics, (self) => {
      const endpoint = row.create(self, parameters)
      const closed = endpoint.closed.bind(endpoint)
      endpoint.closed = () => {
        if (made) this.#connections.delete(made)
        closed()
      }
      return endpoint
    })
    made = connection
    this.#connections.add(connection)
  }
}

function decodePath(url: string): string {
  const path = url.replace(/\?.*$/, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
