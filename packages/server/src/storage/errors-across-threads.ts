import { AppError, RetryableError } from '../errors.ts'
import type { ErrorMessage } from './protocol.ts'

/** Flattens an error for postMessage, which would lose its class. */
export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof RetryableError) {
    return { kind: 'retryable', message: error.reason, retryAfterSeconds: error.retryAfterSeconds, limit: error.limit }
  }
  if (error instanceof AppError) {
    return { kind: 'app', message: error.message, status: error.status, body: error.body, headers: error.headers }
  }
  const bug = error instanceof Error ? error : new Error(String(error))
  return { kind: 'bug', message: bug.message, ...(bug.stack === undefined ? {} : { stack: bug.stack }) }
}

/** The other direction. */
export function fromErrorMessage(message: ErrorMessage): Error {
  switch (message.kind) {
    case 'retryable':
      return new RetryableError(message.message, message.retryAfterSeconds, { limit: message.limit })
    case 'app':
      return new AppError(message.status ?? 500, message.body, message.headers)
    case 'bug': {
      const error = new Error(message.message)
      if (message.stack !== undefined) error.stack = message.stack
      return error
    }
  }
}
