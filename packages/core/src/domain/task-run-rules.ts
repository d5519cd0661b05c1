import { formatIso, parseIso } from '../wire/time.ts'
import { fullTaskRunPolicy, retryDelaySeconds } from './retry-delay.ts'
import { isPersistedResult, isTerminal, TERMINAL_STATE_TYPES } from './state.ts'
import { cacheKeyToLoad, MissingFlowRunError, type TaskRunRule, type TaskRunStep } from './task-run-facts.ts'
import { ANY_ORIGIN, ANY_TYPE, PASS, proposalOf } from './transition.ts'

export const useCachedState: TaskRunRule = {
  name: 'use-cached-state',
  from: ANY_ORIGIN,
  to: ['RUNNING'],
  judge({ proposed }, { cached }) {
    if (!cached || cacheKeyToLoad(proposed) === null) return PASS
    const state = { ...proposalOf(cached), name: 'Cached' }
    return { kind: 'reject', state, reason: 'Retrieved state from cache' }
  },
}

export const leaveTerminalTaskRun: TaskRunRule = {
  name: 'leave-terminal-task-run',
  from: TERMINAL_STATE_TYPES,
  to: ANY_TYPE,
  judge({ initial, proposed, run }, { flowRun }) {
    if (!initial) return PASS
    if (proposed.type === 'CANCELLING' || proposed.type === 'PAUSED' || proposed.type === 'CRASHED') {
      return { kind: 'abort', reason: `Run is already ${initial.type}.` }
    }
    if (initial.type === 'COMPLETED' && hasReadableResult(initial.data)) {
      return { kind: 'reject', state: null, reason: 'This run is already completed.' }
    }
    if (isTerminal(proposed.type)) return PASS
    // The attempts start anew, unless the flow run itself has been started again: then this is one of its retries.
    const isRetryOfFlow = proposed.type === 'RUNNING' && flowRun !== null && run.flowRunRunCount < flowRun.runCount
    return { kind: 'pass', run: { runCount: 0 }, ...(isRetryOfFlow ? { name: 'Retrying' } : {}) }
  },
}

export const startOnlyInRunningFlow: TaskRunRule = {
  name: 'start-only-in-running-flow',
  from: ANY_ORIGIN,
  to: ['RUNNING'],
  judge({ run }, { flowRun }) {
    if (!run.flowRunId) return PASS
    const state = flowRun?.state
    if (state?.type === 'PAUSED') {
      const { pause_timeout, pause_reschedule } = state.details
      return {
        kind: 'reject',
        state: { type: 'PAUSED', name: 'NotReady', details: { pause_timeout, pause_reschedule } },
        reason: `The flow is paused, new tasks can execute after resuming flow run: ${run.flowRunId}.`,
      }
    }
    if (state?.type === 'RUNNING') return PASS
    return { kind: 'abort', reason: 'The enclosing flow must be running to begin task execution.' }
  },
}

export const copyTaskParametersId: TaskRunRule = {
  name: 'copy-task-parameters-id',
  from: ['SCHEDULED', 'PENDING'],
  to: ['PENDING', 'RUNNING'],
  judge({ initial, proposed }) {
    const id = initial?.details.task_parameters_id
    return id && proposed.details.task_parameters_id === null
      ? { kind: 'pass', details: { task_parameters_id: id } }
      : PASS
  },
}

export const retryFailedTaskRun: TaskRunRule = {
  name: 'retry-failed-task-run',
  from: ['RUNNING'],
  to: ['FAILED'],
  judge({ proposed, run }, { nowUs, random }) {
    if (proposed.details.retriable === false) return PASS
    const { retries } = fullTaskRunPolicy(run.empiricalPolicy)
    if (retries === null || run.runCount > retries) return PASS
    const delaySeconds = retryDelaySeconds(run.empiricalPolicy, run.runCount, random)
    return {
      kind: 'reject',
      reason: 'Retrying',
      state: {
        type: 'SCHEDULED',
        name: 'AwaitingRetry',
        message: proposed.message,
        data: proposed.data,
        details: { scheduled_time: formatIso(nowUs + Math.round(delaySeconds * 1e6)) },
      },
    }
  },
}

export const nameRerun: TaskRunRule = {
  name: 'name-rerun',
  from: ANY_ORIGIN,
  to: ['RUNNING'],
  judge({ initial, run }) {
    if (!initial || run.runCount === 0) return PASS
    return { kind: 'pass', name: initial.name === 'AwaitingRetry' ? 'Retrying' : 'Rerunning' }
  },
}

/** Notes in which run of its flow run the task run started. */
export const followRunCountOfFlow: TaskRunRule = {
  name: 'follow-run-count-of-flow',
  from: ANY_ORIGIN,
  to: ['RUNNING'],
  after(_, { run, flowRun }) {
    if (!run.flowRunId) return {}
    if (!flowRun?.found) throw new MissingFlowRunError(run.id)
    return { run: { flowRunRunCount: flowRun.runCount } }
  },
}

export const putResultInCache: TaskRunRule = {
  name: 'put-result-in-cache',
  from: ANY_ORIGIN,
  to: ['COMPLETED'],
  judge({ proposed }, { settings }) {
    if ((proposed.details.cache_key?.length ?? 0) <= settings.maxCacheKeyLength) return PASS
    const reason = `Cache key exceeded maximum allowed length of ${settings.maxCacheKeyLength} characters.`
    return { kind: 'reject', state: proposalOf(proposed), reason }
  },
  after({ written }, { settings }) {
    const cacheKey = written?.details.cache_key
    if (!written || !cacheKey || cacheKey.length > settings.maxCacheKeyLength) return {}
    const expiration = written.details.cache_expiration
    const expirationUs = expiration === null ? null : (parseIso(expiration) ?? null)
    return { effects: [{ kind: 'insert-cache', cacheKey, expirationUs, stateId: written.id }] }
  },
}

export const enqueueScheduledTask: TaskRunRule = {
  name: 'enqueue-scheduled-task',
  from: ANY_ORIGIN,
  to: ['SCHEDULED'],
  after({ written }, { run }) {
    if (!written?.details.deferred) return {}
    const queue = written.name === 'AwaitingRetry' ? 'retry' : 'scheduled'
    return { effects: [{ kind: 'enqueue-scheduled-task', queue, taskKey: run.taskKey, taskRunId: run.id }] }
  },
}

export const nameTaskRunInDetails: TaskRunStep = {
  name: 'name-task-run-in-details',
  always: true,
  before: (_, { run }) => ({ details: { flow_run_id: run.flowRunId, task_run_id: run.id } }),
}

export const countTaskRun: TaskRunStep = {
  name: 'count-task-run',
  always: true,
  before: ({ proposed, run }) => (proposed.type === 'RUNNING' ? { run: { runCount: run.runCount + 1 } } : {}),
}

function hasReadableResult(data: unknown): boolean {
  return isPersistedResult(data) && Object.keys(data as object).length > 0
}
