import { invalidJson } from '@spillway/core/wire/request-errors'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import { AppError, LimitError } from '../errors.ts'

/**
 * Parses a request's JSON body.
 *
 * @throws 422 in the shape FastAPI gives for text that is no JSON.
 */
export function parseJsonBody(body: Buffer | undefined, depthMax: number): unknown {
  if (body === undefined || body.length === 0) return undefined
  const text = body.toString('utf8')
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch {
    throw new AppError(422, invalidJson(text))
  }
  if (isDeeperThan(value, depthMax)) throw new LimitError('jsonDepth', 422, { detail: `The body is nested deeper than ${depthMax} levels.` })
  return value
}

/** Walks containers only. V8's parser does not recurse, but everything that later walks the value does. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof member === 'object' && member !== null && isDeeperThan(member, levels - 1)) return true
  }
  return false
}
