import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { sendOnce, type Reply } from '../../faults/retrying-client.ts'

export interface PublisherOptions {
  everyMs: number
  /** Bytes of payload beside the number. */
  payloadBytes?: number
}

/**
 * Publishes numbered events one after the other over HTTP, each again until the server acknowledges it, whatever happens to the
 * server meanwhile. What is acknowledged is what subscribers must get: each once, in this order.
 */
export class Publisher {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #apiUrl: string
  readonly #options: PublisherOptions
  readonly acknowledged: number[] = []
  #stopped = false
  /** The test has ended, and the server with it. */
  #over = false
  #running: Promise<void> | undefined

  constructor(t: { after(work: () => unknown): void }, apiUrl: string, options: PublisherOptions) {
    this.#apiUrl = apiUrl
    this.#options = options
    t.after(() => {
      this.#stopped = true
      this.#over = true
      this.#agent.destroy()
    })
  }

  start(): void {
    this.#stopped = false
    this.#running = this.#run()
    this.#running.catch(() => {}) // Told by stop().
  }

  /** Waits until the last one is acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** One POST that is sent again until it is answered with a 2xx. */
  async post(path: string, body: unknown): Promise<Reply> {
    for (;;) {
      const reply = await sendOnce(this.#agent, 'POST', this.#apiUrl + path, body).catch((error: Error) => {
        if (this.#over) throw error
        return undefined // The connection failed, or no answer came.
      })
      if (reply && reply.status < 300) return reply
      if (reply && reply.status !== 503) throw new Error(`${path} answered ${reply.status}: ${reply.body}`)
      await delay(50)
    }
  }

  async #run(): Promise<void> {
    const padding = 'x'.repeat(this.#options.payloadBytes ?? 0)
    for (let nextMs = performance.now(); !this.#stopped; nextMs += this.#options.everyMs) {
      const n = this.acknowledged.length
      await this.post('/events', [numberedEvent(n, padding)])
      this.acknowledged.push(n)
      await delay(Math.max(0, nextMs + this.#options.everyMs - performance.now()))
    }
  }
}

/** An event that every filter of the drivers takes. */
export function numberedEvent(n: number, padding = ''): Record<string, unknown> {
  return {
    id: randomUUID(),
    occurred: new Date().toISOString(),
    event: 'stock.tick',
    resource: { 'prefect.resource.id': 'stock.ticker', 'prefect.resource.name': 'ticker' },
    related: [{ 'prefect.resource.id': 'stock.room', 'prefect.resource.role': 'room' }],
    payload: { n, padding },
  }
}
