import { HttpConnection } from '../lib/http-connection.ts'
import type { Target } from '../targets.ts'

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

  close(): void {
    for (const connection of this.#all) connection.close()
    this.#all = []
  }
}
