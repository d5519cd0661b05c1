import { holdsDeploymentSlot } from '@spillway/core/domain/deployment-concurrency'
import { fullFlowRunPolicy, type FlowRunPolicy } from '@spillway/core/domain/flow-run-facts'
import { generateName } from '@spillway/core/domain/names'
import type { ProposedState, StateType } from '@spillway/core/domain/state'
import { httpError, objectNotFound } from '../errors.ts'
import { createdOrExisting, noContent, ok } from '../storage/answers.ts'
import type { Filter } from '../storage/filters/condition.ts'
import { listCondition } from '../storage/filters/entities.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { encodeFlowRun } from '../storage/rows/flow-runs.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import { transitionFlowRun, transitionJson, type Proposer, type TransitionResult } from './flow-run-transition.ts'
import { checkRunVariables } from './job-variables.ts'
import { insertFlowRun, resolveWorkQueue, type Labels, type NewFlowRun } from './new-flow-run.ts'
import { findRunLease, releaseSlots, releaseSlotsOfTaskRuns } from './slots.ts'

/** The body of `POST /flow_runs/` with what the request's head tells. */
export interface FlowRunCreation extends Proposer {
  run: NewFlowRun
  workPoolName: string | null
}

async function createFlowRun(tx: Tx, args: FlowRunCreation): Promise<Answer> {
  const { run, workPoolName, clientVersion, apiVersion } = args
  const queue = workPoolName ? await resolveWorkQueue(tx, workPoolName, run.workQueueName || null) : null
  const { row, isNew } = await insertFlowRun(
    tx,
    queue ? { ...run, workQueueId: queue.id } : run,
    { clientVersion, apiVersion },
  )
  return createdOrExisting(isNew, encodeFlowRun(row, tx.nowUs))
}

async function setFlowRunState(
  tx: Tx,
  args: Proposer & { id: string; state: ProposedState; force: boolean },
): Promise<Answer> {
  const { id, state, force, clientVersion, apiVersion } = args
  const result = await transitionFlowRun(tx, {
    id, proposed: state, policy: force ? 'minimal' : 'core', clientVersion, apiVersion,
  })
  return transitionAnswer(result)
}

/** 201 when a state was written, 200 when the run keeps the one it has. */
export function transitionAnswer(result: TransitionResult): Answer {
  return { status: result.written ? 201 : 200, json: transitionJson(result) }
}

/** The changes of `PATCH /flow_runs/{id}`: only what was sent. */
export interface FlowRunChanges {
  name?: string | null
  flow_version?: string | null
  parameters?: Record<string, unknown>
  empirical_policy?: FlowRunPolicy
  tags?: string[]
  infrastructure_pid?: string | null
  job_variables?: Record<string, unknown> | null
}

async function updateFlowRun(tx: Tx, args: { id: string; changes: FlowRunChanges }): Promise<Answer> {
  const { id, changes } = args
  if (changes.job_variables) await checkNewJobVariables(tx, id, changes.job_variables)
  let sets = 'updated = ?'
  const params: SqlParam[] = [tx.nowUs]
  const set = (column: string, value: SqlParam): void => {
    sets += `, ${column} = ?`
    params.push(value)
  }
  if ('name' in changes) set('name', changes.name || generateName(Math.random))
  if ('flow_version' in changes) set('flow_version', changes.flow_version ?? null)
  if ('parameters' in changes) set('parameters', JSON.stringify(changes.parameters))
  if ('empirical_policy' in changes) set('empirical_policy', JSON.stringify(fullFlowRunPolicy(changes.empirical_policy)))
  if ('tags' in changes) set('tags', JSON.stringify(changes.tags))
  if ('infrastructure_pid' in changes) set('infrastructure_pid', changes.infrastructure_pid ?? null)
  if ('job_variables' in changes) {
    set('job_variables', changes.job_variables ? JSON.stringify(changes.job_variables) : null)
  }
  if ((await tx.run(`update flow_run set ${sets} where id = ?`, [...params, id])) === 0) {
    throw httpError(404, 'Flow run not found')
  }
  return noContent()
}

