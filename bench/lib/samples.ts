/** Latencies of one measurement, in milliseconds. Keeps every sample: exact percentiles, some bytes each. */
export class Samples {
  #values = new Float64Array(4096)
  #count = 0

  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(this.#count * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#count++] = ms
  }

  get count(): number {
    return this.#count
  }

  /** p50, p99 and the largest, rounded to 10 µs; all 0 when nothing was measured. */
  summary(): Percentiles {
    const sorted = this.#values.slice(0, this.#count).sort()
    const at = (share: number) => round(sorted[Math.min(this.#count - 1, Math.floor(share * this.#count))] ?? 0)
    return { count: this.#count, p50: at(0.5), p99: at(0.99), max: at(1) }
  }
}

export interface Percentiles {
  count: number
  p50: number
  p99: number
  max: number
}

/** The middle value (the mean of the two middle ones for an even number of them); 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]!
  return sorted.length === 0 ? 0 : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Rounds to two decimals. */
export function round(value: number): number {
  return Math.round(value * 100) / 100
}
