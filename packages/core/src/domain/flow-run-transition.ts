import { apiVersionAtLeast } from './client-version.ts'
import {
  cancelLateRunOfFullDeployment, keepSlotAtStart, lastingLeaseOfOldClient, preserveLeaseId, releaseDeploymentSlots,
  secureDeploymentSlot,
} from './deployment-concurrency.ts'
import type {
  FlowRunDecision, FlowRunFacts, FlowRunPolicyName, FlowRunPolicyRow, FlowRunStep,
} from './flow-run-facts.ts'
import {
  API_WITH_RETRY_TYPE, cancellingOnlyEndsCancelled, cancelWithoutInfrastructure, changedPolicy, copyScheduledTime,
  enterPause, leavePause, leaveTerminalFlowRun, onlyScheduledBecomesLate, preventDuplicateTransition, preventResultLoss,
  preventSecondSubmission, retryFailedFlowRun, waitForScheduledTime,
} from './flow-run-rules.ts'
import { bookkeeping } from './run-bookkeeping.ts'
import { isTerminal } from './state.ts'
import { decideTransition, proposalOf } from './transition.ts'

export type { FlowRunDecision, FlowRunEffect, FlowRunFacts } from './flow-run-facts.ts'

const emitStateEvent: FlowRunStep = {
  name: 'emit-state-event',
  always: true,
  after({ initial, written }, { proposed }) {
    if (!written) return {}
    const intended = { from: initial?.type ?? null, to: proposed.type }
    return { effects: [{ kind: 'emit-state-event', initial, validated: written, intended }] }
  },
}

const uniqueTimestamp: FlowRunStep = {
  name: 'unique-timestamp',
  always: true,
  before({ proposed }, { timestampTaken }) {
    let timestampUs = proposed.timestampUs
    while (timestampTaken(timestampUs)) timestampUs++
    return timestampUs === proposed.timestampUs ? {} : { state: { timestampUs } }
  },
}

const nameRunInDetails: FlowRunStep = {
  name: 'name-run-in-details',
  always: true,
  before: (_, { run }) => ({
    details: { flow_run_id: run.id, ...(run.parentTaskRunId ? { task_run_id: run.parentTaskRunId } : {}) },
  }),
}

/** The task run that stands for a subflow in its parent shows the subflow's states. */
const mirrorToParentTaskRun: FlowRunStep = {
  name: 'mirror-to-parent-task-run',
  always: true,
  after({ written }, { run }) {
    if (!written || !run.parentTaskRunId) return {}
    const state = proposalOf(written, { child_flow_run_id: run.id })
    return { effects: [{ kind: 'mirror-to-parent-task-run', taskRunId: run.parentTaskRunId, state }] }
  },
}

/** A run that resumes goes on with the attempt it was paused in. */
const countRun: FlowRunStep = {
  name: 'count-run',
  always: true,
  before({ proposed, run }, { apiVersion }) {
    if (proposed.type !== 'RUNNING') return {}
    if (run.empiricalPolicy.resuming && apiVersionAtLeast(apiVersion, API_WITH_RETRY_TYPE)) return {}
    return { run: { runCount: run.runCount + 1 } }
  },
}

const endResuming: FlowRunStep = {
  name: 'end-resuming',
  always: true,
  before({ proposed, run }, { apiVersion }) {
    if (!run.empiricalPolicy.resuming || !apiVersionAtLeast(apiVersion, API_WITH_RETRY_TYPE)) return {}
    if (proposed.type !== 'RUNNING' && !isTerminal(proposed.type)) return {}
    return { run: changedPolicy(run, { resuming: false }) }
  },
}

/** Runs after every policy. */
const GLOBAL_ROWS: readonly FlowRunPolicyRow[] = [
  uniqueTimestamp,
  bookkeeping(),
  nameRunInDetails,
  mirrorToParentTaskRun,
  countRun,
  endResuming,
]

const POLICIES: Readonly<Record<FlowRunPolicyName, readonly FlowRunPolicyRow[]>> = {
  core: [
    preserveLeaseId,
    preventDuplicateTransition,
    leaveTerminalFlowRun,
    cancellingOnlyEndsCancelled,
    cancelWithoutInfrastructure,
    preventSecondSubmission(),
    keepSlotAtStart,
    secureDeploymentSlot,
    lastingLeaseOfOldClient,
    onlyScheduledBecomesLate,
    enterPause,
    leavePause,
    copyScheduledTime(),
    waitForScheduledTime(),
    retryFailedFlowRun,
    emitStateEvent,
    releaseDeploymentSlots,
    ...GLOBAL_ROWS,
  ],
  minimal: [preventResultLoss, cancelWithoutInfrastructure, emitStateEvent, releaseDeploymentSlots, ...GLOBAL_ROWS],
  'mark-late': [onlyScheduledBecomesLate, cancelLateRunOfFullDeployment, emitStateEvent, ...GLOBAL_ROWS],
}

/**
 * Judges a proposed state of a flow run: which state is written, which columns of the run change, and what else has to
 * happen in the same transaction. Same facts, same decision; nothing is written here.
 *
 * The answer's state is `written`, or the current one when that is null.
 */
export function decideFlowRun(facts: FlowRunFacts): FlowRunDecision {
  return decideTransition(POLICIES[facts.policy], facts)
}
