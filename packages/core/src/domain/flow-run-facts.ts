import type { BookkeptRun } from './run-bookkeeping.ts'
import type { ProposedState, State, StateType } from './state.ts'
import type { Decision, PolicyRow, Rule, Step } from './transition.ts'

/** `empirical_policy` of a flow run, as on the wire. Absent members count as their defaults. */
export interface FlowRunPolicy {
  max_retries?: number
  retry_delay_seconds?: number
  retries?: number | null
  retry_delay?: number | null
  pause_keys?: string[] | null
  resuming?: boolean | null
  retry_type?: 'in_process' | 'reschedule' | null
}

export interface FlowRunFactsRun extends BookkeptRun {
  id: string
  deploymentId: string | null
  parentTaskRunId: string | null
  infrastructurePid: string | null
  empiricalPolicy: FlowRunPolicy
}

/** The deployment of a run, as far as its concurrency is concerned. */
export interface DeploymentFacts {
  /** False when the run names a deployment that is gone. */
  found: boolean
  limit: { id: string; limit: number; active: boolean; activeSlots: number } | null
  collisionStrategy: 'ENQUEUE' | 'CANCEL_NEW'
  gracePeriodSeconds: number | null
}

/** The lease of the run: the one that its current state names (see `leaseToLoad`), else the one that it holds. */
export interface LeaseFacts {
  id: string
  /** False when there is no such lease. One that has expired holds its slots until they are taken back. */
  found: boolean
  slots: number
  /** Ids of the limits whose slots it holds. */
  resourceIds: readonly string[]
}

/**
 * Which rules judge: `core` for ordinary proposals, `minimal` for forced ones and the first state of a new run,
 * `mark-late` for the service that marks late runs.
 */
export type FlowRunPolicyName = 'core' | 'minimal' | 'mark-late'

/** All that the rules may look at, loaded in the transaction that will also write the decision. */
export interface FlowRunFacts {
  policy: FlowRunPolicyName
  run: FlowRunFactsRun
  initial: State | null
  proposed: ProposedState
  nowUs: number
  newId: () => string
  /** True when another state of this run has that timestamp. */
  timestampTaken: (timestampUs: number) => boolean
  /** From the User-Agent of the caller; null when unknown. */
  clientVersion: string | null
  /** From the X-PREFECT-API-VERSION header; null when absent. */
  apiVersion: string | null
  /** null when the run has no deployment. */
  deployment: DeploymentFacts | null
  /** null when the current state names no lease and the run holds none. */
  lease: LeaseFacts | null
  settings: {
    /** Lease of a slot while the run is being provisioned, where the deployment sets no grace period. */
    initialLeaseSeconds: number
    /** How long a run waits before it asks for a slot again. */
    slotWaitSeconds: number
  }
}

export interface LeaseHolder {
  type: 'flow_run' | 'task_run'
  id: string
}

export interface StateChange {
  initial: State | null
  validated: State
  /** The types as they were asked for, which a rule may have changed. */
  intended: { from: StateType | null; to: StateType }
}

/** What is to happen beside writing the state and the columns of the run; all in the same transaction. */
export type FlowRunEffect =
  /** Take one slot of the limit and note a lease for it. The facts say it is free. */
  | { kind: 'acquire-slot'; limitId: string; leaseId: string; leaseSeconds: number; holder: LeaseHolder }
  | { kind: 'renew-lease'; leaseId: string; leaseSeconds: number }
  /** Give slots back (never below 0), and forget the lease. */
  | { kind: 'release-slots'; limitIds: readonly string[]; slots: number; leaseId: string }
  /** Set this state on the task run that stands for the subflow, by the minimal task policy. */
  | { kind: 'mirror-to-parent-task-run'; taskRunId: string; state: ProposedState }
  /** For clients before API 0.8.3: put failed task runs of the flow run in AwaitingRetry and their run count to 0. */
  | { kind: 'retry-failed-task-runs'; scheduledTimeUs: number }
  | ({ kind: 'emit-state-event' } & StateChange)

export type FlowRunDecision = Decision<FlowRunFactsRun, FlowRunEffect>
export type FlowRunRule = Rule<FlowRunFacts, FlowRunFactsRun, FlowRunEffect>
export type FlowRunStep = Step<FlowRunFacts, FlowRunFactsRun, FlowRunEffect>
export type FlowRunPolicyRow = PolicyRow<FlowRunFacts, FlowRunFactsRun, FlowRunEffect>

/** The policy with all members, as the API prints it; the two old members stand in for the ones that replaced them. */
export function fullFlowRunPolicy(policy: FlowRunPolicy | null | undefined): Required<FlowRunPolicy> {
  return {
    max_retries: policy?.max_retries ?? 0,
    retry_delay_seconds: policy?.retry_delay_seconds ?? 0,
    retries: policy?.retries ?? (policy?.max_retries || null),
    retry_delay: policy?.retry_delay ?? (policy?.retry_delay_seconds || null),
    pause_keys: policy?.pause_keys ?? [],
    resuming: policy?.resuming ?? false,
    retry_type: policy?.retry_type ?? null,
  }
}

/** The lease whose row has to be loaded before `decideFlowRun`, or null. */
export function leaseToLoad(initial: State | null): string | null {
  return initial?.details.deployment_concurrency_lease_id ?? null
}
