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
  /** Events of posts that were answered with 2xx. */
  acknowledged = 0
  /** Posts that the server refused for the time being (503), and those that failed otherwise. */
  refused = 0
  failures = 0

  constructor(target: Target) {
    this.#target = target
  }

  /** Resolves when the batch of so many events is acknowledged, or has failed. Nothing is tried again: the numbers tell what is missing. */
  async post(batch: string, events: number): Promise<void> {
    let connection = this.#idle.pop()
    if (!connection) this.#all.push((connection = new HttpConnection(this.#target.host, this.#target.port)))
    const status = await connection.request('POST', `${this.#target.base}/events`, batch).then((reply) => reply.status, () => 0)
    if (status >= 200 && status <= 299) this.acknowledged += events
    else if (status === 503) this.refused++
    else this.failures++
    this.#idle.push(connection)
  }

  /**
   * Posts at fixed moments whatever became of the posts before.
   *
   * @returns How long posts took, from the moment at which they were due.
   */
  async atRate(postsPerSecond: number, seconds: number, events: number, batch: () => string): Promise<Percentiles> {
    const latencies = new Samples()
    const running = new Set<Promise<void>>()
    const startMs = performance.now()
    for (let n = 0; n < Math.round(postsPerSecond * seconds); n++) {
      const dueMs = startMs + (n * 1000) / postsPerSecond
      if (dueMs > performance.now()) await delay(dueMs - performance.now())
      const one = this.post(batch(), events).then(() => {
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
