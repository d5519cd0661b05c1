import { httpError } from '../errors.ts'

export interface Page {
  limit: number
  offset: number
}

/**
 * The page a list route was asked for. Null means the default limit, which is also the largest.
 *
 * @throws 422 with Prefect's text when the limit is out of range.
 */
export function readPage(given: { limit?: number | null | undefined; offset?: number | null | undefined }, limitMax: number): Page {
  const limit = given.limit ?? limitMax
  if (limit < 0) throw httpError(422, 'Invalid limit: must be greater than or equal to 0.')
  if (limit > limitMax) throw httpError(422, `Invalid limit: must be less than or equal to ${limitMax}.`)
  return { limit, offset: given.offset ?? 0 }
}

/** The envelope of the `/paginate` routes out of encoded members. */
export function pageJson(results: readonly string[], count: number, limit: number, page: number): string {
  const pages = limit === 0 ? 0 : Math.ceil(count / limit)
  return `{"results":[${results.join(',')}],"count":${count},"limit":${limit},"pages":${pages},"page":${page}}`
}
