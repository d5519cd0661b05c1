import { fullFlowRunPolicy, type FlowRunPolicy } from '@spillway/core/domain/flow-run-facts'
import { decideFlowRun } from '@spillway/core/domain/flow-run-transition'
import { generateName } from '@spillway/core/domain/names'
import type { ProposedState } from '@spillway/core/domain/state'
import { httpError, integrityConflict } from '../errors.ts'
import type { Tx } from '../storage/port.ts'
import { shownFlowRuns, type ShownFlowRunRow } from '../storage/rows/flow-runs.ts'
import { applyFlowRunEffects, insertFlowRunState, ruleSettings, type Proposer } from './flow-run-transition.ts'
import { readRelations, type FlowRunRelations } from './flow-run-subject.ts'
import { writeResult } from './stored-state.ts'

export type Labels = Readonly<Record<string, string | number | boolean>>

/** A flow run to be made. Absent members count as their defaults. */
export interface NewFlowRun {
  flowId: string
  /** Generated when absent or empty. */
  name?: string | null
  /** The first state; PENDING when absent. It is not judged but for what even force may not do. */
  state?: ProposedState | null
  deploymentId?: string | null
  deploymentVersion?: string | null
  workQueueId?: string | null
  workQueueName?: string | null
  flowVersion?: string | null
  parameters?: Readonly<Record<string, unknown>>
  context?: Readonly<Record<string, unknown>>
  /** A run of the flow with the same key is given back in the place of a new one. */
  idempotencyKey?: string | null
  empiricalPolicy?: FlowRunPolicy | null
  tags?: readonly string[]
  /** What the caller supplies; those of the flow and the deployment come in front. */
  labels?: Labels | null
  parentTaskRunId?: string | null
  infrastructureDocumentId?: string | null
  jobVariables?: Readonly<Record<string, unknown>> | null
  createdBy?: { id?: string | null; type?: string | null; display_value?: string | null } | null
  autoScheduled?: boolean
  /** Runs that the scheduler makes tell no event of their first state. */
  silent?: boolean
  /** Spares reading them again when many runs are made for one deployment. */
  relations?: FlowRunRelations
}

export interface InsertedFlowRun {
  row: ShownFlowRunRow
  /** False when a run with the idempotency key was there already; then nothing was changed. */
  isNew: boolean
}

/**
 * Makes a flow run with its first state, history row and event, in this transaction.
 *
 * @throws 409 when the flow or the parent task run does not exist.
 */
export async function insertFlowRun(tx: Tx, run: NewFlowRun, proposer: Proposer): Promise<InsertedFlowRun> {
  const deploymentId = run.deploymentId ?? null
  const workQueueId = run.workQueueId ?? null
  const parentTaskRunId = run.parentTaskRunId ?? null
  const relations = run.relations ?? (await readRelations(tx, { flowId: run.flowId, deploymentId, workQueueId, parentTaskRunId }))
  if (!relations || (parentTaskRunId !== null && relations.parent_found === null)) throw integrityConflict()

  const idempotencyKey = run.idempotencyKey || null
  if (idempotencyKey !== null && run.state?.data != null) {
    // Data is kept before the run is inserted, so whether it will be has to be known first.
    const existing = await readByKey(tx, run.flowId, idempotencyKey)
    if (existing) return { row: existing, isNew: false }
  }
  const id = tx.newId()
  const policy = fullFlowRunPolicy(run.empiricalPolicy)
  const decision = decideFlowRun({
    policy: 'minimal',
    run: {
      id,
      deploymentId,
      parentTaskRunId,
      infrastructurePid: null,
      empiricalPolicy: policy,
      startTimeUs: null,
      endTimeUs: null,
      expectedStartTimeUs: null,
      nextScheduledStartTimeUs: null,
      totalRunTimeSeconds: 0,
      runCount: 0,
    },
    initial: null,
    proposed: run.state ?? { type: 'PENDING' },
    nowUs: tx.nowUs,
    newId: () => tx.newId(),
    timestampTaken: () => false,
    ...proposer,
    deployment: null, // A first state neither takes nor gives back slots.
    lease: null,
    settings: ruleSettings(tx),
  })
  const { patch, written } = decision
  if (!written) throw new Error('the first state of a run was refused')
  const state = await writeResult(tx, written, { flowRunId: id, taskRunId: null })
  const row: ShownFlowRunRow = {
    id,
    created: tx.nowUs,
    updated: tx.nowUs,
    name: run.name || generateName(Math.random),
    flow_id: run.flowId,
    deployment_id: deploymentId,
    deployment_version: run.deploymentVersion ?? null,
    work_queue_id: workQueueId,
    work_queue_name: run.workQueueName ?? null,
    flow_version: run.flowVersion ?? null,
    parameters: JSON.stringify(run.parameters ?? {}),
    idempotency_key: idempotencyKey,
    context: JSON.stringify(run.context ?? {}),
    empirical_policy: JSON.stringify(patch.empiricalPolicy ?? policy),
    tags: JSON.stringify(run.tags ?? []),
    labels: JSON.stringify(mergedLabels(run, relations)),
    parent_task_run_id: parentTaskRunId,
    run_count: patch.runCount ?? 0,
    expected_start_time: patch.expectedStartTimeUs ?? null,
    next_scheduled_start_time: patch.nextScheduledStartTimeUs ?? null,
    start_time: patch.startTimeUs ?? null,
    end_time: patch.endTimeUs ?? null,
    total_run_time: patch.totalRunTimeSeconds ?? 0,
    auto_scheduled: run.autoScheduled ? 1 : 0,
    infrastructure_document_id: run.infrastructureDocumentId ?? null,
    infrastructure_pid: null,
    created_by: run.createdBy ? JSON.stringify(run.createdBy) : null,
    // Only a run with a key keeps null apart from an empty object.
    job_variables: run.jobVariables ? JSON.stringify(run.jobVariables) : idempotencyKey === null ? '{}' : null,
    state_id: written.id,
    state_type: written.type,
    state_name: written.name,
    state_timestamp: written.timestampUs,
    state: state.stored,
    queue_name: relations.queue_name,
    pool_id: relations.pool_id,
    pool_name: relations.pool_name,
  }
  const isNew = (await tx.run(insertRun, columnNames.map((name) => row[name]))) === 1
  if (!isNew) {
    const existing = await readByKey(tx, run.flowId, idempotencyKey)
    if (!existing) throw integrityConflict()
    return { row: existing, isNew: false }
  }
  await insertFlowRunState(tx, id, written, state)
  const effects = run.silent ? decision.effects.filter((effect) => effect.kind !== 'emit-state-event') : decision.effects
  await applyFlowRunEffects(tx, row, relations, effects)
  return { row, isNew: true }
}

