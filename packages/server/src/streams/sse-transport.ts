import type { ServerResponse } from 'node:http'
import type { Frame } from './frames.ts'
import type { Transport, TransportListener } from './transport.ts'

/**
 * Server-sent events under the connection machine. There are no pongs: a comment is the ping, and it counts as answered when the
 * kernel has taken it. A peer that stops reading is noticed when the kernel's buffers are full.
 */
export class SseTransport implements Transport {
  readonly #response: ServerResponse
  #listener: TransportListener | undefined
  #ended = false

  constructor(response: ServerResponse) {
    this.#response = response
  }

  /** Sends the head and begins to tell what the peer does. */
  listen(listener: TransportListener): void {
    const response = this.#response
    this.#listener = listener
    response.on('drain', () => listener.drained())
    response.on('error', () => listener.ending('reset'))
    response.once('close', () => listener.closed())
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      // Proxies must neither keep nor gather what is to arrive at once (catalogue, G04).
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    // How long a browser waits before it comes back; spread, so that not all come at once.
    response.write(`retry: ${1_000 + Math.floor(Math.random() * 2_000)}\n\n`)
  }

  get open(): boolean {
    return !this.#ended && !this.#response.destroyed
  }

  get bufferedBytes(): number {
    return this.#response.writableLength
  }

  get hasUnfinishedMessage(): boolean {
    return false
  }

  encode(frame: Frame): Buffer {
    return frame.sse
  }

  send(chunk: Buffer): void {
    this.#response.write(chunk)
  }

  ping(number: number): void {
    this.#response.write(': \n\n', (error) => {
      // In a turn of its own, as an answer would come: what is counted as sent has to be counted before it is confirmed.
      if (!error) setImmediate(() => this.#listener?.ponged(number))
    })
  }

  pong(): void {}

  close(code: number, reason: string): void {
    this.#response.end(`event: close\ndata: ${JSON.stringify({ type: 'close', code, reason })}\n\n`)
    this.#ended = true
  }

  terminate(byReset: boolean): void {
    const { socket } = this.#response
    if (byReset && socket && !socket.destroyed) socket.resetAndDestroy()
    this.#response.destroy()
  }

  pauseReading(): void {}

  resumeReading(): void {}
}
