import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError, isPassing, SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'

/** What a worker knows of itself. */
export class WorkerHealth {
  readonly #pollMs: number
  readonly #isFull: () => boolean
  #lastPollMs = performance.now()
  #isApiAway = false

  constructor(pollMs: number, isFull: () => boolean) {
    this.#pollMs = pollMs
    this.#isFull = isFull
  }

  polled(): void {
    this.#lastPollMs = performance.now()
    this.#isApiAway = false
  }

  /** A refusal, such as of the password or of a pool that is gone, is no outage: it does not pass. */
  failed(error: unknown): void {
    this.#isApiAway = !(error instanceof ApiError) || isPassing(error)
  }

  /** A worker that waits for its API is well: to restart it would end its runs, and bring the API back no sooner. */
  report(): { status: 200 | 503; body: { message: string; api: 'answers' | 'away'; seconds_since_poll: number } } {
    const sinceMs = performance.now() - this.#lastPollMs
    const isStuck = !this.#isApiAway && !this.#isFull() && sinceMs > sdkLimits.missedPolls * this.#pollMs
    return {
      status: isStuck ? 503 : 200,
      body: { message: isStuck ? 'Worker may be unresponsive at this time' : 'OK', api: this.#isApiAway ? 'away' : 'answers', seconds_since_poll: Math.round(sinceMs / 1000) },
    }
  }
}

/**
 * Answers `GET /health` as stock workers do.
 *
 * @throws {SpillwayError} `health-port` when it cannot listen there
 */
export async function serveHealth(health: WorkerHealth, { host, port }: { host: string; port: number }): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const { status, body } = request.url?.split('?')[0] === '/health' ? health.report() : { status: 404, body: { message: 'Not Found' } }
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
