import { Samples, round } from '../lib/samples.ts'
import { MADE_MARK, NUMBER_MARK } from './event-batch.ts'

export interface ReceiptFigures {
  subscribers: number
  /** The least and the greatest number of different events that one of them received. */
  leastDistinct: number
  mostDistinct: number
  repeated: number
  /** What the server says that it dropped for them. */
  saidDropped: number
  deliveryP50Ms: number
  deliveryP99Ms: number
  deliveryMaxMs: number
}

/** Which events one subscriber received, by their running numbers, and how old they were. */
export class Receipts {
  static readonly #ages = new Samples()
  #seen = new Uint8Array(4096)
  #distinct = 0
  #repeated = 0
  #dropped = 0

  take(payload: Buffer): void {
    const n = numberAfter(payload, NUMBER_MARK)
    if (n < 0) return
    Receipts.#ages.add(Date.now() - numberAfter(payload, MADE_MARK))
    if (n >= this.#seen.length) {
      const grown = new Uint8Array(Math.max(n + 1, this.#seen.length * 2))
      grown.set(this.#seen)
      this.#seen = grown
    }
    if (this.#seen[n]) this.#repeated++
    else this.#distinct++
    this.#seen[n] = 1
    this.#dropped = Math.max(this.#dropped, numberAfter(payload, '"dropped":'))
  }

  static sum(all: readonly Receipts[]): ReceiptFigures {
    const ages = Receipts.#ages.summary()
    const total = (figure: (one: Receipts) => number) => all.reduce((sum, one) => sum + figure(one), 0)
    return {
      subscribers: all.length,
      leastDistinct: Math.min(...all.map((one) => one.#distinct)), mostDistinct: Math.max(...all.map((one) => one.#distinct)),
      repeated: total((one) => one.#repeated), saidDropped: total((one) => one.#dropped),
      deliveryP50Ms: round(ages.p50), deliveryP99Ms: round(ages.p99), deliveryMaxMs: round(ages.max),
    }
  }
}

/** The whole number after `mark`; -1 when there is none. */
function numberAfter(payload: Buffer, mark: string): number {
  const found = payload.lastIndexOf(mark)
  if (found < 0) return -1
  let value = 0
  for (let at = found + mark.length; payload[at]! >= 0x30 && payload[at]! <= 0x39; at++) value = value * 10 + payload[at]! - 0x30
  return value
}
