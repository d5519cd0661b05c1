const FIRST_MS = 500
const MAX_MS = 30_000
/** A connection that held for so long was good: the next trouble begins from the start. */
const STABLE_MS = 60_000

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
    const boundMs = Math.min(MAX_MS, FIRST_MS * 2 ** this.#failures)
    return FIRST_MS + this.#random() * (boundMs - FIRST_MS)
  }

  /** A connection has ended that was open for so long. */
  ended(openForMs: number): void {
    if (openForMs >= STABLE_MS) this.#failures = 0
  }
}
