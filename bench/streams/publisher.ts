import { setTimeout as delay } from 'node:timers/promises'
import { HttpConnection } from '../lib/http-connection.ts'
import { Samples, type Percentiles } from '../lib/samples.ts'
import type { Target } from '../targets.ts'

/** What is not acknowledged so long after the last post counts as failed. */
const GRACE_MS = 15_000

/** Sends events by `POST /events`, over as many connections as it has posts under way. */
export class Publisher {
  readonly #target: Target
  readonly #idle: HttpConnection[] = []
  #all: HttpConnection[] = []
  /** Posts that were not answered with 2xx. */
  failures = 0

  constructor(target: Target) {
    this.#target = target
  }

  /** Resolves when the batch is acknowledged, or has failed. */
  async post(batch: string): Promise<void> {
    let connection = this.#idle.pop()
    if (!connection) this.#all.push((connection = new HttpConnection(this.#target.host, this.#target.port)))
    const status = await connection.request('POST', `${this.#target.base}/events`, batch).then((reply) => reply.status, () => 0)
    if (status < 200 || status > 299) this.failures++
    this.#idle.push(connection)
  }

  /**
   * Posts at fixed moments whatever became of the posts before.
   *
   * @returns How long posts took, from the moment at which they were due.
   */
  async atRate(postsPerSecond: number, seconds: number, batch: () => string): Promise<Percentiles> {
    const latencies = new Samples()
    const running = new Set<Promise<void>>()
    const startMs = performance.now()
    for (let n = 0; n < Math.round(postsPerSecond * seconds); n++) {
      const dueMs = startMs + (n * 1000) / postsPerSecond
      if (dueMs > performance.now()) await delay(dueMs - performance.now())
      const one = this.post(batch()).then(() => {
        latencies.add(performance.now() - dueMs)
        running.delete(one)
      })
      running.add(one)
    }
    const enough = new AbortController()
    await Promise.race([Promise.all(running), delay(GRACE_MS, undefined, { signal: enough.signal }).catch(() => {})])
    enough.abort()
    this.failures += running.size
    return latencies.summary()
  }

  close(): void {
    for (const connection of this.#all) connection.close()
    this.#all = []
  }
}
