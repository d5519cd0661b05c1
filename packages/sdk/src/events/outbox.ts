import { sdkLimits } from '../limits.ts'
import { SpillFile } from './spill-file.ts'

/** An event as text, ready to be sent. */
export interface OutgoingEvent {
  readonly json: string
  /** A state of a run: never shed. */
  readonly isState: boolean
}

interface NumberedEvent extends OutgoingEvent {
  readonly number: number
}

export interface OutboxLimits {
  /** Events and bytes in memory. */
  readonly eventsMax: number
  readonly bytesMax: number
  /** Bytes in the file that states go to when memory is full. */
  readonly spillBytesMax: number
}

export const defaultOutboxLimits: OutboxLimits = { eventsMax: sdkLimits.outboxEvents, bytesMax: sdkLimits.outboxBytes, spillBytesMax: sdkLimits.spillBytes }

/**
 * What waits for the server: events in the order in which they happened, sent ones first until they are confirmed.
 *
 * Memory is bounded. When it is full, other events than states of runs are shed, oldest first, and counted. States that
 * still find no room go to a file, and whatever follows goes there too, so that order is kept. When the file is full as
 * well, `add` gives a promise, and whoever made the event waits for it.
 */
export class Outbox {
  readonly #limits: OutboxLimits
  readonly #spill: SpillFile
  #events: NumberedEvent[] = []
  /** Of the last event that was taken in, be it in memory or in the file. */
  #lastNumber = 0
  /** How many of the first events are with the server, unconfirmed. */
  #sent = 0
  #bytes = 0
  /** Plain numbers: what became of events. */
  readonly counts = { confirmed: 0, shed: 0, spilled: 0 }
  #shedTold = 0
  #roomWaiters: (() => void)[] = []

  constructor(limits: OutboxLimits = defaultOutboxLimits) {
    this.#limits = limits
    this.#spill = new SpillFile()
  }

  /** Events in memory and in the file. */
  get size(): number {
    return this.#events.length + this.#spill.events
  }

  get bytesInMemory(): number {
    return this.#bytes
  }

  get spilled(): number {
    return this.#spill.events
  }

  /** Events are numbered as they come in: the newest one's number. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  /** Of the oldest event that is still here; everything before it is with the server, or was shed. */
  get firstNumber(): number {
    return this.#events[0]?.number ?? this.#lastNumber + 1 - this.#spill.events
  }

  /** How many events were given up since the last call. */
  takeShedCount(): number {
    const shed = this.counts.shed - this.#shedTold
    this.#shedTold = this.counts.shed
    return shed
  }

  /** @returns a promise when the event has to wait for room. */
  add(event: OutgoingEvent): undefined | Promise<void> {
    if (this.#spill.events === 0 && this.#hasRoom(event)) {
      this.#push(event)
      return undefined
    }
    if (!event.isState) {
      // Behind states in the file there is no place that keeps the order, so this one is what is shed.
      if (this.#spill.events > 0 || !this.#shedFor(event)) this.counts.shed++
      else this.#push(event)
      return undefined
    }
    if (this.#spill.events === 0 && this.#shedFor(event)) {
      this.#push(event)
      return undefined
    }
    if (this.#spill.bytes < this.#limits.spillBytesMax && this.#spill.append(event)) {
      this.#lastNumber++
      this.counts.spilled++
      return undefined
    }
    return this.#waitForRoom(event)
  }

  /** The next events to send, at most so many; they count as sent. */
  take(eventsMax: number): readonly OutgoingEvent[] {
    if (eventsMax <= 0) return []
    if (this.#sent === this.#events.length) this.#refill()
    const taken = this.#events.slice(this.#sent, this.#sent + eventsMax)
    this.#sent += taken.length
    return taken
  }

  get unsent(): number {
    return this.#events.length - this.#sent + this.#spill.events
  }

  get unconfirmed(): number {
    return this.#sent
  }

  /** The first so many of the sent events are with the server for good. */
  confirm(count: number): void {
    const confirmed = this.#events.splice(0, count)
    this.#sent -= confirmed.length
    this.counts.confirmed += confirmed.length
    for (const { json } of confirmed) this.#bytes -= json.length
    this.#refill()
    for (const go of this.#roomWaiters.splice(0)) go()
  }

  /** The connection is gone: everything unconfirmed is to be sent again. */
  unsend(): void {
    this.#sent = 0
  }

  /** Removes the file. */
  close(): void {
    this.#spill.remove()
  }

  #hasRoom({ json }: OutgoingEvent): boolean {
    return this.#events.length < this.#limits.eventsMax && this.#bytes + json.length <= this.#limits.bytesMax
  }

  #push({ json, isState }: OutgoingEvent, number = ++this.#lastNumber): void {
    this.#events.push({ json, isState, number })
    this.#bytes += json.length
  }

  /** Sheds other events, oldest first, until there is room. Sent ones stay: they may be stored already. */
  #shedFor(event: OutgoingEvent): boolean {
    // A tenth at a time, or each event in an outage would walk the whole list.
    const wanted = Math.max(1, Math.ceil(this.#limits.eventsMax / 10))
    let shed = 0
    this.#events = this.#events.filter((other, index) => {
      if (other.isState || index < this.#sent || shed >= wanted) return true
      shed++
      this.#bytes -= other.json.length
      return false
    })
    this.counts.shed += shed
    return this.#hasRoom(event)
  }

  #refill(): void {
    while (this.#spill.events > 0 && this.#events.length + sdkLimits.refillEvents <= this.#limits.eventsMax && this.#bytes < this.#limits.bytesMax / 2) {
      // Nothing gets past the file while it holds something, so what is in it has the last numbers.
      let number = this.#lastNumber - this.#spill.events
      for (const event of this.#spill.take(sdkLimits.refillEvents)) this.#push(event, ++number)
    }
  }

  async #waitForRoom(event: OutgoingEvent): Promise<void> {
    await new Promise<void>((resolve) => this.#roomWaiters.push(resolve))
    await this.add(event)
  }
}
