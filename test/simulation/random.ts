import { seededRandom } from '../faults/seeded-random.ts'

/** Choices of a schedule: the same seed gives the same ones. */
export class Random {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = seededRandom(seed)
  }

  /** A whole number from 0 up to, not including, `max`. */
  below(max: number): number {
    return Math.floor(this.#next() * max)
  }

  chance(probability: number): boolean {
    return this.#next() < probability
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!
  }
}
