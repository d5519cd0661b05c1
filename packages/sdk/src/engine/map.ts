import { sdkLimits } from '../limits.ts'
import type { RunFuture } from './future.ts'
import type { Outcome, State } from './state.ts'

/** How `map` goes through its items. */
export interface MapOptions<Args extends unknown[]> {
  /** Open runs at a time. Default 100. */
  readonly window?: number
  /** The arguments after the item, the same for every run. */
  readonly rest?: Args extends [unknown, ...infer Rest] ? Rest : never
}

/** How the run of one item ended. */
export type MappedOutcome<R> = Outcome<R> & { /** The place of the item. */ readonly index: number }

/**
 * The runs of a `map`. They go on whether or not somebody waits. Iterated over, it gives how they ended in the order in which
 * they did, also those that ended before.
 */
export class MapRun<R> implements AsyncIterable<MappedOutcome<R>> {
  readonly #outcomes: Promise<readonly Outcome<R>[]>
  readonly #ended: EndedRuns<R>

  /** @internal */
  constructor(outcomes: Promise<readonly Outcome<R>[]>, ended: EndedRuns<R>) {
    this.#outcomes = outcomes
    this.#ended = ended
    outcomes.catch(() => {}) // It is thrown to whoever asks.
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MappedOutcome<R>, void, undefined> {
    let isOver = false
    void this.#outcomes.catch(() => {}).then(() => {
      isOver = true
      this.#ended.tell()
    })
    for (let next = 0; ; ) {
      while (next < this.#ended.places.length) yield this.#ended.at(next++)
      if (isOver) break
      await this.#ended.more()
    }
    await this.#outcomes
  }

  /** The values in the order of the items. @throws the first item's error that failed, once all have ended. */
  async results(): Promise<R[]> {
    return (await this.#outcomes).map((outcome) => {
      if (outcome.ok) return outcome.value
      throw outcome.error
    })
  }

  /** The last states in the order of the items. */
  async states(): Promise<State[]> {
    return (await this.#outcomes).map(({ state }) => state)
  }

  /** States with values or errors in the order of the items. */
  async outcomes(): Promise<readonly Outcome<R>[]> {
    return await this.#outcomes
  }
}

/** @internal Outcomes, and the order in which they came. */
export class EndedRuns<R> {
  readonly outcomes: Outcome<R>[] = []
  readonly places: number[] = []
  #waiters: (() => void)[] = []

  add(outcome: Outcome<R>, place: number): void {
    this.outcomes[place] = outcome
    this.places.push(place)
    this.tell()
  }

  at(nth: number): MappedOutcome<R> {
    const index = this.places[nth]!
    return { ...this.outcomes[index]!, index }
  }

  tell(): void {
    for (const go of this.#waiters.splice(0)) go()
  }

  more(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }
}

/** Items in arrays of so many; the last one may be shorter. */
export async function* batchesOf<Item>(items: Iterable<Item> | AsyncIterable<Item>, size: number): AsyncGenerator<Item[], void, undefined> {
  if (!Number.isInteger(size) || size < 1) throw new TypeError(`the size of batches is ${size}; it must be a whole number from 1 on`)
  let batch: Item[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/**
 * Starts a run for each item, at most `window` at a time; the next item is taken when there is room for it.
 *
 * @param open what the flow waits for before it ends
 */
export function mapTask<Args extends unknown[], R>(
  start: (item: unknown) => RunFuture<R>,
  items: Iterable<unknown> | AsyncIterable<unknown>,
  { window = sdkLimits.mapWindow }: MapOptions<Args>,
  open?: Set<Promise<unknown>>,
): MapRun<R> {
  if (!Number.isInteger(window) || window < 1) throw new TypeError(`window is ${window}; it must be a whole number from 1 on`)
  const ended = new EndedRuns<R>()
  const all = runAll(start, items, window, ended)
  open?.add(all)
  return new MapRun(all.finally(() => open?.delete(all)), ended)
}

async function runAll<R>(start: (item: unknown) => RunFuture<R>, items: Iterable<unknown> | AsyncIterable<unknown>, window: number, ended: EndedRuns<R>): Promise<Outcome<R>[]> {
  const open = new Set<Promise<void>>()
  let index = 0
  const keep = async (future: RunFuture<R>, place: number): Promise<void> => {
    ended.add(await future.outcome(), place)
  }
  for await (const item of items) {
    const place = index++
    const done = keep(start(item), place)
    open.add(done)
    void done.finally(() => open.delete(done))
    if (open.size >= window) await Promise.race(open)
  }
  await Promise.all(open)
  return ended.outcomes
}
