import type { LeaseHolder } from './flow-run-facts.ts'
import type { TaskRunPolicy } from './retry-delay.ts'
import type { BookkeptRun } from './run-bookkeeping.ts'
import type { ProposedState, State } from './state.ts'
import type { Decision, PolicyRow, Rule, Step } from './transition.ts'

export interface TaskRunFactsRun extends BookkeptRun {
  id: string
  flowRunId: string | null
  taskKey: string
  tags: readonly string[]
  /** The run count its flow run had when this run last started. */
  flowRunRunCount: number
  empiricalPolicy: TaskRunPolicy
}

/** Concurrency limit named `tag:<tag>`. */
export interface TagLimitFacts {
  id: string
  tag: string
  limit: number
  active: boolean
  activeSlots: number
  avgSlotOccupancySeconds: number
}

/** Limit of the first concurrency API: it notes who holds it. */
export interface LegacyTagLimitFacts {
  id: string
  tag: string
  limit: number
  /** Ids of task runs. */
  activeSlots: readonly string[]
}

/**
 * Which rules judge: `core` for ordinary proposals, `minimal` for forced ones, the first state of a new run and the
 * states of subflows, `background` for proposals with `state_details.deferred`, forced or not.
 */
export type TaskRunPolicyName = 'core' | 'background' | 'minimal'

/** All that the rules may look at, loaded in the transaction that will also write the decision. */
export interface TaskRunFacts {
  policy: TaskRunPolicyName
  run: TaskRunFactsRun
  initial: State | null
  proposed: ProposedState
  nowUs: number
  newId: () => string
  /** Uniform in [0, 1). */
  random: () => number
  /** null when the run has no flow run. */
  flowRun: { found: boolean; runCount: number; state: State | null } | null
  /** The newest state in the cache under the proposed cache key that has not expired; needed for RUNNING only. */
  cached: State | null
  /** Limits on the tags of the run that stand in the current concurrency API. */
  tagLimits: readonly TagLimitFacts[]
  /** Limits on the tags of the run in the first concurrency API. They count only for tags without a limit above. */
  legacyTagLimits: readonly LegacyTagLimitFacts[]
  /** Leases that this run holds on its tag limits. */
  leases: readonly { id: string; slots: number; limitIds: readonly string[] }[]
  settings: {
    maxCacheKeyLength: number
    /** The longest a run is told to wait before it asks for a tag's slot again. */
    tagSlotWaitSeconds: number
  }
}

/** What is to happen beside writing the state and the columns of the run; all in the same transaction. */
export type TaskRunEffect =
  | { kind: 'insert-cache'; cacheKey: string; expirationUs: number | null; stateId: string }
  /** Take one slot of each limit and note one lease for all. The facts say they are free. */
  | {
      kind: 'acquire-tag-slots'
      limitIds: readonly string[]
      leaseId: string
      leaseSeconds: number
      holder: LeaseHolder
    }
  /** Give the slots of a lease back (never below 0) and forget it. */
  | { kind: 'release-slots'; limitIds: readonly string[]; slots: number; leaseId: string }
  | { kind: 'take-legacy-tag-slots'; limitIds: readonly string[]; taskRunId: string }
  | { kind: 'free-legacy-tag-slots'; limitIds: readonly string[]; taskRunId: string }
  /** Offer the background task to whoever serves its task key. */
  | { kind: 'enqueue-scheduled-task'; queue: 'scheduled' | 'retry'; taskKey: string; taskRunId: string }

export type TaskRunDecision = Decision<TaskRunFactsRun, TaskRunEffect>
export type TaskRunRule = Rule<TaskRunFacts, TaskRunFactsRun, TaskRunEffect>
export type TaskRunStep = Step<TaskRunFacts, TaskRunFactsRun, TaskRunEffect>
export type TaskRunPolicyRow = PolicyRow<TaskRunFacts, TaskRunFactsRun, TaskRunEffect>

/** The flow run of a task run that is about to start is gone; the API answers 404 with this message. */
export class MissingFlowRunError extends Error {
  override name = 'MissingFlowRunError'

  constructor(taskRunId: string) {
    super(
      `Unable to read flow run associated with task run: ${taskRunId}, this flow run might have been deleted`,
    )
  }
}

/** Which policy judges a proposal that came through the API. */
export function taskRunPolicyFor(proposed: ProposedState, force: boolean): TaskRunPolicyName {
  if (proposed.details?.deferred) return 'background'
  return force ? 'minimal' : 'core'
}

/** The key to look up for `TaskRunFacts.cached`, or null when the cache is not to be asked. */
export function cacheKeyToLoad(proposed: ProposedState): string | null {
  if (proposed.type !== 'RUNNING' || proposed.details?.refresh_cache) return null
  return proposed.details?.cache_key || null
}
