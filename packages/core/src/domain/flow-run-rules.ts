import { formatIso, parseIso } from '../wire/time.ts'
import { apiVersionAtLeast } from './client-version.ts'
import { fullFlowRunPolicy, type FlowRunEffect, type FlowRunPolicy, type FlowRunRule } from './flow-run-facts.ts'
import {
  isPersistedResult, isTerminal, scheduledTimeUs, STATE_TYPES, TERMINAL_STATE_TYPES, type State,
} from './state.ts'
import { ANY_ORIGIN, ANY_TYPE, PASS, type Rule, type TransitionFacts } from './transition.ts'

/** Before this API version the server kept pauses and retries of flow runs in other ways. */
export const API_WITH_RETRY_TYPE = '0.8.4'
const API_WITH_CLIENT_SIDE_TASK_RETRIES = '0.8.3'

/** A client that repeats a transition after a lost answer must not be judged twice. */
export const preventDuplicateTransition: FlowRunRule = {
  name: 'prevent-duplicate-transition',
  from: ANY_ORIGIN,
  to: ANY_TYPE,
  judge({ initial, proposed }) {
    const transitionId = proposed.details.transition_id
    if (transitionId === null || initial?.details.transition_id !== transitionId) return PASS
    return { kind: 'reject', state: null, reason: 'This run has already made this state transition.' }
  },
}

export const leaveTerminalFlowRun: FlowRunRule = {
  name: 'leave-terminal-flow-run',
  from: TERMINAL_STATE_TYPES,
  to: ANY_TYPE,
  judge({ initial, proposed, run }, { apiVersion }) {
    if (!initial) return PASS
    if (proposed.type === 'CANCELLING' || proposed.type === 'PAUSED' || proposed.type === 'CRASHED') {
      return { kind: 'abort', reason: `Run is already in terminal state ${initial.type}.` }
    }
    if (initial.type === 'COMPLETED' && isPersistedResult(initial.data) && !isTerminal(proposed.type)) {
      return { kind: 'reject', state: null, reason: 'Run is already COMPLETED.' }
    }
    if (losesResult(initial, proposed)) return { kind: 'reject', state: null, reason: RESULT_WOULD_BE_LOST }
    if (proposed.type === 'SCHEDULED' && !run.deploymentId) {
      return { kind: 'abort', reason: 'Cannot reschedule a run without an associated deployment.' }
    }
    if (isTerminal(proposed.type) || !apiVersionAtLeast(apiVersion, API_WITH_RETRY_TYPE)) return PASS
    const retryType = proposed.type === 'SCHEDULED' ? 'reschedule' : null
    return { kind: 'pass', run: changedPolicy(run, { resuming: false, pause_keys: [], retry_type: retryType }) }
  },
}

/** Also under the minimal policy: not even force loses a result. */
export const preventResultLoss: FlowRunRule = {
  name: 'prevent-result-loss',
  from: TERMINAL_STATE_TYPES,
  to: TERMINAL_STATE_TYPES,
  judge: ({ initial, proposed }) =>
    initial && losesResult(initial, proposed) ? { kind: 'reject', state: null, reason: RESULT_WOULD_BE_LOST } : PASS,
}

export const cancellingOnlyEndsCancelled: FlowRunRule = {
  name: 'cancelling-only-ends-cancelled',
  from: ['CANCELLING'],
  to: STATE_TYPES.filter((type) => type !== 'CANCELLED'),
  judge: () => ({
    kind: 'reject',
    state: null,
    reason: 'Cannot transition flows that are cancelling to a state other than Cancelled.',
  }),
}

/** Where nothing runs that could be stopped, nobody would ever carry the cancellation out. */
export const cancelWithoutInfrastructure: FlowRunRule = {
  name: 'cancel-without-infrastructure',
  from: ['SCHEDULED', 'PAUSED'],
  to: ['CANCELLING'],
  judge({ initial, run }) {
    if ((initial?.type === 'SCHEDULED' && !run.infrastructurePid) || initial?.name === 'Resuming') {
      const reason = 'Scheduled flow run has no infrastructure to terminate.'
      return { kind: 'reject', state: { type: 'CANCELLED' }, reason }
    }
    if (initial?.type === 'PAUSED' && initial.details.pause_reschedule) {
      const reason = 'Suspended flow run has no infrastructure to terminate.'
      return { kind: 'reject', state: { type: 'CANCELLED' }, reason }
    }
    return PASS
  },
}

