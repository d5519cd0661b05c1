import type { Poll, PolledAnswer } from '../queries/scheduled-runs.ts'
import type { Answer } from '../storage/port.ts'
import type { Store } from '../storage/store.ts'
import type { RouteContext } from './route.ts'

/** How often the same poll is noted when it only says that somebody is still there. */
const noteEveryMs = 5_000
/** The same, when something polled is not yet READY. */
const newsEveryMs = 200
/** Pollers that are remembered; beyond, the one that was noted longest ago is forgotten. */
const pollersMax = 10_000
/** Notes that may be under way at once; beyond, a poll is not noted, and the next one is. */
const underWayMax = 32

/**
 * Notes polls by workers and runners after they were answered: READY statuses and the time of the last poll. The same
 * poller is noted once in a few seconds, so that polling costs reads only.
 */
class PollNotes {
  readonly #store: Store
  readonly #notedMs = new Map<string, number>()
  #underWay = 0

  constructor(store: Store) {
    this.#store = store
  }

  note(poll: Poll): void {
    const nowMs = performance.now()
    const lastMs = this.#notedMs.get(poll.key)
    if (lastMs !== undefined && nowMs - lastMs < (poll.isNews ? newsEveryMs : noteEveryMs)) return
    if (this.#underWay >= underWayMax) return
    this.#notedMs.delete(poll.key)
    this.#notedMs.set(poll.key, nowMs)
    if (this.#notedMs.size > pollersMax) this.#notedMs.delete(this.#notedMs.keys().next().value!)
    this.#underWay += 1
    this.#store
      .write('recordPoll', { queueIds: poll.queueIds, deploymentIds: poll.deploymentIds })
      .catch(() => this.#notedMs.delete(poll.key)) // The store is busy: the next poll tries again.
      .finally(() => (this.#underWay -= 1))
  }
}

const notesOf = new WeakMap<Store, PollNotes>()

/** Answers a poll, and notes it afterwards. */
export function answerPoll({ store }: RouteContext, { poll, ...answer }: PolledAnswer): Answer {
  if (poll) {
    let notes = notesOf.get(store)
    if (!notes) notesOf.set(store, (notes = new PollNotes(store)))
    notes.note(poll)
  }
  return answer
}
