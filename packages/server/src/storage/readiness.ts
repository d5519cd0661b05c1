import type { Store } from './store.ts'

/** How often the store is asked, and how long its answer is waited for. Together under a second: no answer of `/ready` is older. */
const askEveryMs = 400
const answerWithinMs = 500

/** Whether the server can serve, known before anybody asks: probes never wait for the store, nor add to its load. */
export class Readiness {
  readonly #store: Pick<Store, 'ping' | 'isReady'>
  readonly #timer: NodeJS.Timeout
  #answers = true
  #asking = false
  #stopped = false

  /** @param store Answers already: it has just been opened. */
  constructor(store: Pick<Store, 'ping' | 'isReady'>) {
    this.#store = store
    this.#timer = setInterval(() => void this.#ask(), askEveryMs)
    this.#timer.unref()
  }

  /** True when the store answered its last question in time, its writer lives, and the server is not going. */
  get isReady(): boolean {
    return this.#answers && !this.#stopped && this.#store.isReady()
  }

  /** Not ready from here on: whoever sends requests is to send them elsewhere. */
  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
  }

  async #ask(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    const late = setTimeout(() => (this.#answers = false), answerWithinMs)
    late.unref()
    const answers = await this.#store.ping().then(
      () => true,
      () => false,
    )
    clearTimeout(late)
    this.#answers = answers
    this.#asking = false
  }
}
