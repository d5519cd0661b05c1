import type { Scheduler } from './scheduler.ts'

/**
 * Work that thousands of sockets ask for in one turn of the event loop, a few pieces a turn and in order. Between them the loop looks
 * at its sockets, so that nobody waits for all of it.
 */
export class TurnQueue {
  readonly #perTurn: number
  readonly #scheduler: Pick<Scheduler, 'soon'>
  readonly #waiting: (() => void)[] = []
  #doneInTurn = 0

  constructor(perTurn: number, scheduler: Pick<Scheduler, 'soon'>) {
    this.#perTurn = perTurn
    this.#scheduler = scheduler
  }

  /** Does it now if this turn has done few pieces yet, else in one of the next turns. */
  add(work: () => void): void {
    if (this.#doneInTurn === 0) this.#scheduler.soon(() => this.#nextTurn())
    if (this.#doneInTurn >= this.#perTurn) return void this.#waiting.push(work)
    this.#doneInTurn += 1
    work()
  }

  /** Resolves when all that was added before is done. */
  done(): Promise<void> {
    return new Promise((resolve) => this.add(resolve))
  }

  #nextTurn(): void {
    this.#doneInTurn = 0
    for (const work of this.#waiting.splice(0, this.#perTurn)) this.add(work)
  }
}
