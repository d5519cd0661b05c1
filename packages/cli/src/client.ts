import { ApiClient, ApiError, type CallOptions, type HttpMethod } from '@spillway/sdk'

/** How long a server that has answered before may be away or overloaded until a command gives up. */
const PATIENCE_MS = 20_000

/**
 * The API for somebody who waits at a terminal: where the very first request reaches no server, it fails at once. A server
 * that asks to come back later is asked again.
 */
export class CommandClient extends ApiClient {
  #hasAnswered = false

  override async call<T>(method: HttpMethod, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
    if (!this.#hasAnswered) {
      try {
        const value = await super.call<T>(method, path, body, { patienceMs: 0, ...options })
        this.#hasAnswered = true
        return value
      } catch (error) {
        this.#hasAnswered = error instanceof ApiError
        if (!(error instanceof ApiError) || (error.status !== 503 && error.status !== 429)) throw error
      }
    }
    return await super.call<T>(method, path, body, { patienceMs: PATIENCE_MS, ...options })
  }
}
