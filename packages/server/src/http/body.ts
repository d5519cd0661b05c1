import type { IncomingMessage } from 'node:http'
import { AppError, LimitError } from '../errors.ts'
import type { Limits } from '../limits.ts'

/** Thrown when the peer went away before its body was whole: there is nobody to answer. */
export class PeerGoneError extends Error {}

/**
 * Reads a request's body, at most `bytesMax` of it; `limit` names that bound. How long that may take is the HTTP server's `requestTimeout`.
 *
 * @returns undefined when there is none.
 * @throws 413 as soon as the length is known to be over the bound, before the body is read.
 */
export function readBody(request: IncomingMessage, limit: keyof Limits, bytesMax: number): Promise<Buffer | undefined> {
  const length = request.headers['content-length']
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return Promise.resolve(undefined)
  if (length !== undefined && Number(length) > bytesMax) return Promise.reject(tooLarge(limit, bytesMax))
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.reject(new AppError(415, { detail: 'Compressed request bodies are not supported.' }, { connection: 'close' }))
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes > bytesMax) {
        request.removeAllListeners('data')
        request.pause()
        reject(tooLarge(limit, bytesMax))
        return
      }
      chunks.push(chunk)
    })
    request.once('end', () => resolve(bytes === 0 ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes)))
    request.once('error', () => reject(new PeerGoneError()))
    request.once('close', () => {
      if (!request.complete) reject(new PeerGoneError())
    })
  })
}

function tooLarge(limit: keyof Limits, bytesMax: number): LimitError {
  return new LimitError(limit, 413, { detail: `Request body is too large: the limit is ${bytesMax} bytes.` }, { connection: 'close' })
}
