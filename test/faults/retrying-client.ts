import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export interface Reply {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

/** As long as the stock client waits for an answer. */
const timeoutMs = 60_000

/** One request over HTTP; rejects when the connection fails. */
export function sendOnce(agent: Agent, method: string, url: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? '' : JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
    const sent = request(url, { method, agent, timeout: timeoutMs, ...(payload && { headers }) }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs} ms: ${method} ${url}`)))
    sent.on('error', reject)
    sent.end(payload)
  })
}

const retriedStatuses = new Set([408, 429, 502, 503])

/**
 * Calls that are retried as the stock client does: up to five times, on 408, 429, 502 and 503 and on a failed connection, after
 * `Retry-After` or 2, 4, 8 … s. A 2xx is an acknowledgement; every other answer is for the caller to judge.
 */
export class RetryingClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })
  readonly #apiUrl: string
  /** Attempts that failed and were made again. */
  retries = 0

  constructor(apiUrl: string) {
    this.#apiUrl = apiUrl
  }

  async call(method: string, path: string, body?: unknown): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      let retryAfter: string | undefined
      try {
        const reply = await sendOnce(this.#agent, method, this.#apiUrl + path, body)
        if (!retriedStatuses.has(reply.status) || attempt > 5) return reply
        retryAfter = reply.headers['retry-after'] as string | undefined
      } catch (error) {
        if (attempt > 5) throw error
      }
      this.retries += 1
      const asked = retryAfter === undefined ? undefined : Number(retryAfter) * (1 + 0.2 * Math.random())
      await delay((asked ?? 2 ** attempt * (0.8 + 0.4 * Math.random())) * 1000)
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}
