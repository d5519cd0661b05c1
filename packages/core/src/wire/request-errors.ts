import { jsonFault } from './json-faults.ts'
import type { ValidationError } from './validation/check.ts'

/** Body of an answer 422 to a request that is not well-formed. */
export interface InvalidRequest {
  readonly exception_message: 'Invalid request received.'
  readonly exception_detail: readonly ValidationError[]
  /** The body as parsed; its text when it is no JSON; null when there was none. */
  readonly request_body: unknown
}

/** The body of a 422 answer. */
export function invalidRequest(errors: readonly ValidationError[], requestBody: unknown): InvalidRequest {
  return {
    exception_message: 'Invalid request received.',
    exception_detail: errors,
    request_body: requestBody ?? null,
  }
}

/** The body of a 422 answer to a request whose body is no JSON. */
export function invalidJson(bodyText: string): InvalidRequest {
  const { msg, at } = jsonFault(bodyText)
  const error = { type: 'json_invalid', loc: ['body', at], msg: 'JSON decode error', input: {}, ctx: { error: msg } }
  return invalidRequest([error], bodyText)
}
