import { ApiError, ApiUnreachableError, SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'

/** Statuses that say: not now. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504])
/** Those where the server has done nothing with the request, so that it may be sent again whatever it was. */
const REFUSED = new Set([429, 503])

/** Errors of sockets from before anything was sent. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Keeps repetitions to a share of the traffic: when everything fails, a client must not multiply its load. */
export class RetryBudget {
  #tokens = sdkLimits.retriesAtFirst

  countRequest(): void {
    this.#tokens = Math.min(sdkLimits.retriesSaved, this.#tokens + sdkLimits.retryShare)
  }

  takeRetry(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

/** Whether an attempt that failed so may be repeated. `repeatable`: doing it twice is as good as once. */
export function mayRepeat(error: unknown, repeatable: boolean): boolean {
  if (error instanceof ApiError) return REFUSED.has(error.status) || (repeatable && PASSING.has(error.status))
  if (error instanceof SpillwayError && error.code === 'queue-full') return true
  return error instanceof ApiUnreachableError && (repeatable || wasNotSent(error.cause))
}

/**
 * Milliseconds until the next attempt: anything up to a bound that doubles (full jitter). A server's `Retry-After` is
 * waited out first, and what comes on top spreads those who were told the same.
 *
 * @param attempt how many have failed, 1 or more
 */
export function retryDelayMs(attempt: number, retryAfterSeconds: number | undefined, random: () => number): number {
  const boundMs = Math.min(sdkLimits.retryLongestMs, sdkLimits.retryFirstMs * 2 ** (attempt - 1))
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000 + random() * Math.max(2000, boundMs)
  return random() * boundMs
}

/** Seconds of a `Retry-After` header: a whole number, or a date. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header)
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, (atMs - nowMs) / 1000)
}

function wasNotSent(cause: unknown): boolean {
  const { code, errors } = (cause ?? {}) as { code?: string; errors?: { code?: string }[] }
  return NOT_SENT.has(code ?? '') || (errors !== undefined && errors.length > 0 && errors.every((error) => NOT_SENT.has(error.code ?? '')))
}
