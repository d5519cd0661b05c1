/** Time as the stream machines see it. They read no other clock and set no other timer, so that a simulation can drive them. */
export interface Scheduler {
  /** Milliseconds on a monotonic clock that does not count the time in which this process was stopped. */
  nowMs(): number
  /** In the next turn, before timers. */
  soon(work: () => void): void
  /** @returns a function that takes it back. */
  after(delayMs: number, work: () => void): () => void
}

/** A sweep that comes later than this beyond its time was held up: by a stopped process, a debugger, a long collection. */
const lateFromMs = 500

/**
 * The real time. It is swept at a fixed pace; a sweep that comes late by d tells that nobody could be heard for d, so all deadlines
 * move by d: a server that was stopped for a while must not take its peers for dead (fault catalogue, H09).
 */
export class PatientScheduler implements Scheduler {
  #forgivenMs = 0
  #lastSweepMs = performance.now()
  #timer: NodeJS.Timeout | undefined

  nowMs(): number {
    return performance.now() - this.#forgivenMs
  }

  soon(work: () => void): void {
    setImmediate(work)
  }

  after(delayMs: number, work: () => void): () => void {
    const timer = setTimeout(work, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  }

  /** Calls `sweep` every `everyMs` until `stop`: the one timer of all stream connections. */
  start(everyMs: number, sweep: (nowMs: number) => void): void {
    this.#lastSweepMs = performance.now()
    this.#timer = setInterval(() => {
      const realMs = performance.now()
      const lateMs = realMs - this.#lastSweepMs - everyMs
      if (lateMs > lateFromMs) this.#forgivenMs += lateMs
      this.#lastSweepMs = realMs
      sweep(this.nowMs())
    }, everyMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
