import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError, isPassing, SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { ClientMetrics, CountedRuns } from '../metrics/client-metrics.ts'
import type { Session } from '../session.ts'

/** Where a process that serves answers `GET /health`, `/ready` and `/metrics`. */
export interface HealthOptions {
  /** Default 127.0.0.1: only this machine. */
  readonly host?: string
  /** 0: any that is free; the log tells which. */
  readonly port: number
}

interface Report {
  readonly status: 200 | 503
  readonly body: { readonly message: string; readonly api: 'answers' | 'away'; readonly seconds_since_poll: number | null }
}

export interface HealthSources {
  /** Whether no more runs are asked for because there is no room. */
  readonly isFull: () => boolean
  /** Whether calls are repeated at present: a question that goes on for long is no loop that is stuck. */
  readonly isApiInTrouble?: () => boolean
  readonly nowMs?: () => number
}

/** What a worker, or whatever serves, knows of itself. */
export class WorkerHealth {
  readonly #pollMs: number
  readonly #isFull: () => boolean
  readonly #isApiInTrouble: () => boolean
  readonly #nowMs: () => number
  #lastPollMs: number
  #hasPolled = false
  #isApiAway = false

  constructor(pollMs: number, { isFull, isApiInTrouble = () => false, nowMs = () => performance.now() }: HealthSources) {
    this.#pollMs = pollMs
    this.#isFull = isFull
    this.#isApiInTrouble = isApiInTrouble
    this.#nowMs = nowMs
    this.#lastPollMs = nowMs()
  }

  /** Notes how a question for runs ends. */
  async asking<T>(question: Promise<T>): Promise<T> {
    try {
      const answer = await question
      this.polled()
      return answer
    } catch (error) {
      this.failed(error)
      throw error
    }
  }

  polled(): void {
    this.#lastPollMs = this.#nowMs()
    this.#hasPolled = true
    this.#isApiAway = false
  }

  /** A refusal, such as of the password or of a pool that is gone, is no outage: it does not pass. */
  failed(error: unknown): void {
    this.#isApiAway = !(error instanceof ApiError) || isPassing(error)
  }

  /** Since the server has last answered; since the start, when it has not. */
  get secondsSincePoll(): number {
    return (this.#nowMs() - this.#lastPollMs) / 1000
  }

  /** A worker that waits for its API is well: to restart it would end its runs, and bring the API back no sooner. */
  report(): Report {
    const isStuck = !this.#isAway && this.#isOverdue()
    return this.#reportOf(!isStuck, 'Worker may be unresponsive at this time')
  }

  /** Whether runs are started here at present: not before the first answer of the API, and not when it has been away for long. */
  readiness(): Report {
    if (!this.#hasPolled) return this.#reportOf(false, 'Has not been answered by the API yet')
    return this.#reportOf(!this.#isOverdue(), 'Has not been answered by the API for too long')
  }

  get #isAway(): boolean {
    return this.#isApiAway || this.#isApiInTrouble()
  }

  #isOverdue(): boolean {
    return !this.#isFull() && this.secondsSincePoll * 1000 > sdkLimits.missedPolls * this.#pollMs
  }

  #reportOf(isWell: boolean, complaint: string): Report {
    const seconds = this.#hasPolled ? Math.round(this.secondsSincePoll) : null
    return { status: isWell ? 200 : 503, body: { message: isWell ? 'OK' : complaint, api: this.#isAway ? 'away' : 'answers', seconds_since_poll: seconds } }
  }
}

/** The endpoint of a process that serves, where one is wanted; the log tells its address. */
export async function openHealth(session: Session, health: WorkerHealth, runs: () => CountedRuns | undefined, options: HealthOptions | undefined): Promise<{ close(): void }> {
  if (!options) return { close: () => {} }
  // Loaded only where somebody may look.
  const { clientMetrics } = await import('../metrics/client-metrics.ts')
  const metrics = clientMetrics(session, health, runs)
  try {
    const endpoint = await serveHealth(health, options, metrics)
    session.logSink({ name: 'spillway.health', level: 20, message: `health at ${endpoint.url}`, timestampUs: session.clock.nowUs() })
    return { close: () => { endpoint.close(); metrics.close() } }
  } catch (error) {
    metrics.close()
    throw error
  }
}

/**
 * Answers `GET /health` as stock workers do, `/ready` likewise, and `/metrics`.
 *
 * @throws {SpillwayError} `health-port` when it cannot listen there
 */
export async function serveHealth(health: WorkerHealth, { host = '127.0.0.1', port }: HealthOptions, metrics?: Pick<ClientMetrics, 'contentType' | 'text'>): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/metrics' && metrics) return void response.writeHead(200, { 'content-type': metrics.contentType }).end(metrics.text())
    const { status, body } = path === '/health' ? health.report() : path === '/ready' ? health.readiness() : { status: 404, body: { message: 'Not Found' } }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error) => reject(new SpillwayError('health-port', `the health endpoint cannot listen on ${host}:${port}: ${cause.message}`, { cause })))
    server.listen(port, host, resolve)
  })
  server.unref()
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/health`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
