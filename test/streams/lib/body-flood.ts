import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

const route = 'POST /api/flows/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'
const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20))
const piece = Buffer.alloc(65_536, 0x20)
const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])

/** Fault C04: bodies that are too big, that grow when unpacked, that never end, and that are nested too deep. */
const bodies: readonly { head: string; first: Buffer; further?: Buffer }[] = [
  { head: `${route}Content-Length: 100000000\r\n\r\n`, first: piece, further: piece },
  { head: `${route}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`, first: bomb },
  { head: `${route}Transfer-Encoding: chunked\r\n\r\n`, first: chunk, further: chunk },
  { head: `${route}Content-Length: 200000\r\n\r\n`, first: Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)) },
]

/** Sends such bodies over so many connections at a time until it is told to stop, and counts the answers by status. */
export class BodyFlood {
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  readonly #answers: Record<string, number> = {}
  #sent = 0
  #stopped = false

  constructor(t: { after(work: () => unknown): void }, url: string, connections: number) {
    this.#port = Number(new URL(url).port)
    t.after(() => this.stop())
    for (let n = 0; n < connections; n++) this.#attack()
  }

  /** Gives the answers so far: `none` counts connections that ended without one. */
  async stop(): Promise<Readonly<Record<string, number>>> {
    this.#stopped = true
    for (const socket of this.#sockets) socket.destroy()
    return this.#answers
  }

  #attack(): void {
    if (this.#stopped) return
    const { head, first, further } = bodies[this.#sent++ % bodies.length]!
    const socket = connect({ host: '127.0.0.1', port: this.#port })
    this.#sockets.add(socket)
    socket.write(head)
    socket.write(first)
    // As much as the server takes: the next piece when the last is gone.
    socket.on('drain', () => {
      if (further && socket.writable) while (socket.write(further));
    })
    let answer = ''
    socket.on('data', (data) => {
      answer ||= data.toString('latin1').slice(9, 12)
      socket.destroy()
    })
    socket.on('error', () => {}) // A reset in the middle of a body is an answer too.
    socket.on('close', () => {
      this.#sockets.delete(socket)
      const what = answer || 'none'
      if (!this.#stopped) this.#answers[what] = (this.#answers[what] ?? 0) + 1
      setTimeout(() => this.#attack(), 200)
    })
  }
}