/** The second of two workers that submit a run is told to leave it. Named sub-states of PENDING are no submission. */
export function preventSecondSubmission<Facts extends TransitionFacts<Run>, Run, Effect>(): Rule<Facts, Run, Effect> {
  return {
    name: 'prevent-second-submission',
    from: ['PENDING', 'CANCELLING', 'RUNNING', 'CANCELLED'],
    to: ['PENDING'],
    judge({ initial, proposed }) {
      if (!initial) return PASS
      if (initial.type === 'PENDING' && proposed.name !== 'Pending' && proposed.name !== initial.name) {
        return {
          kind: 'pass',
          details: {
            scheduled_time: initial.details.scheduled_time,
            deployment_concurrency_lease_id: initial.details.deployment_concurrency_lease_id,
          },
        }
      }
      const reason = `This run is in a ${initial.type} state and cannot transition to a PENDING state.`
      return { kind: 'abort', reason }
    },
  }
}

export const onlyScheduledBecomesLate: FlowRunRule = {
  name: 'only-scheduled-becomes-late',
  from: ANY_ORIGIN,
  to: ['SCHEDULED'],
  judge({ initial, proposed }) {
    if (proposed.name !== 'Late' || !initial) return PASS
    if (initial.type !== 'SCHEDULED') {
      return { kind: 'reject', state: null, reason: 'Only scheduled flows can be marked late.' }
    }
    if (initial.name === 'Late') {
      return { kind: 'reject', state: null, reason: 'This flow run is already marked late.' }
    }
    return PASS
  },
}

export const enterPause: FlowRunRule = {
  name: 'enter-pause',
  from: ANY_ORIGIN,
  to: ['PAUSED'],
  judge({ initial, proposed, run }, { newId }) {
    const verb = proposed.name === 'Suspended' ? 'suspend' : 'pause'
    if (!initial) return { kind: 'abort', reason: `Cannot ${verb} flows with no state.` }
    if (initial.type !== 'RUNNING') {
      return { kind: 'reject', state: null, reason: `Cannot ${verb} flows that are not currently running.` }
    }
    const key = proposed.details.pause_key ?? newId()
    const firedKeys = run.empiricalPolicy.pause_keys ?? []
    if (firedKeys.includes(key)) {
      return { kind: 'reject', state: null, reason: `This ${verb} has already fired.` }
    }
    if (proposed.details.pause_reschedule) {
      if (run.parentTaskRunId) return { kind: 'abort', reason: `Cannot ${verb} subflows.` }
      if (!run.deploymentId) return { kind: 'abort', reason: `Cannot ${verb} flows without a deployment.` }
    }
    return { kind: 'pass', run: changedPolicy(run, { pause_keys: [...firedKeys, key] }) }
  },
}

export const leavePause: FlowRunRule = {
  name: 'leave-pause',
  from: ['PAUSED'],
  to: ANY_TYPE,
  judge({ initial, proposed, run }, { nowUs }) {
    if (!initial) return PASS
    if (proposed.type === 'PENDING' || proposed.type === 'PAUSED') {
      // The prefix is how the reference server prints a type here, and only here.
      const reason =
        `This run cannot transition to the StateType.${proposed.type} state from the StateType.${initial.type} state.`
      return { kind: 'reject', state: null, reason }
    }
    const display = proposed.name.toLowerCase()
    if (initial.details.pause_reschedule && !run.deploymentId) {
      return { kind: 'reject', state: null, reason: `Cannot reschedule a ${display} flow run without a deployment.` }
    }
    if (proposed.type === 'CANCELLING') return PASS
    const timeout = initial.details.pause_timeout
    const timeoutUs = timeout === null ? undefined : parseIso(timeout)
    if (timeoutUs === undefined || timeoutUs >= nowUs) return PASS
    const verb = proposed.name === 'Suspended' ? 'suspend' : 'pause'
    return {
      kind: 'reject',
      state: { type: 'FAILED', message: `The flow was ${display} and never resumed.` },
      reason: `The flow run ${verb} has timed out and can no longer resume.`,
    }
  },
  // Only now: the run count of this very transition is not spared, that of the next start is. It also holds when this
  // rule itself refuses, as clients of the reference server know it.
  after: ({ run }) => ({ run: changedPolicy(run, { resuming: true }) }),
}

