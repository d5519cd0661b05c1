import { spreadSeconds } from '@spillway/core/domain/retry-delay'
import { durationMs, type Duration } from '../duration.ts'
import { NonRetryableError, ParameterValidationError, RetryAfterError, SpillwayError, UpstreamFailedError } from '../errors.ts'

/** Milliseconds before an attempt; `attempt` is how many have failed, 1 or more. */
export type RetryDelay = Duration | readonly Duration[] | ((attempt: number, error: Error) => Duration)

/** Whether and when a flow or task that failed is tried again. */
export interface RetryOptions {
  /** Attempts after the first one, so there are `retries + 1` at most. */
  readonly retries?: number
  /** Default: at once. Of a list the last delay stands for all further ones. */
  readonly retryDelay?: RetryDelay
  /** How far above a delay the real one may be, as a share of it: 0.3 spreads around it. Default 0. */
  readonly retryJitter?: number
  /** Whether an error is worth another attempt. Default: every error but NonRetryableError. */
  readonly retryIf?: (error: Error, attempt: number) => boolean | Promise<boolean>
}

/** How delays grow from one attempt to the next. */
export interface BackoffOptions {
  readonly base: Duration
  readonly factor?: number
  readonly max?: Duration
  /** Share of the delay within which it is spread evenly, up and down. Default 0.3. */
  readonly jitter?: number
  readonly random?: () => number
}

/** Delays that grow by a factor (default 2) up to `max` (default 5 min). */
export function backoff({ base, factor = 2, max = '5m', jitter = 0.3, random = Math.random }: BackoffOptions): (attempt: number) => number {
  const baseMs = durationMs(base)
  const maxMs = durationMs(max)
  return (attempt) => Math.min(maxMs, baseMs * factor ** (attempt - 1)) * (1 - jitter + 2 * jitter * random())
}

/** Milliseconds until the next attempt after this error; undefined when there is to be none. */
export async function nextAttempt(options: RetryOptions, error: Error, failed: number, random: () => number): Promise<number | undefined> {
  if (failed > (options.retries ?? 0) || !isRetryable(error)) return undefined
  if (options.retryIf && !(await options.retryIf(error, failed))) return undefined
  const delayMs = delayOf(options, error, failed)
  const spreadMs = options.retryJitter && delayMs > 0 ? spreadSeconds(delayMs / 1000, options.retryJitter, random) * 1000 : delayMs
  return error instanceof RetryAfterError ? Math.max(spreadMs, error.delayMs) : spreadMs
}

/** `retry_delay` on the wire: seconds, or a list of them; null where only this side can tell. */
export function wireRetryDelay(delay: RetryDelay | undefined): number | number[] | null {
  if (delay === undefined) return 0
  if (typeof delay === 'function') return null
  if (Array.isArray(delay)) return (delay as Duration[]).map((one) => durationMs(one) / 1000)
  return durationMs(delay as Duration) / 1000
}

function delayOf({ retryDelay }: RetryOptions, error: Error, failed: number): number {
  if (retryDelay === undefined) return 0
  if (typeof retryDelay === 'function') return durationMs(retryDelay(failed, error))
  if (!Array.isArray(retryDelay)) return durationMs(retryDelay as Duration)
  const delays = retryDelay as readonly Duration[]
  return durationMs(delays[Math.min(failed, delays.length) - 1] ?? 0)
}

function isRetryable(error: Error): boolean {
  if (error instanceof NonRetryableError || error instanceof ParameterValidationError || error instanceof UpstreamFailedError) return false
  return !(error instanceof SpillwayError && (error.code === 'non-retryable' || error.code === 'cancelled' || error.code === 'shutdown'))
}
