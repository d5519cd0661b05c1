import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Frame } from './frames.ts'
import type { PeerFault, Transport, TransportListener } from './transport.ts'
import type { TurnQueue } from './turn-queue.ts'

/** Parts of `ws` that are not in its types, as is the name of its listener for the end; tests of streams notice when a version has them no more. */
interface WebSocketParts {
  _socket: Socket
  _receiver: { _fragmented: number; _bufferedBytes: number; _state: number; on(event: 'conclude', listener: () => void): void }
}

/**
 * A websocket under the connection machine. `ws` reads, checks and closes; frames go out as whole chunks that were encoded once
 * for everybody, straight to the socket: without compression `ws` adds nothing to them but a header.
 */
export class WebSocketTransport implements Transport {
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #receiver: WebSocketParts['_receiver']
  readonly #endings: TurnQueue
  #corked = false

  /** @param endings What has to be reset waits here for its turn: the kernel takes its time to free what it holds. */
  constructor(ws: WebSocket, endings: TurnQueue) {
    this.#ws = ws
    this.#endings = endings
    const parts = ws as unknown as WebSocketParts
    this.#socket = parts._socket
    this.#receiver = parts._receiver
  }

  /** Begins to tell what the peer does. */
  listen(listener: TransportListener): void {
    const ws = this.#ws
    ws.on('message', (data, isBinary) => listener.message(isBinary ? undefined : (data as Buffer).toString('utf8')))
    ws.on('ping', (data) => listener.pinged(data))
    ws.on('pong', (data) => listener.ponged(data.byteLength === 4 ? data.readUInt32BE(0) : -1))
    // 'close' always follows, and is where the end is counted.
    ws.on('error', (error: NodeJS.ErrnoException) => listener.ending(faultOf(error.code ?? '')))
    ws.once('close', () => listener.closed())
    this.#socket.on('drain', () => listener.drained())
    // A peer that half-closes while its window is full would leave the socket in CLOSING for ever (catalogue, fact 3). In the place
    // of `ws`, which would end its own side then, and leave to the kernel what the peer does not read.
    const endOfWs = this.#socket.listeners('end').find(({ name }) => name === 'socketOnEnd') as () => void
    this.#socket.off('end', endOfWs)
    this.#socket.once('end', () => {
      if (listener.finished()) this.#endings.add(() => this.terminate(true))
      else endOfWs.call(this.#socket)
    })
    this.#receiver.on('conclude', () => listener.ending())
  }

  get open(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && this.#socket.writable
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount
  }

  get hasUnfinishedMessage(): boolean {
    const { _fragmented, _bufferedBytes, _state } = this.#receiver
    return _fragmented > 0 || _bufferedBytes > 0 || _state !== 0
  }

  encode(frame: Frame): Buffer {
    return frame.websocket
  }

  send(chunk: Buffer): void {
    if (!this.#corked) {
      // All that this turn has for the peer leaves in one system call.
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(chunk)
  }

  ping(number: number): void {
    const payload = Buffer.allocUnsafe(4)
    payload.writeUInt32BE(number, 0)
    this.#ws.ping(payload)
  }

  pong(data: Buffer): void {
    this.#ws.pong(data)
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
  }

  terminate(byReset: boolean): void {
    const socket = this.#socket
    if (socket.destroyed) return
    // A reset while the FIN is on its way to the kernel fails.
    const isEnding = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
    // By itself it waits until all is written, which may be never.
    if (byReset && !isEnding) socket.resetAndDestroy()
    socket.destroy()
  }

  pauseReading(): void {
    this.#ws.pause()
  }

  resumeReading(): void {
    this.#ws.resume()
  }
}

function faultOf(code: string): PeerFault {
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' || code === 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH') return 'message-too-large'
  if (code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return 'too-many-fragments'
  return code.startsWith('WS_ERR') ? 'protocol-error' : 'reset'
}
