import type { ApiClient } from '@spillway/sdk'
import { notFound } from './cli.ts'
import { CommandError, EXIT } from './exit-codes.ts'

/** What the API gives at most at a time. */
const PAGE = 200

/**
 * Rows of a `…/filter` route, page by page.
 *
 * @param query filters and sort
 */
export async function readAll<Row>(client: ApiClient, path: string, query: object = {}, limit = Infinity): Promise<Row[]> {
  const rows: Row[] = []
  while (rows.length < limit) {
    const size = Math.min(PAGE, limit - rows.length)
    const page = await client.call<Row[]>('POST', path, { ...query, limit: size, offset: rows.length }, { repeatable: true })
    rows.push(...page)
    if (page.length < size) break
  }
  return rows
}

/**
 * The answer to a question for one thing.
 *
 * @param what `work pool`
 * @param names of those that there are, read only when this one is not there
 * @throws {CommandError} that names near ones, where the API answers 404
 */
export async function found<T>(answer: Promise<T>, what: string, name: string, names: () => Promise<readonly string[]>, remedy?: string): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!isAbsent(error)) throw error
    throw notFound(what, name, await names().catch(() => []), remedy)
  }
}

/** Undefined where the API answers 404. */
export async function maybe<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  return answeredWith(error, 404)
}

/** Known by its code, so that the SDK is not loaded for a help text. */
export function answeredWith(error: unknown, status: number): boolean {
  return error instanceof Error && 'code' in error && error.code === 'api-error' && 'status' in error && error.status === status
}

/** An error of how a command was called. */
export function misused(message: string, remedy?: string): CommandError {
  return new CommandError(message, { remedy, exitCode: EXIT.usage })
}

/** A part of a path. */
export const inPath = encodeURIComponent
