import type { RunFuture } from './future.ts'
import type { Outcome, State } from './state.ts'

/** How `map` goes through its items. */
export interface MapOptions<Args extends unknown[]> {
  /** Open runs at a time. Default 100. */
  readonly window?: number
  /** The arguments after the item, the same for every run. */
  readonly rest?: Args extends [unknown, ...infer Rest] ? Rest : never
}

const WINDOW = 100

/** The runs of a `map`. They go on whether or not somebody waits. */
export class MapRun<R> {
  readonly #outcomes: Promise<readonly Outcome<R>[]>

  /** @internal */
  constructor(outcomes: Promise<readonly Outcome<R>[]>) {
    this.#outcomes = outcomes
    outcomes.catch(() => {}) // It is thrown to whoever asks.
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

/**
 * Starts a run for each item, at most `window` at a time; the next item is taken when there is room for it.
 *
 * @param open what the flow waits for before it ends
 */
export function mapTask<Args extends unknown[], R>(
  start: (item: unknown) => RunFuture<R>,
  items: Iterable<unknown> | AsyncIterable<unknown>,
  { window = WINDOW }: MapOptions<Args>,
  open?: Set<Promise<unknown>>,
): MapRun<R> {
  if (!Number.isInteger(window) || window < 1) throw new TypeError(`window is ${window}; it must be a whole number from 1 on`)
  const all = runAll(start, items, window)
  open?.add(all)
  return new MapRun(all.finally(() => open?.delete(all)))
}

async function runAll<R>(start: (item: unknown) => RunFuture<R>, items: Iterable<unknown> | AsyncIterable<unknown>, window: number): Promise<Outcome<R>[]> {
  const outcomes: Outcome<R>[] = []
  const open = new Set<Promise<void>>()
  let index = 0
  const keep = async (future: RunFuture<R>, place: number): Promise<void> => {
    outcomes[place] = await future.outcome()
  }
  for await (const item of items) {
    const place = index++
    const done = keep(start(item), place)
    open.add(done)
    void done.finally(() => open.delete(done))
    if (open.size >= window) await Promise.race(open)
  }
  await Promise.all(open)
  return outcomes
}
