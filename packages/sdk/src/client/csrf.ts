import { randomUUID } from 'node:crypto'
import { sdkLimits } from '../limits.ts'

/** One try of a request, without headers of this file. */
export type FetchToken = (clientId: string) => Promise<{ status: number; text: string }>

/** Fetches the token that a server with CSRF protection wants with every change, when it wants one. */
export class CsrfGuard {
  readonly #clientId = randomUUID()
  readonly #fetch: FetchToken
  #token: Promise<{ value: string; expiresMs: number } | undefined> | undefined

  constructor(fetch: FetchToken) {
    this.#fetch = fetch
  }

  /** Headers for a request that changes something; none where the server has no such protection. */
  async headers(nowMs: number): Promise<Record<string, string>> {
    const known = await (this.#token ??= this.#ask())
    if (!known) return {}
    if (known.expiresMs <= nowMs) {
      this.#token = undefined
      return this.headers(nowMs)
    }
    return { 'prefect-csrf-token': known.value, 'prefect-csrf-client': this.#clientId }
  }

  /** Whether an answer says that the token is no longer good; the next `headers` fetches another then. */
  rejects(answer: { status: number; text: string }): boolean {
    if (answer.status !== 403 || !answer.text.includes('Invalid CSRF token')) return false
    this.#token = undefined
    return true
  }

  async #ask(): Promise<{ value: string; expiresMs: number } | undefined> {
    try {
      const { status, text } = await this.#fetch(this.#clientId)
      if (status === 200) {
        const { token, expiration } = JSON.parse(text) as { token: string; expiration: string }
        return { value: token, expiresMs: Date.parse(expiration) - sdkLimits.csrfMarginMs }
      }
      // 422 says that it is off, 404 that there is no such thing. Anything else comes up with the request itself.
      if (status !== 422 && status !== 404) this.#token = undefined
      return undefined
    } catch (error) {
      this.#token = undefined
      throw error
    }
  }
}
