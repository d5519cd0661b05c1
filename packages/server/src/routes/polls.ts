import type { Poll, PolledAnswer } from '../queries/scheduled-runs.ts'
import type { Answer } from '../storage/port.ts'
import type { Store } from '../storage/store.ts'
import type { RouteContext } from './route.ts'

/**
 * Notes polls by workers and runners after they were answered: READY statuses and the time of the last poll. The same
 * poller is noted once in a few seconds, so that polling costs reads only.
 */
class PollNotes {
  readonly #context: RouteContext
  readonly #notedMs = new Map<string, number>()
  #underWay = 0

  constructor(context: RouteContext) {
    this.#context = context
  }

  note(poll: Poll): void {
    const { store, limits, metrics } = this.#context
    const nowMs = performance.now()
    const lastMs = this.#notedMs.get(poll.key)
    if (lastMs !== undefined && nowMs - lastMs < (poll.isNews ? limits.pollNewsEveryMs : limits.pollNoteEveryMs)) return
    // A poll that is not noted now is noted the next time.
    if (this.#underWay >= limits.pollNotes) return metrics.limitReached.inc({ limit: 'pollNotes' })
    this.#notedMs.delete(poll.key)
    this.#notedMs.set(poll.key, nowMs)
    if (this.#notedMs.size > limits.pollers) {
      this.#notedMs.delete(this.#notedMs.keys().next().value!) // The one that was noted longest ago.
      metrics.limitReached.inc({ limit: 'pollers' })
    }
    this.#underWay += 1
    store
      .write('recordPoll', { queueIds: poll.queueIds, deploymentIds: poll.deploymentIds })
      .catch(() => this.#notedMs.delete(poll.key)) // The store is busy: the next poll tries again.
      .finally(() => (this.#underWay -= 1))
  }
}

const notesOf = new WeakMap<Store, PollNotes>()

/** Answers a poll, and notes it afterwards. */
export function answerPoll(context: RouteContext, { poll, ...answer }: PolledAnswer): Answer {
  if (poll) {
    let notes = notesOf.get(context.store)
    if (!notes) notesOf.set(context.store, (notes = new PollNotes(context)))
    notes.note(poll)
  }
  return answer
}
