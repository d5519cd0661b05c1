import { sdkLimits } from '../limits.ts'


/** Delays between attempts to connect: full jitter up to a bound that doubles, at least half a second. */
export class Backoff {
  readonly #random: () => number
  #failures = 0

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  get failures(): number {
    return this.#failures
  }

  nextMs(): number {
    this.#failures++
    const boundMs = Math.min(sdkLimits.reconnectLongestMs, sdkLimits.reconnectFirstMs * 2 ** this.#failures)
    return sdkLimits.reconnectFirstMs + this.#random() * (boundMs - sdkLimits.reconnectFirstMs)
  }

  /** A connection has ended that was open for so long. */
  ended(openForMs: number): void {
    if (openForMs >= sdkLimits.reconnectStableMs) this.#failures = 0
  }
}
