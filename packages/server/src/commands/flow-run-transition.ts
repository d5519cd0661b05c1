import {
  leaseToLoad, type DeploymentFacts, type FlowRunDecision, type FlowRunEffect, type FlowRunFacts,
  type FlowRunFactsRun, type FlowRunPolicyName, type LeaseFacts,
} from '@spillway/core/domain/flow-run-facts'
import { flowRunStateEvent } from '@spillway/core/domain/flow-run-event'
import { holdsDeploymentSlot } from '@spillway/core/domain/deployment-concurrency'
import { decideFlowRun } from '@spillway/core/domain/flow-run-transition'
import type { ProposedState, State, StateType } from '@spillway/core/domain/state'
import type { TransitionDetails, TransitionStatus } from '@spillway/core/domain/transition'
import { formatIso } from '@spillway/core/wire/time'
import { objectNotFound } from '../errors.ts'
import type { SqlParam, Tx } from '../storage/port.ts'
import { activeSlotsAfterDecay } from '../storage/rows/concurrency-limits.ts'
import type { FlowRunRow } from '../storage/rows/flow-runs.ts'
import { eventSubject, relationColumns, type FlowRunRelations } from './flow-run-subject.ts'
import { acquireSlots, findRunLease, releaseSlots, renewLease } from './slots.ts'
import { parseState, writeResult } from './stored-state.ts'
import { transitionTaskRun } from './task-run-transition.ts'

/** Who proposes: some rules hold for old clients only. */
export interface Proposer {
  /** Version of the Prefect client, null when unknown. */
  clientVersion: string | null
  /** X-PREFECT-API-VERSION, null when absent. */
  apiVersion: string | null
}

/** Spillway's own services and automations propose as a client of today would. */
export const ownProposer: Proposer = { clientVersion: null, apiVersion: null }

export interface FlowRunProposal extends Proposer {
  id: string
  proposed: ProposedState
  policy: FlowRunPolicyName
}

/** What became of a proposed state. */
export interface TransitionResult {
  status: TransitionStatus
  details: TransitionDetails
  /** The state that is now current, as JSON; null when the run has none. */
  stateJson: string | null
  /** The state that was written; null when the current one stays. */
  written: State | null
}

/** What a transition reads of a run, in one row. */
type LoadedFlowRun = Pick<
  FlowRunRow,
  | 'id' | 'name' | 'flow_id' | 'deployment_id' | 'work_queue_id' | 'parent_task_run_id' | 'run_count' | 'tags'
  | 'created_by' | 'infrastructure_pid' | 'empirical_policy' | 'expected_start_time' | 'next_scheduled_start_time'
  | 'start_time' | 'end_time' | 'total_run_time' | 'state'
> &
  FlowRunRelations & {
    concurrency_options: string | null
    limit_id: string | null
    limit_limit: number | null
    limit_active: number | null
    limit_active_slots: number | null
    limit_updated: number | null
    limit_slot_decay_per_second: number | null
  }

const loadRun = `select r.id, r.name, r.flow_id, r.deployment_id, r.work_queue_id, r.parent_task_run_id, r.run_count, r.tags,
    r.created_by, r.infrastructure_pid, r.empirical_policy, r.expected_start_time, r.next_scheduled_start_time,
    r.start_time, r.end_time, r.total_run_time, r.state, ${relationColumns},
    d.concurrency_options, l.id as limit_id, l."limit" as limit_limit, l.active as limit_active,
    l.active_slots as limit_active_slots, l.updated as limit_updated, l.slot_decay_per_second as limit_slot_decay_per_second
  from flow_run r
  join flow f on f.id = r.flow_id
  left join deployment d on d.id = r.deployment_id
  left join concurrency_limit l on l.id = d.concurrency_limit_id
  left join work_queue q on q.id = r.work_queue_id
  left join work_pool p on p.id = q.work_pool_id
  left join task_run t on t.id = r.parent_task_run_id
  where r.id = ?`

/**
 * Proposes a state for a flow run: loads the facts, lets the rules judge, writes the state and everything that follows from
 * it, all in this transaction. Every change of a flow run's state goes through here.
 *
 * @throws 404 when there is no such run.
 */
