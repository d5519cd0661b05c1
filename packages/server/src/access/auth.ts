import { timingSafeEqual } from 'node:crypto'

/** Compares without telling by its duration where two strings differ. */
export function sameSecret(given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}

/**
 * Checks `Authorization: Basic base64(<auth string>)`, the whole value, as Prefect does.
 *
 * @param authString The shared string; undefined lets everybody in.
 */
export function isAuthorized(header: string | undefined, authString: string | undefined): boolean {
  if (authString === undefined) return true
  if (header === undefined) return false
  return sameSecret(header, `Basic ${Buffer.from(authString).toString('base64')}`)
}
