import { AppError } from '../errors.ts'
import type { Logger } from '../logger.ts'

export interface ErrorAnswer {
  status: number
  json: string
  headers: Record<string, string>
}

/** Turns whatever was thrown into Prefect's answer. Only this function does so; what it does not know is a bug and answers 500. */
export function answerFor(error: unknown, request: { id: string; method: string; path: string }, log: Logger): ErrorAnswer {
  if (error instanceof AppError) {
    if (error.status === 503) log.info({ requestId: request.id, reason: error.message }, 'refused; the client may try again')
    return { status: error.status, json: JSON.stringify(error.body), headers: error.headers }
  }
  log.error({ requestId: request.id, method: request.method, path: request.path, err: error }, 'request failed')
  return { status: 500, json: '{"exception_message":"Internal Server Error"}', headers: {} }
}
