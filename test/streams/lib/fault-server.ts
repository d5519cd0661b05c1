import { startServerProcess, temporaryFolder, type ServerProcess } from '../../server/server-process.ts'

/** Full durations, as in production, rather than shortened ones. */
export const soak = process.env['SPILLWAY_SOAK'] === '1'

/** How long a fault takes: less in `npm test` than in `npm run test:soak`. */
export function durations<T>(short: T, full: T): T {
  return soak ? full : short
}

export interface FaultServerOptions {
  /** Between pings of the server. Default: 2, or 20 in a soak run. */
  pingSeconds?: number
  /** For the answer to one. Default: 3, or 20. */
  pongSeconds?: number
  /** Bounds of limits.ts that are not at their default. */
  limits?: Readonly<Record<string, number>>
  env?: Readonly<Record<string, string>>
}

/** The longest that a closing state may take, in a soak run the default. */
export const closeTimeoutMs = durations(1_000, 5_000)

/** Starts a server process on an empty database for one fault, with its time limits shortened by settings. */
export function startFaultServer(t: { after(work: () => unknown): void }, options: FaultServerOptions = {}): Promise<ServerProcess> {
  const limits = { closeTimeoutMs, ...options.limits }
  return startServerProcess(t, {
    SPILLWAY_HOME: temporaryFolder(t),
    PREFECT_SERVER_API_WEBSOCKET_PING_INTERVAL: String(options.pingSeconds ?? durations(2, 20)),
    PREFECT_SERVER_API_WEBSOCKET_PING_TIMEOUT: String(options.pongSeconds ?? durations(3, 20)),
    SPILLWAY_LIMITS: Object.entries(limits).map(([name, value]) => `${name}=${value}`).join(','),
    ...options.env,
  })
}
