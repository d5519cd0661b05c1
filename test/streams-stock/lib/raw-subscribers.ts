import { ask, endPart, startPart } from '../../../bench/lib/process.ts'
import type { RawCommand, RawReport } from '../parts/raw-subscribers.ts'

/** Thousands of subscribers that resume by cursor, in a process of their own. */
export class RawSubscribers {
  readonly #part: ReturnType<typeof startPart>

  private constructor(part: ReturnType<typeof startPart>) {
    this.#part = part
  }

  static start(t: { after(work: () => unknown): void }, url: string): RawSubscribers {
    const part = startPart(new URL('../parts/raw-subscribers.ts', import.meta.url), [url.replace('http', 'ws')])
    t.after(() => endPart(part, 'SIGKILL'))
    return new RawSubscribers(part)
  }

  /** Dials so many at once; resolves when all are subscribed. */
  async dial(count: number): Promise<void> {
    await ask(this.#part, { dial: count } satisfies RawCommand)
  }

  /** Resolves when all have seen so many events, or the time is over. */
  async complete(events: number, timeoutMs: number): Promise<RawReport> {
    return await ask(this.#part, { events, timeoutMs } satisfies RawCommand)
  }
}