export async function transitionFlowRun(tx: Tx, proposal: FlowRunProposal): Promise<TransitionResult> {
  const run = await tx.get<LoadedFlowRun>(loadRun, [proposal.id])
  if (!run) throw objectNotFound(`Flow run with id ${proposal.id} not found`)
  const initial = parseState(run.state)
  const decision = decideFlowRun({
    policy: proposal.policy,
    run: factsRun(run),
    initial,
    proposed: proposal.proposed,
    nowUs: tx.nowUs,
    newId: () => tx.newId(),
    timestampTaken: await takenTimestamps(tx, run.id, initial),
    clientVersion: proposal.clientVersion,
    apiVersion: proposal.apiVersion,
    deployment: run.deployment_id === null ? null : deploymentFacts(run, tx.nowUs),
    lease: await readLease(tx, run, initial),
    settings: ruleSettings(tx),
  })
  let stateJson = run.state
  if (decision.written) {
    const state = await writeResult(tx, decision.written, { flowRunId: run.id, taskRunId: null })
    stateJson = state.answered
    await updateRun(tx, run.id, decision, state.stored)
    await insertFlowRunState(tx, run.id, decision.written, state)
  } else if (Object.keys(decision.patch).length > 0) {
    await updateRun(tx, run.id, decision, undefined)
  }
  const after = { ...run, run_count: decision.patch.runCount ?? run.run_count }
  await applyFlowRunEffects(tx, after, run, decision.effects)
  return { status: decision.status, details: decision.details, stateJson, written: decision.written }
}

export function ruleSettings(tx: Tx): FlowRunFacts['settings'] {
  return {
    initialLeaseSeconds: tx.settings.initialDeploymentLeaseSeconds,
    slotWaitSeconds: tx.settings.deploymentSlotWaitSeconds,
  }
}

function factsRun(run: LoadedFlowRun): FlowRunFactsRun {
  return {
    id: run.id,
    deploymentId: run.deployment_id,
    parentTaskRunId: run.parent_task_run_id,
    infrastructurePid: run.infrastructure_pid,
    empiricalPolicy: JSON.parse(run.empirical_policy),
    startTimeUs: run.start_time,
    endTimeUs: run.end_time,
    expectedStartTimeUs: run.expected_start_time,
    nextScheduledStartTimeUs: run.next_scheduled_start_time,
    totalRunTimeSeconds: run.total_run_time,
    runCount: run.run_count,
  }
}

function deploymentFacts(run: LoadedFlowRun, nowUs: number): DeploymentFacts {
  const options = run.concurrency_options === null ? null : JSON.parse(run.concurrency_options)
  return {
    found: run.deployment_found !== null,
    limit:
      run.limit_id === null
        ? null
        : {
            id: run.limit_id,
            limit: run.limit_limit ?? 0,
            active: run.limit_active === 1,
            activeSlots: activeSlotsAfterDecay(
              {
                active_slots: run.limit_active_slots ?? 0,
                slot_decay_per_second: run.limit_slot_decay_per_second ?? 0,
                updated: run.limit_updated ?? nowUs,
              },
              nowUs,
            ),
          },
    collisionStrategy: options?.collision_strategy ?? 'ENQUEUE',
    gracePeriodSeconds: options?.grace_period_seconds ?? null,
  }
}

async function readLease(tx: Tx, run: LoadedFlowRun, initial: State | null): Promise<LeaseFacts | null> {
  if (!holdsDeploymentSlot(initial?.type ?? null)) return null
  const leaseId = leaseToLoad(initial)
  if (leaseId === null && run.limit_id === null) return null
  const lease = await findRunLease(tx, { id: run.id, leaseId, limitId: run.limit_id })
  if (lease) return { id: lease.id, found: true, slots: lease.slots, resourceIds: lease.limitIds }
  return leaseId === null ? null : { id: leaseId, found: false, slots: 0, resourceIds: [] }
}

