import { copyScheduledTime, preventSecondSubmission, waitForScheduledTime } from './flow-run-rules.ts'
import { bookkeeping } from './run-bookkeeping.ts'
import { releaseTagSlots, secureTagSlots } from './tag-concurrency.ts'
import type { TaskRunDecision, TaskRunFacts, TaskRunPolicyName, TaskRunPolicyRow } from './task-run-facts.ts'
import {
  copyTaskParametersId, countTaskRun, enqueueScheduledTask, followRunCountOfFlow, leaveTerminalTaskRun,
  nameRerun, nameTaskRunInDetails, putResultInCache, retryFailedTaskRun, startOnlyInRunningFlow, useCachedState,
} from './task-run-rules.ts'
import { decideTransition } from './transition.ts'

/** Runs after every policy. */
const GLOBAL_ROWS: readonly TaskRunPolicyRow[] = [bookkeeping(), nameTaskRunInDetails, countTaskRun]

const POLICIES: Readonly<Record<TaskRunPolicyName, readonly TaskRunPolicyRow[]>> = {
  core: [
    useCachedState,
    leaveTerminalTaskRun,
    startOnlyInRunningFlow,
    secureTagSlots,
    copyScheduledTime(),
    waitForScheduledTime(),
    retryFailedTaskRun,
    nameRerun,
    followRunCountOfFlow,
    putResultInCache,
    releaseTagSlots,
    ...GLOBAL_ROWS,
  ],
  background: [
    preventSecondSubmission(),
    useCachedState,
    leaveTerminalTaskRun,
    copyScheduledTime(),
    copyTaskParametersId,
    waitForScheduledTime(),
    retryFailedTaskRun,
    nameRerun,
    followRunCountOfFlow,
    putResultInCache,
    releaseTagSlots,
    enqueueScheduledTask,
    ...GLOBAL_ROWS,
  ],
  minimal: [releaseTagSlots, ...GLOBAL_ROWS],
}

/**
 * Judges a proposed state of a task run: which state is written, which columns of the run change, and what else has to
 * happen in the same transaction. Same facts (and the same random numbers), same decision; nothing is written here.
 *
 * @throws {MissingFlowRunError} when the run would start but its flow run is gone.
 */
export function decideTaskRun(facts: TaskRunFacts): TaskRunDecision {
  return decideTransition(POLICIES[facts.policy], facts)
}
