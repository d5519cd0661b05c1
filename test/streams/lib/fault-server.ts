import type { Percentiles } from '../../../bench/lib/samples.ts'
import { freePort } from '../../server/free-port.ts'
import { startServerProcess, temporaryFolder, type ProcessLimits, type ServerProcess } from '../../server/server-process.ts'
import { observedTurns, turnTimes } from './turn-times.ts'

/** Full durations, as in production, rather than shortened ones. */
export const soak = process.env['SPILLWAY_SOAK'] === '1'

/** How long a fault takes: less in `npm test` than in `npm run test:soak`. */
export function durations<T>(short: T, full: T): T {
  return soak ? full : short
}

export interface FaultServer extends ServerProcess {
  /** Where its health is to be probed. */
  readonly healthUrl: string
  /** What the turns of its event loop cost since the last call, in milliseconds of processor time. */
  turnTimes(): Promise<Percentiles>
}

export interface FaultServerOptions {
  /** Between pings of the server. Default: 2, or 20 in a soak run. */
  pingSeconds?: number
  /** For the answer to one. Default: 3, or 20. */
  pongSeconds?: number
  /** Bounds of limits.ts that are not at their default. */
  limits?: Readonly<Record<string, number>>
  env?: Readonly<Record<string, string>>
  processLimits?: ProcessLimits
  /** Options of Node. */
  nodeOptions?: string
  /**
   * Many dial at once: its health is then probed on a listener of its own. On the other one a new connection stands in line behind all of
   * them, which is fault A11.
   */
  crowded?: boolean
}

/** The longest that a closing state may take, in a soak run the default. */
export const closeTimeoutMs = durations(1_000, 5_000)

/** Starts a server process on an empty database for one fault, with its time limits shortened by settings. */
export async function startFaultServer(t: { after(work: () => unknown): void }, options: FaultServerOptions = {}): Promise<FaultServer> {
  const limits = { closeTimeoutMs, ...options.limits }
  const home = temporaryFolder(t)
  const healthListen = options.crowded ? `127.0.0.1:${await freePort()}` : undefined
  const env = {
    SPILLWAY_HOME: home,
    PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: String(options.pingSeconds ?? durations(2, 20)),
    PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: String(options.pongSeconds ?? durations(3, 20)),
    SPILLWAY_LIMITS: Object.entries(limits).map(([name, value]) => `${name}=${value}`).join(','),
    ...observedTurns(home, options.nodeOptions),
    ...(healthListen === undefined ? {} : { SPILLWAY_HEALTH_LISTEN: healthListen }),
    ...options.env,
  }
  const server = await startServerProcess(t, env, [], options.processLimits)
  return { ...server, healthUrl: healthListen === undefined ? server.url : `http://${healthListen}`, turnTimes: () => turnTimes(server, home) }
}
