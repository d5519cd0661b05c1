import type { IncomingHttpHeaders } from 'node:http'
import { AppError, httpError } from '../errors.ts'
import type { RouteContext } from '../routes/route.ts'

/**
 * Checks the CSRF headers of a mutating request: the token must be the one that this client was given last.
 *
 * @throws 403 in the words by which stock clients know that they must fetch a new token.
 */
export function csrfCheck({ store }: Pick<RouteContext, 'store'>): (headers: IncomingHttpHeaders) => Promise<void> {
  return async (headers) => {
    const token = headers['prefect-csrf-token']
    const client = headers['prefect-csrf-client']
    if (typeof token !== 'string' || token === '') throw httpError(403, 'Missing CSRF token.')
    if (typeof client !== 'string' || client === '') throw httpError(403, 'Missing client identifier.')
    if (await store.read('isCsrfTokenValid', { client, token })) return
    throw new AppError(
      403,
      { detail: 'Invalid CSRF token or client identifier.' },
      { 'access-control-allow-origin': '*' },
    )
  }
}
