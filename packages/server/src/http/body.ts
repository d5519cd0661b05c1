import type { IncomingMessage } from 'node:http'
import { AppError, LimitError, shed } from '../errors.ts'
import type { Limits } from '../limits.ts'

/** Thrown when the peer went away before its body was whole: there is nobody to answer. */
export class PeerGoneError extends Error {}

/** Bodies up to this size are always taken in: state changes and heartbeats go on while batches of logs fill the memory. */
const smallBodyBytes = 65_536

/** Counts the bytes of all bodies that are being read or worked on, and refuses what is over the bound. */
export class BodyBudget {
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * @param soFar What this body has taken already.
   * @throws 503 when there is no room.
   */
  take(bytes: number, soFar: number): void {
    if (this.#bytes + bytes > this.#bytesMax && soFar + bytes > smallBodyBytes) {
      const { body, headers } = shed('too many bytes of bodies are being read')
      throw new LimitError('bodiesBytes', 503, body, { ...headers, connection: 'close' })
    }
    this.#bytes += bytes
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes
  }
}

/**
 * Reads a request's body, at most `bytesMax` of it; `limit` names that bound. How long that may take is the HTTP server's `requestTimeout`.
 *
 * @returns undefined when there is none. What is returned stays in `budget` until the caller gives it back.
 * @throws 413 as soon as the length is known to be over the bound, before the body is read.
 */
export function readBody(request: IncomingMessage, limit: keyof Limits, bytesMax: number, budget: BodyBudget): Promise<Buffer | undefined> {
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
    const refuse = (error: Error): void => {
      request.removeAllListeners('data')
      chunks.length = 0
      budget.giveBack(bytes)
      bytes = 0
      reject(error)
    }
    request.on('data', (chunk: Buffer) => {
      if (bytes + chunk.byteLength > bytesMax) {
        request.pause()
        refuse(tooLarge(limit, bytesMax))
        return
      }
      try {
        budget.take(chunk.byteLength, bytes)
      } catch (error) {
        request.pause()
        refuse(error as Error)
        return
      }
      bytes += chunk.byteLength
      chunks.push(chunk)
    })
    request.once('end', () => {
      const body = bytes === 0 ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes)
      bytes = 0 // From here on they are the caller's to give back.
      resolve(body)
    })
    request.once('error', () => refuse(new PeerGoneError()))
    request.once('close', () => {
      if (!request.complete) refuse(new PeerGoneError())
    })
  })
}

function tooLarge(limit: keyof Limits, bytesMax: number): LimitError {
  return new LimitError(limit, 413, { detail: `Request body is too large: the limit is ${bytesMax} bytes.` }, { connection: 'close' })
}
