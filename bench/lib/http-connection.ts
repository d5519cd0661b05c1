import { connect, type Socket } from 'node:net'

export interface Reply {
  status: number
  /** Status line and headers in lower case. */
  head: string
  body: Buffer
}

/**
 * One keep-alive HTTP/1.1 connection with one request in flight. A load generator shares the machine with what it measures,
 * so it spends as little as it can per request: no agent, no streams, one write out, usually one chunk back.
 * A connection that the server closed between requests is dialled again.
 */
export class HttpConnection {
  readonly host: string
  readonly port: number
  readonly #extraHeaders: string
  #socket: Socket | undefined
  #pending: { resolve(reply: Reply): void; reject(error: Error): void } | undefined
  #received: Buffer | undefined

  /** @param extraHeaders Header lines, each with its line end, sent with every request. */
  constructor(host: string, port: number, extraHeaders = '') {
    this.host = host
    this.port = port
    this.#extraHeaders = extraHeaders
  }

  /** Sends a request and gathers the whole reply. Rejects when the connection breaks before it is complete. */
  request(method: string, path: string, body?: string): Promise<Reply> {
    const head = `${method} ${path} HTTP/1.1\r\nhost: ${this.host}:${this.port}\r\n${this.#extraHeaders}`
    const text = body === undefined
      ? `${head}\r\n`
      : `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject }
      this.#received = undefined
      this.#open().write(text)
    })
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #open(): Socket {
    if (this.#socket) return this.#socket
    const socket = connect({ host: this.host, port: this.port, noDelay: true })
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#broken(socket, error))
    socket.on('close', () => this.#broken(socket, new Error('connection closed before the reply was complete')))
    this.#socket = socket
    return socket
  }

  #broken(socket: Socket, error: Error): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    const pending = this.#pending
    this.#pending = undefined
    pending?.reject(error)
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received ? Buffer.concat([this.#received, chunk]) : chunk
    const reply = parseReply(this.#received)
    if (!reply) return
    this.#received = undefined
    const pending = this.#pending
    this.#pending = undefined
    if (reply.closes) this.close()
    pending?.resolve(reply)
  }
}

/** The reply at the start of `bytes`, or undefined while part of it is missing. */
function parseReply(bytes: Buffer): (Reply & { closes: boolean }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase()
  const status = Number(head.slice(9, 12))
  const closes = head.includes('\r\nconnection: close')
  const start = headEnd + 4
  const length = /\r\ncontent-length: *(\d+)/.exec(head)
  if (length) {
    const end = start + Number(length[1])
    return bytes.length < end ? undefined : { status, head, closes, body: bytes.subarray(start, end) }
  }
  if (!head.includes('\r\ntransfer-encoding: chunked')) return { status, head, closes, body: Buffer.alloc(0) }
  const body = dechunk(bytes, start)
  return body && { status, head, closes, body }
}

function dechunk(bytes: Buffer, from: number): Buffer | undefined {
  const parts: Buffer[] = []
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const end = lineEnd + 2 + size
    if (bytes.length < end + 2) return undefined
    if (size === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
  }
}
