import type { Limits } from '../limits.ts'
import type { Scheduler } from './scheduler.ts'

/** Counts the pings and pongs of one peer. Each costs a turn, whatever it carries; nobody who means well sends hundreds a second, or many without an answer. */
export class ControlFrames {
  readonly #limits: Limits
  readonly #scheduler: Scheduler
  #secondMs = 0
  #inSecond = 0
  #inTurn = 0

  constructor(limits: Limits, scheduler: Scheduler) {
    this.#limits = limits
    this.#scheduler = scheduler
  }

  /** Takes one in. Returns the limit that it goes beyond. */
  count(): 'controlFramesPerSecond' | 'controlFramesAtOnce' | undefined {
    const nowMs = this.#scheduler.nowMs()
    if (nowMs - this.#secondMs >= 1_000) {
      this.#secondMs = nowMs
      this.#inSecond = 0
    }
    if (this.#inTurn === 0) this.#scheduler.soon(() => (this.#inTurn = 0))
    this.#inSecond += 1
    this.#inTurn += 1
    if (this.#inSecond > this.#limits.controlFramesPerSecond) return 'controlFramesPerSecond'
    return this.#inTurn > this.#limits.controlFramesAtOnce ? 'controlFramesAtOnce' : undefined
  }
}