async function checkNewJobVariables(tx: Tx, id: string, jobVariables: Record<string, unknown>): Promise<void> {
  const run = await tx.get<{ state_type: StateType | null; deployment_variables: string | null; pool_id: string | null }>(
    `select r.state_type, d.job_variables as deployment_variables, q.work_pool_id as pool_id
     from flow_run r left join deployment d on d.id = r.deployment_id left join work_queue q on q.id = d.work_queue_id
     where r.id = ?`,
    [id],
  )
  if (!run) throw httpError(404, 'Flow run not found')
  if (run.state_type === null) {
    throw httpError(400, 'Flow run state is required to update job variables but none exists')
  }
  if (run.state_type !== 'SCHEDULED') {
    throw httpError(400, `Job variables for a flow run in state ${run.state_type} cannot be updated`)
  }
  if (run.deployment_variables === null) throw httpError(400, 'A deployment for the flow run could not be found')
  if (run.pool_id === null) return
  const pool = await tx.get<WorkPoolRow>('select * from work_pool where id = ?', [run.pool_id])
  if (pool) await checkRunVariables(tx, pool, JSON.parse(run.deployment_variables), jobVariables, 'updating')
}

async function updateFlowRunLabels(tx: Tx, args: { id: string; labels: Labels }): Promise<Answer> {
  const run = await tx.get<{ labels: string }>('select labels from flow_run where id = ?', [args.id])
  if (!run) throw objectNotFound(`Flow run with id ${args.id} not found`)
  await tx.run('update flow_run set labels = ?, updated = ? where id = ?', [
    JSON.stringify({ ...JSON.parse(run.labels), ...args.labels }),
    tx.nowUs,
    args.id,
  ])
  return noContent()
}

async function deleteFlowRun(tx: Tx, args: { id: string }): Promise<Answer> {
  if (!(await removeFlowRun(tx, args.id))) throw httpError(404, 'Flow run not found')
  return noContent()
}

/** Log lines deleted in one step: a run may have millions, and the writer has others to serve. */
const LOGS_PER_STEP = 5_000

/**
 * Deletes a flow run with its states, task runs and inputs, and the first step of its logs (see deleteFlowRunLogs for the
 * rest); its artifacts stay. Gives back the slots that it and its task runs hold.
 *
 * @returns false when there is no such run.
 */
export async function removeFlowRun(tx: Tx, id: string): Promise<boolean> {
  const run = await tx.get<{ limit_id: string | null; lease_id: string | null; state_type: StateType | null }>(
    `select d.concurrency_limit_id as limit_id, r.state_type,
       r.state ->> '$.state_details.deployment_concurrency_lease_id' as lease_id
     from flow_run r left join deployment d on d.id = r.deployment_id where r.id = ?`,
    [id],
  )
  if (!run) return false
  if (holdsDeploymentSlot(run.state_type)) {
    const lease = await findRunLease(tx, { id, leaseId: run.lease_id, limitId: run.limit_id })
    if (lease) await releaseSlots(tx, { limitIds: lease.limitIds, slots: lease.slots, leaseId: lease.id })
  }
  await releaseSlotsOfTaskRuns(tx, 'flow_run_id', id)
  await tx.run(
    'update flow_run set parent_task_run_id = null where parent_task_run_id in (select id from task_run where flow_run_id = ?)',
    [id],
  )
  await deleteFlowRunLogs(tx, { id })
  await tx.run('delete from flow_run where id = ?', [id])
  return true
}

/** Deletes one step of the logs of a run that is gone. @returns true when there may be more. */
async function deleteFlowRunLogs(tx: Tx, args: { id: string }): Promise<boolean> {
  const deleted = await tx.run('delete from log where seq in (select seq from log where flow_run_id = ? limit ?)', [
    args.id,
    LOGS_PER_STEP,
  ])
  return deleted === LOGS_PER_STEP
}

/** Deletes one step of the runs of a flow that is about to go. @returns the ids of the runs. */
async function deleteRunsOfFlow(tx: Tx, args: { flowId: string; limit: number }): Promise<string[]> {
  const rows = await tx.all<{ id: string }>('select id from flow_run where flow_id = ? limit ?', [args.flowId, args.limit])
  for (const { id } of rows) await removeFlowRun(tx, id)
  return rows.map((row) => row.id)
}

/** Deletes the newest runs that match, each as deleteFlowRun does. */
async function bulkDeleteFlowRuns(tx: Tx, args: { flowRuns: Filter | null; limit: number }): Promise<Answer> {
  const where = listCondition('flow_run', { flow_runs: args.flowRuns })
  const rows = await tx.all<{ id: string }>(
    `select flow_run.id from flow_run where ${where.text} order by flow_run.id desc limit ?`,
    [...where.params, args.limit],
  )
  for (const { id } of rows) await removeFlowRun(tx, id)
  return ok(JSON.stringify({ deleted: rows.map((row) => row.id) }))
}

export const flowRunCommands = {
  createFlowRun,
  setFlowRunState,
  updateFlowRun,
  updateFlowRunLabels,
  deleteFlowRun,
  deleteFlowRunLogs,
  deleteRunsOfFlow,
  bulkDeleteFlowRuns,
}
