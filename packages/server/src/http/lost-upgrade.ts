import type { IncomingMessage } from 'node:http'
import { httpError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'

/** The paths below the API's mount that are websockets, with their names in the metrics. */
const websocketPaths: readonly [name: string, path: RegExp][] = [
  ['events-in', /^\/events\/in\/?$/],
  ['events-out', /^\/events\/out\/?$/],
  ['logs-out', /^\/logs\/out\/?$/],
  ['task-subscriptions', /^\/task_runs\/subscriptions\/scheduled\/?$/],
  ['worker-channel', /^\/work_pools\/[^/]+\/workers\/connect\/?$/],
]

/**
 * Which requests leave HTTP. Another `Upgrade` than to a websocket (`h2c`) is answered as if it were not there, as is the
 * right of a server; and HTTP/1.0 has no upgrades: a proxy that speaks it would not pass the frames.
 */
export function asksForWebsocket({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion !== '1.0' && /(?:^|[\s,])websocket(?:$|[\s,])/i.test(headers.upgrade ?? '')
}

/** Tells people whose proxy takes the upgrade out of websocket requests: in the answer, in the metrics, and once in the log. */
export class LostUpgrades {
  readonly #metrics: Metrics
  readonly #log: Logger
  readonly #logged = new Set<string>()

  constructor(metrics: Metrics, log: Logger) {
    this.#metrics = metrics
    this.#log = log
  }

  /** @throws 426 when the path, without the API's mount, is one of a websocket. */
  check(request: IncomingMessage, path: string): void {
    const endpoint = websocketPaths.find(([, expression]) => expression.test(path))?.[0]
    if (endpoint === undefined) return
    this.#metrics.streams.handshakes.inc({ endpoint, outcome: 'no-upgrade' })
    const old = request.httpVersion === '1.0'
    const what = old ? 'speaks HTTP/1.0 to the server' : 'drops the Upgrade and Connection headers'
    this.#warnOnce(`plain GET on a websocket path: the proxy in front of this server ${what}; see docs/proxies.md`, {
      endpoint,
      httpVersion: request.httpVersion,
      userAgent: request.headers['user-agent'],
    })
    throw httpError(
      426,
      `This path is a websocket, and the request that arrived asks for no upgrade. If the client asked for one, a proxy on the way ${what}. ` +
        'It has to pass both headers on, with HTTP/1.1.',
      { upgrade: 'websocket', connection: 'Upgrade, close' },
    )
  }

  /** A peer has opened its connection with the preface of HTTP/2. */
  noteHttp2(): void {
    this.#warnOnce('a peer speaks HTTP/2 to this server, which speaks HTTP/1.1: a proxy in front of it has to, too; see docs/proxies.md', {})
  }

  #warnOnce(message: string, about: object): void {
    if (this.#logged.has(message)) return
    this.#logged.add(message)
    this.#log.warn(about, message)
  }
}
