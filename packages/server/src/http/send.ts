import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { UnreadAnswers } from './unread-answers.ts'

const compress = promisify(gzip)
/** Below this, compressing costs more than it saves. */
const compressFromBytes = 8_192

export interface Outgoing {
  status: number
  /** Undefined for an answer without a body. */
  contentType: string | undefined
  text: string
  /** What follows the text, asked for piece by piece as the peer takes it. */
  stream?: AsyncIterable<string> | undefined
  headers?: Record<string, string> | undefined
  /** Sends the answer itself, in its own time. */
  takeOver?: ((response: ServerResponse) => void) | undefined
}

/** Sends an answer whole; one that the peer does not take is dropped with its connection, see unread-answers.ts. */
export async function send(request: IncomingMessage, response: ServerResponse, answer: Outgoing, unread: UnreadAnswers): Promise<void> {
  if (response.destroyed || response.headersSent) return
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  if (answer.takeOver) return answer.takeOver(response)
  if (answer.status === 204 || answer.status === 304) {
    response.writeHead(answer.status).end()
    return
  }
  if (answer.contentType !== undefined) response.setHeader('content-type', answer.contentType)
  if (answer.stream) {
    response.writeHead(answer.status)
    response.write(answer.text)
    // A peer that goes away ends the source; one that stops reading is dropped like any other.
    unread.watch(response)
    await pipeline(Readable.from(answer.stream, { objectMode: false }), response).catch(() => response.destroy())
    return
  }
  let body: string | Buffer = answer.text
  if (body.length >= compressFromBytes && String(request.headers['accept-encoding'] ?? '').includes('gzip')) {
    // In libuv's pool, at the cheapest level: the connection thread goes on.
    body = await compress(body, { level: constants.Z_BEST_SPEED })
    response.setHeader('content-encoding', 'gzip')
    response.setHeader('vary', 'Accept-Encoding')
    if (response.destroyed) return
  }
  response.setHeader('content-length', Buffer.byteLength(body))
  response.writeHead(answer.status).end(body)
  unread.watch(response)
}