/** The clock rises inside a process, so a timestamp can be taken only after the clock was set back. */
async function takenTimestamps(tx: Tx, runId: string, initial: State | null): Promise<(timestampUs: number) => boolean> {
  if (!initial || initial.timestampUs < tx.nowUs) return () => false
  const rows = await tx.all<{ timestamp: number }>(
    'select timestamp from flow_run_state where flow_run_id = ? and timestamp >= ? limit 10000',
    [runId, tx.nowUs],
  )
  const taken = new Set(rows.map((row) => row.timestamp))
  return (timestampUs) => taken.has(timestampUs)
}

/** Columns of the members that a decision changes. */
const columns: Readonly<Partial<Record<keyof FlowRunFactsRun, string>>> = {
  empiricalPolicy: 'empirical_policy',
  startTimeUs: 'start_time',
  endTimeUs: 'end_time',
  expectedStartTimeUs: 'expected_start_time',
  nextScheduledStartTimeUs: 'next_scheduled_start_time',
  totalRunTimeSeconds: 'total_run_time',
  runCount: 'run_count',
}

/** Sets only what changes: a column that is set costs its indexes, also when the value stays the same. */
async function updateRun(tx: Tx, id: string, decision: FlowRunDecision, stateJson: string | undefined): Promise<void> {
  const { written, patch } = decision
  let sets = 'updated = ?'
  const params: SqlParam[] = [tx.nowUs]
  if (written && stateJson !== undefined) {
    sets += ', state_id = ?, state_type = ?, state_name = ?, state_timestamp = ?, state = ?'
    params.push(written.id, written.type, written.name, written.timestampUs, stateJson)
  }
  for (const [member, column] of Object.entries(columns)) {
    const value = patch[member as keyof FlowRunFactsRun]
    if (value === undefined) continue
    sets += `, ${column} = ?`
    params.push(typeof value === 'object' && value !== null ? JSON.stringify(value) : value)
  }
  await tx.run(`update flow_run set ${sets} where id = ?`, [...params, id])
}

export async function insertFlowRunState(
  tx: Tx,
  runId: string,
  state: State,
  result: { stored: string; artifactId: string | null },
): Promise<void> {
  await tx.run(
    `insert into flow_run_state (id, flow_run_id, timestamp, type, name, result_artifact_id, state)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [state.id, runId, state.timestampUs, state.type, state.name, result.artifactId, result.stored],
  )
}

/** Does what a decision wants beside the state itself. `run` is the run after the transition. */
export async function applyFlowRunEffects(
  tx: Tx,
  run: Parameters<typeof eventSubject>[0] & { run_count: number },
  relations: FlowRunRelations,
  effects: readonly FlowRunEffect[],
): Promise<void> {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'acquire-slot':
        await acquireSlots(tx, { ...effect, limitIds: [effect.limitId] })
        break
      case 'renew-lease':
        await renewLease(tx, effect.leaseId, effect.leaseSeconds)
        break
      case 'release-slots':
        await releaseSlots(tx, effect)
        break
      case 'mirror-to-parent-task-run':
        if (relations.parent_found === null) break
        await transitionTaskRun(tx, { id: effect.taskRunId, proposed: effect.state, policy: 'minimal' })
        break
      case 'retry-failed-task-runs':
        await retryFailedTaskRuns(tx, run.id, effect.scheduledTimeUs)
        break
      case 'emit-state-event':
        await tx.emit(flowRunStateEvent(eventSubject(run, relations, run.run_count), effect))
        break
    }
  }
}

async function retryFailedTaskRuns(tx: Tx, flowRunId: string, scheduledTimeUs: number): Promise<void> {
  const failed = await tx.all<{ id: string }>(
    `select id from task_run where flow_run_id = ? and state_type = 'FAILED' limit 10000`,
    [flowRunId],
  )
  const scheduledTime = formatIso(scheduledTimeUs)
  for (const { id } of failed) {
    const proposed: ProposedState = {
      type: 'SCHEDULED' satisfies StateType,
      name: 'AwaitingRetry',
      details: { scheduled_time: scheduledTime },
    }
    await transitionTaskRun(tx, { id, proposed, policy: 'minimal' })
    await tx.run('update task_run set run_count = 0 where id = ?', [id])
  }
}

/** The OrchestrationResult of the API. */
export function transitionJson(result: TransitionResult): string {
  return `{"state":${result.stateJson ?? 'null'},"status":"${result.status}","details":${JSON.stringify(result.details)}}`
}
