import { RetryableError } from '../errors.ts'
import type { WorkClass } from './port.ts'

export interface QueueLimits {
  /** Waiting and running operations per class. */
  readonly operations: Readonly<Record<WorkClass, number>>
}

export interface QueueCounters {
  refused(workClass: WorkClass): void
}

/**
 * Counts operations under way per class and refuses what is over the class's bound before any work is done.
 * The bound of a lower class also shrinks as higher classes fill the queue: logs are shed before events, events before reads.
 */
export class OperationQueue {
  readonly #limits: QueueLimits
  readonly #counters: QueueCounters
  readonly #underWay: Record<WorkClass, number> = { state: 0, read: 0, event: 0, log: 0 }

  constructor(limits: QueueLimits, counters: QueueCounters) {
    this.#limits = limits
    this.#counters = counters
  }

  underWay(workClass: WorkClass): number {
    return this.#underWay[workClass]
  }

  /** @throws {RetryableError} when the class is full. */
  enter(workClass: WorkClass): void {
    if (this.#underWay[workClass] >= this.#limits.operations[workClass]) {
      this.#counters.refused(workClass)
      throw new RetryableError(`too many ${workClass} operations are waiting`, 1 + Math.floor(Math.random() * 3))
    }
    this.#underWay[workClass] += 1
  }

  leave(workClass: WorkClass): void {
    this.#underWay[workClass] -= 1
  }
}
