import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { hasSeveralHosts, isHostAllowed, isOriginAllowed, type HostRules } from '../access/origin.ts'
import type { ServerContext } from '../context.ts'
import { Connection, type Endpoint } from './connection.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { TurnQueue } from './turn-queue.ts'
import { WebSocketTransport } from './ws-transport.ts'

/** An endpoint by its path below the API mount; `match` gives the path's parameters. */
export interface EndpointRow {
  name: string
  match: RegExp
  create(connection: Connection, parameters: readonly string[]): Endpoint
  /** The reason with which every failed handshake is closed; a peer that offers no handshake is refused then. */
  handshakeFailure?: string
}

type UpgradeContext = Pick<ServerContext, 'settings' | 'limits' | 'metrics'>

const subprotocol = 'prefect'

/**
 * Takes upgrades over. The 101 goes out at once: an HTTP refusal for a passing cause kills stock clients (fault catalogue,
 * fact 5), so only a wrong path, a foreign origin or a missing handshake where a password is set are refused with a status.
 */
export class UpgradeHandler {
  readonly #context: UpgradeContext
  readonly #hostRules: HostRules
  readonly #rows: readonly EndpointRow[]
  readonly #pool: ConnectionPool
  readonly #server: WebSocketServer
  readonly #turns: TurnQueue
  readonly #endings: TurnQueue
  readonly #lingering = new Set<WebSocket>()

  constructor(context: UpgradeContext, hostRules: HostRules, rows: readonly EndpointRow[], pool: ConnectionPool) {
    const { limits } = context
    this.#context = context
    this.#hostRules = hostRules
    this.#rows = rows
    this.#pool = pool
    this.#turns = new TurnQueue(limits.upgradesPerTurn, { soon: setImmediate })
    this.#endings = new TurnQueue(limits.endingsPerTurn, { soon: setImmediate })
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.websocketMessageBytes,
      autoPong: false,
      perMessageDeflate: false,
      // Newer than the type declarations. The sweep comes first, even late: the timer of `ws` ends with a FIN, behind which the kernel keeps
      // what a peer does not read.
      ...{ closeTimeout: 2 * limits.closeTimeoutMs + 10_000, maxFragments: limits.messageFragments, maxBufferedChunks: limits.messageChunks },
      clientTracking: false,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    })
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { settings, metrics } = this.#context
    // Before anything else: a reset in this turn would have no listener yet, and end the process (catalogue, A08).
    socket.on('error', () => socket.destroy())
    const path = decodePath(request.url ?? '/')
    const base = settings.basePath
    const found = path.startsWith(`${base}/`) ? this.#find(path.slice(base.length)) : undefined
    const refuse = (why: string): void => {
      metrics.streams.handshakes.inc({ endpoint: found?.row.name ?? 'none', outcome: why })
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
    }
    if (!found) return refuse('no-endpoint')
    if (hasSeveralHosts(request.rawHeaders) || !isHostAllowed(request.headers.host, this.#hostRules)) return refuse('foreign-host')
    if (!isOriginAllowed(request.headers.origin, request.headers.host, this.#hostRules)) return refuse('foreign-origin')
    const offered = String(request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    const handshake = offered.includes(subprotocol)
    const needsHandshake = settings.authString !== undefined || found.row.handshakeFailure !== undefined
    if (!handshake && needsHandshake) return refuse('no-handshake')
    // Nothing is read from the socket until then; one that has ended meanwhile is destroyed.
    this.#turns.add(() => this.#server.handleUpgrade(request, socket, head, (ws) => this.#accept(ws, found.row, found.parameters, handshake)))
  }

  /** Resolves when all that have asked for an upgrade so far have their answer. */
  taken(): Promise<void> {
    return this.#turns.done()
  }

  /**
   * Ends the refused ones; the connections themselves are the pool's. Upgrades on connections that were there before the listener
   * closed still come: closing the websocket server would answer them 503.
   */
  close(): void {
    for (const ws of this.#lingering) ws.terminate()
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
    if (this.#pool.isDraining) return this.#refuse(ws, row, 1012)
    if (this.#pool.websockets >= limits.websocketConnections) {
      metrics.limitReached.inc({ limit: 'websocketConnections' })
      return this.#refuse(ws, row, 1013)
    }
    const options = {
      endpoint: row.name,
      handshake,
      authString: settings.authString,
      handshakeFailure: row.handshakeFailure,
      pingEveryMs: settings.websocketPingSeconds * 1_000,
      pingAnswerMs: settings.websocketPingTimeoutSeconds * 1_000,
    }
    const transport = new WebSocketTransport(ws, this.#endings)
    const connection = this.#pool.add(transport, options, 'websocket', (self) => row.create(self, parameters))
    transport.listen(connection)
    connection.begin()
  }

  /**
   * Closes a peer before its first ping is answered: a stock client tries again then. It is told after a while, for stock clients
   * come back at once the first three times.
   */
  #refuse(ws: WebSocket, row: EndpointRow, code: number): void {
    const { limits, metrics } = this.#context
    metrics.streams.handshakes.inc({ endpoint: row.name, outcome: code === 1012 ? 'draining' : 'full' })
    ws.on('error', () => {})
    ws.on('message', () => {})
    const end = (): void => {
      ws.close(code, code === 1012 ? 'shutdown' : 'too-many-connections')
      setTimeout(() => ws.terminate(), limits.closeTimeoutMs).unref()
    }
    if (code === 1012 || this.#lingering.size >= limits.lingeringRefusals) {
      if (code !== 1012) metrics.limitReached.inc({ limit: 'lingeringRefusals' })
      return end()
    }
    this.#lingering.add(ws)
    ws.once('close', () => this.#lingering.delete(ws))
    setTimeout(end, limits.refusalDelayMs * (0.5 + Math.random() / 2)).unref()
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
