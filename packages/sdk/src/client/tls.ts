import { readFileSync } from 'node:fs'
import { asError } from '../errors.ts'
import type { SdkSettings } from '../settings.ts'

/** How a client knows its server, where that is not left to the certificates that Node brings along. */
export type TlsSettings = Partial<Pick<SdkSettings, 'tlsCaFile' | 'tlsInsecure'>>

/** @throws {TypeError} when the file of certificates cannot be read. */
export function tlsOptions({ tlsCaFile, tlsInsecure }: TlsSettings): { ca?: string; rejectUnauthorized?: false } {
  return { ...(tlsCaFile === undefined ? {} : { ca: readCertificates(tlsCaFile) }), ...(tlsInsecure === true ? { rejectUnauthorized: false as const } : {}) }
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TypeError(`the certificates of PREFECT_API_SSL_CERT_FILE cannot be read: ${asError(cause).message}`, { cause })
  }
}
