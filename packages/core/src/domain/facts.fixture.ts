import { formatIso } from '../wire/time.ts'
import { decideFlowRun } from './flow-run-transition.ts'
import type { FlowRunDecision, FlowRunFacts, FlowRunFactsRun } from './flow-run-facts.ts'
import { makeState, type ProposedState, type State, type StateType } from './state.ts'
import type { TaskRunFacts, TaskRunFactsRun } from './task-run-facts.ts'

/** 2026-11-20T11:00:00Z */
export const NOW_US = 1_795_172_400_000_000

export const seconds = (count: number): number => count * 1e6
export const isoIn = (delaySeconds: number): string => formatIso(NOW_US + seconds(delaySeconds))

/** A state that a run got ten seconds ago, unless `details` or `over` say otherwise. */
export function stateOf(type: StateType, over: Partial<State> & { given?: ProposedState['details'] } = {}): State {
  const { given, ...members } = over
  const state = makeState({ type, details: given }, { id: `state-${type}`, nowUs: NOW_US - seconds(10) })
  return { ...state, ...members }
}

export function countingIds(): () => string {
  let count = 0
  return () => `id-${++count}`
}

export function flowRunFacts(
  over: Partial<Omit<FlowRunFacts, 'run'>> & { run?: Partial<FlowRunFactsRun> } = {},
): FlowRunFacts {
  const { run, ...facts } = over
  return {
    policy: 'core',
    initial: null,
    proposed: { type: 'PENDING' },
    nowUs: NOW_US,
    newId: countingIds(),
    timestampTaken: () => false,
    clientVersion: '3.8.8',
    apiVersion: '0.8.4',
    deployment: null,
    lease: null,
    settings: { initialLeaseSeconds: 300, slotWaitSeconds: 30 },
    ...facts,
    run: {
      id: 'run-1',
      deploymentId: null,
      parentTaskRunId: null,
      infrastructurePid: null,
      runCount: 0,
      empiricalPolicy: {},
      startTimeUs: null,
      endTimeUs: null,
      expectedStartTimeUs: null,
      nextScheduledStartTimeUs: null,
      totalRunTimeSeconds: 0,
      ...run,
    },
  }
}

export function taskRunFacts(
  over: Partial<Omit<TaskRunFacts, 'run'>> & { run?: Partial<TaskRunFactsRun> } = {},
): TaskRunFacts {
  const { run, ...facts } = over
  return {
    policy: 'core',
    initial: null,
    proposed: { type: 'PENDING' },
    nowUs: NOW_US,
    newId: countingIds(),
    random: () => 0.5,
    flowRun: null,
    cached: null,
    tagLimits: [],
    legacyTagLimits: [],
    leases: [],
    settings: { maxCacheKeyLength: 2000, tagSlotWaitSeconds: 10 },
    ...facts,
    run: {
      id: 'task-1',
      flowRunId: null,
      taskKey: 'key',
      tags: [],
      runCount: 0,
      flowRunRunCount: 0,
      empiricalPolicy: {},
      startTimeUs: null,
      endTimeUs: null,
      expectedStartTimeUs: null,
      nextScheduledStartTimeUs: null,
      totalRunTimeSeconds: 0,
      ...run,
    },
  }
}

/** The facts of the next transition of the run that `decision` was about, some seconds later. */
export function afterwards(facts: FlowRunFacts, decision: FlowRunDecision, delaySeconds = 1): FlowRunFacts {
  return {
    ...facts,
    run: { ...facts.run, ...decision.patch },
    initial: decision.written ?? facts.initial,
    nowUs: facts.nowUs + seconds(delaySeconds),
  }
}

/** Leads a run through proposals; returns the last decision and the facts after it. */
export function leadFlowRun(facts: FlowRunFacts, proposals: readonly ProposedState[]) {
  let decision: FlowRunDecision | undefined
  for (const proposed of proposals) {
    decision = decideFlowRun({ ...facts, proposed })
    facts = afterwards(facts, decision)
  }
  return { facts, decision }
}

/** The reason in an answer, or undefined. */
export function reasonOf(decision: { details: object }): string | undefined {
  return (decision.details as { reason?: string }).reason
}

/** What the client is told in short: the status and the state that is written. */
export function outcomeOf(decision: { status: string; written: State | null }): string {
  return `${decision.status} ${decision.written?.name ?? '-'}`
}
