import { asError, CancelledError, NonRetryableError, RetryAfterError, ShutdownError, SpillwayError, TimeoutError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'

/** An error on its way between threads: copies made by the runtime lose classes and further members. */
export interface ThrownParts {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Members that are texts, numbers or truth values, such as `code`. */
  readonly members: Readonly<Record<string, string | number | boolean>>
  readonly cause: ThrownParts | undefined
}

/** Takes apart whatever was thrown. */
export function thrownToParts(thrown: unknown, depth = 0): ThrownParts {
  const error = asError(thrown)
  const members: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(error)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') members[name] = value
  }
  const cause = error.cause === undefined || depth === sdkLimits.errorCauses ? undefined : thrownToParts(error.cause, depth + 1)
  return { name: error.name, message: error.message, stack: error.stack, members, cause }
}

/** Puts it together again. Errors that the engine asks for by their class are of it. */
export function thrownFromParts(parts: ThrownParts): Error {
  const cause = parts.cause && thrownFromParts(parts.cause)
  const error = ofItsClass(parts, cause === undefined ? {} : { cause })
  Object.assign(error, { name: parts.name, ...parts.members })
  if (parts.stack !== undefined) error.stack = parts.stack
  return error
}

function ofItsClass({ message, members }: ThrownParts, options: { cause?: Error }): Error {
  const { code, delayMs, retryable } = members
  switch (code) {
    case 'non-retryable':
      return new NonRetryableError(message, options)
    case 'retry-after':
      return new RetryAfterError(Number(delayMs), message, options)
    case 'timeout':
      return new TimeoutError(message)
    case 'cancelled':
      return new CancelledError(message)
    case 'shutdown':
      return new ShutdownError(message)
    default:
      return typeof code === 'string' && typeof retryable === 'boolean' ? new SpillwayError(code, message, { ...options, retryable }) : new Error(message, options)
  }
}
