import { SpillwayError } from '../errors.ts'

/**
 * At most `running` calls at a time and `waiting` behind them. Without it ten thousand calls would queue inside the
 * connection pool and all time out together.
 */
export class Limiter {
  readonly #runningMax: number
  readonly #waitingMax: number
  #running = 0
  #waiting: (() => void)[] = []

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax
    this.#waitingMax = waitingMax
  }

  /** Calls under way, and behind them. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#waiting.length }
  }

  /**
   * @param signal gives the place in the queue up.
   * @throws {SpillwayError} `queue-full` at once when the queue is full.
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#running >= this.#runningMax) await this.#turn(signal)
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  /** Resolves when a place has been handed over. */
  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      const message = `${this.#waitingMax} calls to the API are waiting already: start fewer at once`
      throw new SpillwayError('queue-full', message, { retryable: true })
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== go)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(go)
    })
  }
}
