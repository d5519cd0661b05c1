import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'

interface Frame {
  type: string
  status?: string
  reason?: string
  event?: { payload: { n: number } }
  cursor?: string
  dropped?: number
}

/**
 * A subscriber to numbered events that resumes by the cursor whenever its connection ends, at once and for ever. It drops no
 * repetition: what it holds is what it was sent.
 */
export class ResumingSubscriber {
  /** The numbers of all events, in the order in which they came. */
  readonly got: number[] = []
  /** What the server answered to each cursor: `resumed`, or why not. */
  readonly resumes: string[] = []
  /** Dials that led to the first message of a stream. */
  connections = 0
  dropped = 0
  readonly #url: string
  readonly #filter: object
  #cursor: string | undefined
  #socket: WebSocket | undefined
  #stopped = false

  /** @param url of the server or of what stands before it, `http://127.0.0.1:4200`. */
  constructor(t: { after(work: () => void): void }, url: string) {
    this.#url = `${url.replace('http', 'ws')}/api/events/out`
    // Until it has a cursor, everything that happens from here on comes by the backfill.
    this.#filter = { event: { prefix: ['stock.'] }, occurred: { since: new Date(Date.now() - 1_000).toISOString() } }
    t.after(() => this.stop())
    void this.#run()
  }

  stop(): void {
    this.#stopped = true
    this.#socket?.terminate()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#connect()
      await delay(20 + Math.random() * 60)
    }
  }

  /** One connection's life. */
  async #connect(): Promise<void> {
    const socket = new WebSocket(this.#url, 'prefect', { perMessageDeflate: false, handshakeTimeout: 10_000 })
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('open', () => {
      if (this.#stopped) return socket.terminate()
      socket.send('{"type":"auth","token":null}')
      socket.send(JSON.stringify({ type: 'filter', filter: this.#filter, ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }) }))
    })
    socket.on('message', (data) => this.#take(JSON.parse((data as Buffer).toString()) as Frame))
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  }

  #take({ type, status, reason, event, cursor, dropped }: Frame): void {
    if (dropped !== undefined) this.dropped = dropped
    if (type === 'auth_success') this.connections += 1
    if (type === 'resume') this.resumes.push(reason ?? status ?? '')
    if (type !== 'event' || !event) return
    this.got.push(event.payload.n)
    this.#cursor = cursor
  }
}
