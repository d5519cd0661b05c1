import type { Limits } from './limits.ts'

/** Base of every refusal that a caller is meant to see. Anything else that is thrown is a bug and answers 500. */
export class AppError extends Error {
  readonly status: number
  /** The body that goes out as JSON, in Prefect's shape. */
  readonly body: unknown
  readonly headers: Record<string, string>

  constructor(status: number, body: unknown, headers: Record<string, string> = {}, options?: ErrorOptions) {
    super(typeof body === 'string' ? body : JSON.stringify(body), options)
    this.name = 'AppError'
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** A refusal because a bound of limits.ts was reached; it is counted under the bound's name where it is answered. */
export class LimitError extends AppError {
  readonly limit: keyof Limits

  constructor(limit: keyof Limits, status: number, body: unknown, headers: Record<string, string> = {}) {
    super(status, body, headers)
    this.name = 'LimitError'
    this.limit = limit
  }
}

/** An answer of the kind FastAPI's HTTPException gives: `{"detail": …}`. */
export function httpError(status: number, detail: unknown, headers?: Record<string, string>): AppError {
  return new AppError(status, { detail }, headers)
}

/** Prefect's answer for an object that a deeper layer did not find: 404 `{"exception_message": …}`. */
export function objectNotFound(message: string): AppError {
  return new AppError(404, { exception_message: message })
}

/** Prefect's answer when a unique or foreign key is violated and no route says more. */
export function integrityConflict(): AppError {
  return new AppError(409, {
    detail:
      'Data integrity conflict. This usually means a unique or foreign key constraint was violated. See server logs for details.',
  })
}

/**
 * A passing refusal: the stock client waits and tries again. `Retry-After` is always whole seconds, because the stock
 * client parses it with float() and other clients expect an integer.
 */
export class RetryableError extends AppError {
  readonly reason: string
  readonly retryAfterSeconds: number
  /** The bound of limits.ts that was reached, when it was one. */
  readonly limit: keyof Limits | undefined

  constructor(reason: string, retryAfterSeconds = 1, options: ErrorOptions & { limit?: keyof Limits | undefined } = {}) {
    super(
      503,
      { exception_message: 'Service Unavailable' },
      { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) },
      options,
    )
    this.name = 'RetryableError'
    this.message = reason
    this.reason = reason
    this.retryAfterSeconds = retryAfterSeconds
    this.limit = options.limit
  }
}

/** Whole seconds after which a refused client may come back, 2 to 5: spread, or all would come back at once. */
function comeBackAfter(): number {
  return 2 + Math.floor(Math.random() * 4)
}

/**
 * The one way to refuse work because there is too much of it, or because the server is going: 503 with whole seconds to wait.
 *
 * @param isMaintenance Tells stock clients that the server is being replaced: they try again without using up their retries.
 */
export function shed(reason: string, { isMaintenance = false } = {}): RetryableError {
  const error = new RetryableError(reason, comeBackAfter())
  if (isMaintenance) error.headers['prefect-maintenance'] = 'true'
  return error
}

/** What `shed` says, for refusals by the ten thousand: making an error with its stack would cost as much as all the rest. */
export function shedAnswer(isMaintenance: boolean): { status: number; json: string; headers: string[] } {
  const headers = ['retry-after', String(comeBackAfter()), ...(isMaintenance ? ['prefect-maintenance', 'true', 'connection', 'close'] : [])]
  return { status: 503, json: '{"exception_message":"Service Unavailable"}', headers }
}

/** A reason not to start, with what to do about it. The command prints both and exits with 1. */
export class StartupError extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartupError'
    this.remedy = remedy
  }
}
