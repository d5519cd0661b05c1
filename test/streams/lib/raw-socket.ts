import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { closeCodeOf, frame, FrameReader, opcodes, type ReadFrame } from './frames.ts'

type AfterHook = { after(work: () => unknown): void }

export interface RawSocket {
  readonly socket: Socket
  /** The status of the answer to the upgrade, and its head. */
  readonly status: number
  readonly head: string
  /** All frames of the server so far, pings too. None is answered. */
  readonly frames: readonly ReadFrame[]
  /** Of the server's close frame, if there was one. */
  close(): { code: number; reason: string } | undefined
  /** Resolves when TCP is closed in both directions. */
  readonly ended: Promise<void>
  send(...bytes: Buffer[]): void
  /** Resolves with the first frame that the check accepts, those that are there already too. */
  frame(check: (frame: ReadFrame) => boolean, what: string): Promise<ReadFrame>
}

export interface RawDial {
  path: string
  /** Default: `prefect`; undefined for none. */
  subprotocol?: string | undefined
  /** Further header lines, or other ones. */
  headers?: readonly string[]
}

const answerSeconds = 20

/** The head of a websocket's opening handshake. */
export function upgradeHead({ path, headers = [], ...options }: RawDial): string {
  const subprotocol = 'subprotocol' in options ? options.subprotocol : 'prefect'
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    ...headers,
  ]
  return [...lines, '', ''].join('\r\n')
}

/** Dials, asks for a websocket, and resolves with the answer's head there; from then on it speaks bytes. */
export async function dialRaw(t: AfterHook | undefined, url: string, dial: RawDial): Promise<RawSocket> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), noDelay: true, allowHalfOpen: true })
  t?.after(() => socket.destroy())
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  // Without this FIN the socket would stay half open for ever.
  socket.on('end', () => socket.end())
  socket.on('error', () => {})
  const frames: ReadFrame[] = []
  const reader = new FrameReader()
  const head = Promise.withResolvers<string>()
  let received: Buffer | undefined = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    if (received === undefined) return void frames.push(...reader.push(chunk))
    received = Buffer.concat([received, chunk])
    const end = received.indexOf('\r\n\r\n')
    if (end < 0) return
    head.resolve(received.subarray(0, end + 4).toString('latin1'))
    frames.push(...reader.push(received.subarray(end + 4)))
    received = undefined
  })
  void ended.then(() => head.reject(new Error(`the connection ended in the head: ${received?.toString('latin1') ?? ''}`)))
  socket.write(upgradeHead(dial))
  const answer = await head.promise
  return {
    socket,
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]),
    head: answer,
    frames,
    close() {
      const found = frames.find(({ opcode }) => opcode === opcodes.close)
      return found && { code: closeCodeOf(found), reason: found.payload.subarray(2).toString() }
    },
    ended,
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    async frame(check, what) {
      const signal = AbortSignal.timeout(answerSeconds * 1000)
      for (;;) {
        const found = frames.find(check)
        if (found !== undefined) return found
        if (socket.closed) throw new Error(`the connection ended without ${what}`)
        const came = Promise.withResolvers<void>()
        const gaveUp = (): void => came.reject(new Error(`waited ${answerSeconds} s in vain for ${what}`))
        socket.once('data', came.resolve).once('close', came.resolve)
        signal.addEventListener('abort', gaveUp)
        await came.promise.finally(() => {
          socket.off('data', came.resolve).off('close', came.resolve)
          signal.removeEventListener('abort', gaveUp)
        })
      }
    },
  }
}

/** The same with the auth message sent and answered. */
export async function dialAuthenticated(t: AfterHook | undefined, url: string, path: string): Promise<RawSocket> {
  const raw = await dialRaw(t, url, { path })
  raw.send(textFrame({ type: 'auth', token: null }))
  await raw.frame(({ opcode }) => opcode === opcodes.text, 'auth_success')
  return raw
}

/** Sends a ping and waits for its pong: whatever was sent before it has been read then. */
export async function pinged(raw: RawSocket): Promise<void> {
  const payload = randomBytes(8)
  raw.send(frame(opcodes.ping, payload))
  await raw.frame((came) => came.opcode === opcodes.pong && came.payload.equals(payload), 'a pong')
}

export function textFrame(message: object | string): Buffer {
  return frame(opcodes.text, typeof message === 'string' ? message : JSON.stringify(message))
}
