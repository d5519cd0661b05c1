import { shed } from '../errors.ts'
import type { WorkClass } from './port.ts'

export interface QueueLimits {
  /** Waiting and running operations per class. */
  readonly operations: Readonly<Record<WorkClass, number>>
}

export interface QueueCounters {
  refused(workClass: WorkClass): void
  /** One more is under way (1), or one less (-1). */
  underWay(workClass: WorkClass, by: 1 | -1): void
}

/**
 * Counts operations under way per class and refuses what is over the class's bound before any work is done.
 * The last guard: HTTP requests are let in by http/admission.ts long before, streams and services come here directly.
 */
export class OperationQueue {
  readonly #limits: QueueLimits
  readonly #counters: QueueCounters
  readonly #underWay: Record<WorkClass, number> = { state: 0, read: 0, event: 0, log: 0 }

  constructor(limits: QueueLimits, counters: QueueCounters) {
    this.#limits = limits
    this.#counters = counters
  }

  /** @throws {RetryableError} when the class is full. */
  enter(workClass: WorkClass): void {
    if (this.#underWay[workClass] >= this.#limits.operations[workClass]) {
      this.#counters.refused(workClass)
      throw shed(`too many ${workClass} operations are waiting`)
    }
    this.#underWay[workClass] += 1
    this.#counters.underWay(workClass, 1)
  }

  leave(workClass: WorkClass): void {
    this.#underWay[workClass] -= 1
    this.#counters.underWay(workClass, -1)
  }
}
