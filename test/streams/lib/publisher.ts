import { setTimeout as delay } from 'node:timers/promises'
import { HttpConnection } from '../../../bench/lib/http-connection.ts'

/** What subscribers in these tests send first: every event of a publisher, and nothing from before. */
export const everyEvent = { type: 'filter', filter: { event: { prefix: ['peers.'] } }, backfill: false }

export interface Publishing {
  /** As many as come together while `going` holds, unless given. */
  count?: number
  going?: () => boolean
  /** Of each event, about. Default: no more than it must have. */
  bytes?: number
  /** As fast as they are taken unless given. */
  perSecond?: number
  /** Events of one request. Default: 20, or what falls due in 50 ms. */
  batch?: number
  /** Default: `peers.told`. */
  event?: string
}

/**
 * Publishes numbered events through `POST /events` and knows which of them were acknowledged. The number is in the event's id,
 * where hostile-peers.py finds it, and the moment of sending in its payload.
 */
export class Publisher {
  /** Numbers of events that the server has acknowledged, in the order in which they were sent. */
  readonly acknowledged: number[] = []
  readonly #connection: HttpConnection
  #next = 0

  constructor(t: { after(work: () => void): void }, url: string) {
    const { hostname, port } = new URL(url)
    this.#connection = new HttpConnection(hostname, Number(port))
    t.after(() => this.#connection.close())
  }

  /** Resolves when all are acknowledged; fails on any other answer than 204. */
  async publish({ count = Infinity, going = () => true, bytes = 0, perSecond, batch, event = 'peers.told' }: Publishing): Promise<void> {
    const size = batch ?? (perSecond === undefined ? 20 : Math.max(1, Math.round(perSecond / 20)))
    const text = 'x'.repeat(bytes)
    const startMs = performance.now()
    for (let sent = 0; sent < count && going(); sent += size) {
      const waitMs = perSecond === undefined ? 0 : startMs + (sent / perSecond) * 1000 - performance.now()
      if (waitMs > 0) await delay(waitMs)
      const numbers = Array.from({ length: Math.min(size, count - sent) }, () => this.#next++)
      const events = numbers.map((number) => numberedEvent(number, event, text))
      const { status, body } = await this.#connection.request('POST', '/api/events', JSON.stringify(events))
      if (status !== 204) throw new Error(`POST /events answered ${status}: ${body.toString()}`)
      this.acknowledged.push(...numbers)
    }
  }
}

function numberedEvent(number: number, event: string, text: string): object {
  return {
    id: `5eed0000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    occurred: new Date().toISOString(),
    event,
    resource: { 'prefect.resource.id': `peers.thing.${number % 100}` },
    payload: { sent: Date.now(), text },
  }
}
