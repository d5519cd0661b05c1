/**
 * Many subscribers of `/events/out` in one process, each of which comes back with its last cursor: the behaviour that a client
 * should have (full jitter, 0.1 to 3 s), without the cost of a Python process. They dial from several loopback addresses.
 * Driven by IPC: `{ dial }` answers when all are subscribed, `{ events, timeoutMs }` with a report.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'

export type RawCommand = { dial: number } | { events: number; timeoutMs: number }

export interface RawReport {
  subscribers: number
  /** Of subscribers that miss something: how many events they have. */
  incomplete: number[]
  /** Events that came a second time. */
  twice: number
  outOfOrder: number
  /** Resumptions that the server could not do. */
  impossible: number
  /** Of all, from the beginning. */
  handshakes: number
}

const base = process.argv[2]!
const sourceAddresses = 8
let handshakes = 0

class ResumingSubscriber {
  readonly #seen = new Set<number>()
  readonly #localAddress: string
  readonly subscribed = Promise.withResolvers<void>()
  #cursor: string | undefined
  #last = -1
  twice = 0
  outOfOrder = 0
  impossible = 0

  constructor(n: number) {
    this.#localAddress = `127.0.0.${2 + (n % sourceAddresses)}`
    void this.#run()
  }

  get count(): number {
    return this.#seen.size
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#connection()
      await delay(100 + Math.random() * 2_900)
    }
  }

  /** One connection, from dial to end. */
  async #connection(): Promise<void> {
    const socket = new WebSocket(`${base}/api/events/out`, 'prefect', { localAddress: this.#localAddress, handshakeTimeout: 30_000, perMessageDeflate: false })
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.on('open', () => socket.send('{"type":"auth","token":null}'))
    socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data)) as Frame))
    await ended
  }

  #receive(socket: WebSocket, frame: Frame): void {
    if (frame.type === 'auth_success') {
      handshakes += 1
      const filter = { event: { name: ['stock.tick'] }, occurred: { since: new Date(Date.now() - 60_000), until: new Date(Date.now() + 86_400_000) } }
      socket.send(JSON.stringify({ type: 'filter', filter, ...(this.#cursor !== undefined && { cursor: this.#cursor }) }))
      this.subscribed.resolve()
    } else if (frame.type === 'resume') {
      if (frame.status !== 'resumed') this.impossible += 1
    } else if (frame.event) {
      const { n } = frame.event.payload
      if (this.#seen.has(n)) this.twice += 1
      else if (n !== this.#last + 1) this.outOfOrder += 1
      this.#seen.add(n)
      this.#last = Math.max(this.#last, n)
      this.#cursor = frame.cursor
    }
  }
}

interface Frame {
  type: string
  status?: string
  event?: { payload: { n: number } }
  cursor?: string
}

const subscribers: ResumingSubscriber[] = []

async function obey(command: RawCommand): Promise<unknown> {
  if ('dial' in command) {
    for (let n = 0; n < command.dial; n += 1) subscribers.push(new ResumingSubscriber(n))
    await Promise.all(subscribers.map((one) => one.subscribed.promise))
    return 'subscribed'
  }
  const untilMs = performance.now() + command.timeoutMs
  const incomplete = (): number[] => subscribers.filter(({ count }) => count < command.events).map(({ count }) => count)
  while (incomplete().length > 0 && performance.now() < untilMs) await delay(50)
  const sum = (pick: (one: ResumingSubscriber) => number): number => subscribers.reduce((total, one) => total + pick(one), 0)
  return {
    subscribers: subscribers.length,
    incomplete: incomplete(),
    twice: sum((one) => one.twice),
    outOfOrder: sum((one) => one.outOfOrder),
    impossible: sum((one) => one.impossible),
    handshakes,
  } satisfies RawReport
}

process.on('message', (command) => void obey(command as RawCommand).then((answer) => process.send!(answer)))
process.on('disconnect', () => process.exit(0))
