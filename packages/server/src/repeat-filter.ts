/** Keys that are remembered. With more, the oldest are forgotten: each may then speak again a little too early. */
const keysMax = 1_000

/** Lets each key through once in `everyMs`, and tells with the next one how many were held back. */
export class RepeatFilter {
  readonly #everyMs: number
  readonly #nowMs: () => number
  readonly #keys = new Map<string, { sinceMs: number; heldBack: number }>()

  /** @param nowMs Monotonic. */
  constructor(everyMs: number, nowMs: () => number) {
    this.#everyMs = everyMs
    this.#nowMs = nowMs
  }

  /** @returns how many of this key were held back since the last one that came through; undefined to hold this one back too. */
  admit(key: string): number | undefined {
    const nowMs = this.#nowMs()
    const known = this.#keys.get(key)
    if (known && nowMs - known.sinceMs < this.#everyMs) {
      known.heldBack += 1
      return undefined
    }
    this.#keys.delete(key)
    this.#keys.set(key, { sinceMs: nowMs, heldBack: 0 })
    if (this.#keys.size > keysMax) this.#keys.delete(this.#keys.keys().next().value!)
    return known?.heldBack ?? 0
  }
}