function readByKey(tx: Tx, flowId: string, idempotencyKey: string | null) {
  return tx.get<ShownFlowRunRow>(
    `${shownFlowRuns} where flow_run.flow_id = ? and flow_run.idempotency_key = ?`,
    [flowId, idempotencyKey],
  )
}

const columnNames = [
  'id', 'created', 'updated', 'name', 'flow_id', 'deployment_id', 'deployment_version', 'work_queue_id', 'work_queue_name',
  'flow_version', 'parameters', 'idempotency_key', 'context', 'empirical_policy', 'tags', 'labels', 'parent_task_run_id',
  'run_count', 'expected_start_time', 'next_scheduled_start_time', 'start_time', 'end_time', 'total_run_time',
  'auto_scheduled', 'infrastructure_document_id', 'infrastructure_pid', 'created_by', 'job_variables', 'state_id',
  'state_type', 'state_name', 'state_timestamp', 'state',
] as const satisfies (keyof ShownFlowRunRow)[]

const insertRun = `insert into flow_run (${columnNames.join(', ')}) values (${columnNames.map(() => '?').join(', ')})
  on conflict (flow_id, idempotency_key) where idempotency_key is not null do nothing`

/** Labels of the flow, then of the deployment, then the ids of both, then what the caller gave: the later ones win. */
function mergedLabels(run: NewFlowRun, relations: FlowRunRelations): Labels {
  const labels: Record<string, string | number | boolean> = JSON.parse(relations.flow_labels) ?? {}
  if (relations.deployment_found !== null) {
    Object.assign(labels, relations.deployment_labels === null ? {} : JSON.parse(relations.deployment_labels))
    labels['prefect.flow.id'] = run.flowId
    labels['prefect.deployment.id'] = relations.deployment_found
  } else {
    labels['prefect.flow.id'] = run.flowId
  }
  return Object.assign(labels, run.labels)
}

/**
 * The queue that a pool name, and perhaps a queue name, stand for: without a queue name the pool's default queue.
 *
 * @throws 404 with Prefect's texts.
 */
export async function resolveWorkQueue(
  tx: Tx,
  poolName: string,
  queueName: string | null,
): Promise<{ id: string; name: string }> {
  const row = await tx.get<{ pool_id: string; queue_id: string | null; queue_name: string | null }>(
    queueName === null
      ? `select p.id as pool_id, q.id as queue_id, q.name as queue_name
         from work_pool p left join work_queue q on q.id = p.default_queue_id where p.name = ?`
      : `select p.id as pool_id, q.id as queue_id, q.name as queue_name
         from work_pool p left join work_queue q on q.work_pool_id = p.id and q.name = ? where p.name = ?`,
    queueName === null ? [poolName] : [queueName, poolName],
  )
  if (!row) {
    throw httpError(
      404,
      queueName === null ? `Work pool "${poolName}" not found.` : `Work pool queue '${poolName}/${queueName}' not found.`,
    )
  }
  if (row.queue_id === null || row.queue_name === null) {
    throw httpError(404, `Work pool queue '${poolName}/${queueName ?? 'default'}' not found.`)
  }
  return { id: row.queue_id, name: row.queue_name }
}
