import { inspect, types } from 'node:util'
import type { FieldFault } from './client/types.ts'

/** What every error of the SDK carries. Test by `code`: it holds across two copies of the package in one process. */
export class SpillwayError extends Error {
  readonly code: string
  /** Whether doing the same again may help. */
  readonly retryable: boolean

  constructor(code: string, message: string, options: { cause?: unknown; retryable?: boolean; name?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.name = options.name ?? new.target.name
  }
}

/** Thrown by user code: no attempt is left, whatever `retries` says. */
export class NonRetryableError extends SpillwayError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('non-retryable', message, options)
  }
}

/** Thrown by user code: the next attempt begins no sooner than told. It counts as an attempt like every other. */
export class RetryAfterError extends SpillwayError {
  readonly delayMs: number

  /** @param after milliseconds, a date, or the value of a `Retry-After` header (seconds or an HTTP date). */
  constructor(after: number | Date | string | null | undefined, message = 'asked to try again later', options: { cause?: unknown } = {}) {
    super('retry-after', message, { ...options, retryable: true })
    this.delayMs = millisecondsUntil(after)
  }
}

/** The reason of a signal when a run is cancelled. It is called `AbortError`, so that libraries recognise it. */
export class CancelledError extends SpillwayError {
  constructor(message = 'the run was cancelled') {
    super('cancelled', message, { name: 'AbortError' })
  }
}

/** A flow or task took longer than its `timeout`. */
export class TimeoutError extends SpillwayError {
  constructor(message: string) {
    super('timeout', message, { retryable: true })
  }
}

/** The process was told to end while the run was under way. */
export class ShutdownError extends SpillwayError {
  constructor(message = 'the process is ending') {
    super('shutdown', message, { name: 'AbortError' })
  }
}

/** The lease on a concurrency limit was not renewed in time, so somebody else may hold the slots now. */
export class LeaseLostError extends SpillwayError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('lease-lost', message, options)
  }
}

/** Slots of a concurrency limit did not become free in time. */
export class ConcurrencyTimeoutError extends SpillwayError {
  constructor(message: string) {
    super('concurrency-timeout', message, { retryable: true })
  }
}

/** Parameters do not fit the flow's schema. */
export class ParameterValidationError extends SpillwayError {
  readonly issues: readonly { path: string; message: string }[]

  constructor(flow: string, issues: readonly { path: string; message: string }[]) {
    super('parameters-invalid', `parameters of '${flow}': ${issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')}`)
    this.issues = issues
  }
}

/** A run that this one depends on did not complete. */
export class UpstreamFailedError extends SpillwayError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('upstream-failed', message, options)
  }
}

/** Runs that a flow with `failOnUnread` had submitted failed, and nobody looked at them. */
export class UnreadFailureError extends SpillwayError {
  constructor(message: string) {
    super('unread-failure', message)
  }
}

/** Stands for the error of a run elsewhere, of which only state and message are known. */
export class FailedRunError extends SpillwayError {
  readonly state: { readonly type: string; readonly name: string; readonly message: string | null }

  constructor(state: { type: string; name: string; message: string | null }, what: string) {
    super(`run-${state.type.toLowerCase()}`, `${what} ended ${state.name}${state.message ? `: ${state.message}` : ''}`)
    this.state = state
  }
}

/** A run elsewhere whose process was lost, or could not be started. */
export class CrashedRunError extends FailedRunError {}

/** A run elsewhere that was cancelled. */
export class CancelledRunError extends FailedRunError {}

/** A result that was not kept, or cannot be read from here. */
export class MissingResultError extends SpillwayError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('result-missing', message, options)
  }
}

/** Something that JSON cannot hold. */
export class SerializationError extends SpillwayError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('serialization', message, options)
  }
}

/** An event that no server takes. */
export class EventTooLargeError extends SpillwayError {
  constructor(event: string, bytes: number, bytesMax: number) {
    super('event-too-large', `the event '${event}' has ${bytes} bytes, and servers take ${bytesMax}: keep what is large as a result or an artifact, and name that in the payload`)
  }
}

/** A function that needs a run was called outside of one. */
export class MissingContextError extends SpillwayError {
  constructor(what: string) {
    super('no-run', `${what} works only inside a flow or task run; callbacks of pools and emitters made outside of it lose it: wrap them in bindContext()`)
  }
}

