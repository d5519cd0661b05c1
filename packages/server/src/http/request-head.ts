import { httpError } from '../errors.ts'

const oldestApiVersion = [0, 8, 0] as const

/**
 * Checks X-PREFECT-API-VERSION as Prefect does.
 *
 * @returns the version as sent, null when absent.
 * @throws 400 when it is malformed or too old.
 */
export function checkApiVersion(header: string | undefined): string | null {
  if (header === undefined) return null
  const parts = header.split('.')
  if (parts.length !== 3 || parts.some((part) => !/^\s*[+-]?\d+\s*$/.test(part))) {
    // The missing space after the full stop is Prefect's.
    throw httpError(
      400,
      `Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received ${header}`,
    )
  }
  for (const [index, oldest] of oldestApiVersion.entries()) {
    const given = Number(parts[index])
    if (given > oldest) break
    if (given < oldest) {
      throw httpError(
        400,
        `The request specified API version ${header} but this server requires version ${oldestApiVersion.join('.')} or higher.`,
      )
    }
  }
  return header
}

const stockAgent = /^prefect\/(\d+\.\d+\.\d+(?:[a-z.+0-9]+)?) \(API \S+\)$/

/** The Prefect client's version out of its User-Agent, null for anybody else. */
export function readClientVersion(userAgent: string | undefined): string | null {
  return (userAgent && stockAgent.exec(userAgent)?.[1]) || null
}