/** PENDING keeps the scheduled time, for a run that starts early has to wait for it. */
export function copyScheduledTime<Facts extends TransitionFacts<Run>, Run, Effect>(): Rule<Facts, Run, Effect> {
  return {
    name: 'copy-scheduled-time',
    from: ['SCHEDULED'],
    to: ['PENDING'],
    judge({ initial, proposed }) {
      if (!initial || proposed.details.scheduled_time !== null) return PASS
      return { kind: 'pass', details: { scheduled_time: initial.details.scheduled_time } }
    },
  }
}

export function waitForScheduledTime<Facts extends TransitionFacts<Run>, Run, Effect>(): Rule<Facts, Run, Effect> {
  return {
    name: 'wait-for-scheduled-time',
    from: ['SCHEDULED', 'PENDING'],
    to: ['RUNNING'],
    judge({ initial }, { nowUs }) {
      const dueUs = scheduledTimeUs(initial)
      if (dueUs === undefined) return PASS
      const delaySeconds = wholeSeconds(dueUs - nowUs)
      return delaySeconds > 0 ? { kind: 'wait', delaySeconds, reason: 'Scheduled time is in the future' } : PASS
    },
  }
}

export const retryFailedFlowRun: FlowRunRule = {
  name: 'retry-failed-flow-run',
  from: ['RUNNING'],
  to: ['FAILED'],
  judge({ initial, proposed, run }, { nowUs, apiVersion }) {
    const { retries, retry_delay: delay } = fullFlowRunPolicy(run.empiricalPolicy)
    const keepsRetryType = apiVersionAtLeast(apiVersion, API_WITH_RETRY_TYPE)
    if (retries === null || run.runCount > retries) {
      return { kind: 'pass', run: changedPolicy(run, { retry_type: null }) }
    }
    const scheduledUs = nowUs + Math.round((delay ?? 0) * 1e6)
    const policy: FlowRunPolicy = { resuming: false, pause_keys: [], retry_type: 'in_process' }
    const effects: FlowRunEffect[] = apiVersionAtLeast(apiVersion, API_WITH_CLIENT_SIDE_TASK_RETRIES)
      ? []
      : [{ kind: 'retry-failed-task-runs', scheduledTimeUs: scheduledUs }]
    return {
      kind: 'reject',
      reason: 'Retrying',
      state: {
        type: 'SCHEDULED',
        name: 'AwaitingRetry',
        message: proposed.message,
        data: proposed.data,
        details: {
          scheduled_time: formatIso(scheduledUs),
          deployment_concurrency_lease_id: initial?.details.deployment_concurrency_lease_id ?? null,
        },
      },
      ...(keepsRetryType ? { run: changedPolicy(run, policy) } : {}),
      effects,
    }
  },
}

const RESULT_WOULD_BE_LOST =
  'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.'

function losesResult(initial: State, proposed: State): boolean {
  return initial.type === 'COMPLETED' && proposed.type === 'COMPLETED'
    && isPersistedResult(initial.data) && !isPersistedResult(proposed.data)
}

/** The run with these members of its policy changed; nothing when they are so already. */
export function changedPolicy(
  run: { empiricalPolicy: FlowRunPolicy },
  change: FlowRunPolicy,
): { empiricalPolicy?: FlowRunPolicy } {
  const before = fullFlowRunPolicy(run.empiricalPolicy)
  const after = { ...before, ...change }
  return JSON.stringify(before) === JSON.stringify(after) ? {} : { empiricalPolicy: after }
}

/** Microseconds to the nearest whole second, a half going down. */
function wholeSeconds(us: number): number {
  const whole = Math.floor(us / 1e6)
  return us - whole * 1e6 > 500_000 ? whole + 1 : whole
}