/** The server does not let this run go on: it was cancelled, deleted, or runs elsewhere. */
export class AbortedByServerError extends SpillwayError {
  constructor(message: string) {
    super('aborted-by-server', message)
  }
}

/** The API answered with an error. */
export class ApiError extends SpillwayError {
  readonly status: number
  readonly body: string
  /** What `Retry-After` asked for. */
  readonly retryAfterSeconds: number | undefined

  constructor(request: string, status: number, body: string, options: { cause?: unknown; retryAfterSeconds?: number | undefined } = {}) {
    super('api-error', `${request} was answered ${status}: ${saidIn(body)}${isRouteMissing(status, body) ? ' (the route is not there: is PREFECT_API_URL right? It ends in /api)' : ''}`, options)
    this.status = status
    this.body = body
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  /** What the server says is wrong; undefined when the answer is not in its shape, such as a proxy's page. */
  get reason(): string | undefined {
    const { exception_message: message, detail } = answerIn(this.body)
    return typeof message === 'string' ? message : typeof detail === 'string' ? detail : undefined
  }

  /** Which places of the request did not fit, of an answer 422. */
  get faults(): readonly FieldFault[] {
    return faultsIn(this.body)
  }
}

/** The server does not speak with this version of the SDK. */
export class VersionSkewError extends ApiError {
  override readonly code = 'version-skew'
}

/** The error of an answer that is one. */
export function errorOfAnswer(...[request, status, body, options]: ConstructorParameters<typeof ApiError>): ApiError {
  const error = new ApiError(request, status, body, options)
  return status === 400 && error.reason?.includes('API version') ? new VersionSkewError(request, status, body, options) : error
}

/** The body of an error, in one of the shapes that servers use. */
function answerIn(body: string): { exception_message?: unknown; exception_detail?: unknown; detail?: unknown } {
  try {
    const answer: unknown = JSON.parse(body)
    return typeof answer === 'object' && answer !== null ? answer : {}
  } catch {
    return {}
  }
}

function faultsIn(body: string): readonly FieldFault[] {
  const { exception_detail: faults, detail } = answerIn(body)
  return [faults, detail].find((list): list is FieldFault[] => Array.isArray(list)) ?? []
}

/** A server says of a thing that is not there which one it is; of a route it does not. */
function isRouteMissing(status: number, body: string): boolean {
  return status === 404 && answerIn(body).detail === 'Not Found'
}

/** Which places did not fit, where the body says that: what was sent stands in it too, and may be long. */
function saidIn(body: string): string {
  const faults = faultsIn(body).map(({ loc, msg }) => `${loc.join('.')}: ${msg}`)
  return (faults.length > 0 ? faults.join('; ') : body).slice(0, 500)
}

/** The API could not be reached, or its answer did not come through. */
export class ApiUnreachableError extends SpillwayError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('api-unreachable', message, { ...options, retryable: true })
  }
}

/** The pool of a worker is for jobs of another kind. */
export class PoolTypeError extends SpillwayError {
  readonly poolType: string

  constructor(pool: string, poolType: string) {
    super('pool-of-other-type', `the work pool ${pool} is of type ${poolType}; this worker runs processes`)
    this.poolType = poolType
  }
}

/** Whether the same call may succeed later without anybody changing anything. */
export function isPassing(error: unknown): boolean {
  return error instanceof SpillwayError && (error.retryable || (error instanceof ApiError && (error.status >= 500 || error.status === 429 || error.status === 408)))
}

/** The error of whatever was thrown; `cause` is the object that it was, if it was none. Errors of other realms, such as those of test runners, are errors. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown
  const error = new Error(typeof thrown === 'string' ? thrown : textOf(thrown), typeof thrown === 'object' && thrown !== null ? { cause: thrown } : {})
  // Where it was thrown is not known, and where it was caught is of no use.
  error.stack = `${error.name}: ${error.message}\n    (no stack: what was thrown is no Error)`
  return error
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return inspect(value, { depth: 2, breakLength: Infinity })
  }
}

/** `Name: message`, as states show errors. */
export function describeError(thrown: unknown): string {
  const error = asError(thrown)
  return error.message ? `${error.name}: ${error.message}` : error.name
}

function millisecondsUntil(after: number | Date | string | null | undefined): number {
  if (after == null) return 0
  if (typeof after === 'number') return Math.max(0, after)
  if (typeof after === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(after)) return Number(after) * 1000
  const atMs = new Date(after).getTime()
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - Date.now())
}
