import type { FlowRunPolicy } from '@spillway/core/domain/flow-run-facts'
import type { ProposedState } from '@spillway/core/domain/state'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import { AppError, httpError } from '../errors.ts'
import { createdOrExisting, ok } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import type { DeploymentRow } from '../storage/rows/deployments.ts'
import { encodeFlowRun } from '../storage/rows/flow-runs.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import type { Provenance } from './deployments.ts'
import { hydrateOrRefuse, refusalError, refusalOf, type ParameterRefusal } from './deployment-parameters.ts'
import { checkRunVariables } from './job-variables.ts'
import { insertFlowRun, type InsertedFlowRun, type Labels } from './new-flow-run.ts'
import type { Proposer } from './flow-run-transition.ts'
import { queueInPool } from './work-queue-rows.ts'

/** A run to be made of a deployment: the checked body of the request. */
export interface DeploymentRun {
  state: ProposedState | null
  name: string | null
  parameters: Record<string, unknown>
  enforce_parameter_schema: boolean | null
  context: Record<string, unknown>
  infrastructure_document_id: string | null
  empirical_policy: FlowRunPolicy | null
  tags: string[]
  idempotency_key: string | null
  labels: Labels | null
  parent_task_run_id: string | null
  work_queue_name: string | null
  job_variables: Record<string, unknown> | null
}

/** Where the runs of a deployment go. */
interface Place {
  queueId: string | null
  queueName: string | null
}

/** @throws 404 when there is no such deployment. */
async function findDeployment(tx: Tx, id: string): Promise<DeploymentRow> {
  const deployment = await tx.get<DeploymentRow>('select * from deployment where id = ?', [id])
  if (!deployment) throw httpError(404, 'Deployment not found')
  return deployment
}

function poolOf(tx: Tx, deployment: DeploymentRow) {
  return tx.get<WorkPoolRow>(
    'select p.* from work_queue q join work_pool p on p.id = q.work_pool_id where q.id = ?',
    [deployment.work_queue_id],
  )
}

async function createRunFromDeployment(
  tx: Tx,
  args: Proposer & { id: string; run: DeploymentRun; createdBy: Provenance | null },
): Promise<Answer> {
  const deployment = await findDeployment(tx, args.id)
  const pool = await poolOf(tx, deployment)
  const { row, isNew } = await makeRun(tx, { ...args, deployment, pool }, args.run)
  return createdOrExisting(isNew, encodeFlowRun(row, tx.nowUs))
}

export interface Making extends Proposer {
  deployment: DeploymentRow
  pool: WorkPoolRow | undefined
  createdBy: Provenance | null
  /** Turns a refusal of the parameters into the error that the caller answers. */
  refuseParameters?: (refusal: ParameterRefusal) => Error
}

/** Makes one run; also for automations that run a deployment. */
export async function makeRun(tx: Tx, making: Making, run: DeploymentRun): Promise<InsertedFlowRun> {
  const { deployment, pool } = making
  const parameters = await hydrateOrRefuse(
    tx,
    { ...(parseExactJson(deployment.parameters) as object), ...run.parameters },
    'Error hydrating flow run parameters',
  )
  if (run.enforce_parameter_schema ?? deployment.enforce_parameter_schema === 1) {
    const schema = deployment.parameter_openapi_schema
    const refusal = refusalOf(parameters, schema === null ? null : JSON.parse(schema), false)
    if (refusal) throw (making.refuseParameters ?? refuseOneRun)(refusal)
  }
  if (pool) await checkRunVariables(tx, pool, JSON.parse(deployment.job_variables), run.job_variables)
  const place = await placeOf(tx, deployment, pool, run.work_queue_name)
  return insertFlowRun(
    tx,
    {
      flowId: deployment.flow_id,
      name: run.name,
      state: run.state ?? { type: 'SCHEDULED' },
      deploymentId: deployment.id,
      deploymentVersion: deployment.version,
      workQueueId: place.queueId,
      workQueueName: place.queueName,
      parameters,
      context: run.context,
      idempotencyKey: run.idempotency_key,
      empiricalPolicy: run.empirical_policy,
      tags: [...new Set([...JSON.parse(deployment.tags), ...run.tags])],
      labels: run.labels,
      parentTaskRunId: run.parent_task_run_id,
      infrastructureDocumentId: run.infrastructure_document_id ?? deployment.infrastructure_document_id,
      jobVariables: run.job_variables,
      createdBy: making.createdBy,
    },
    { clientVersion: making.clientVersion, apiVersion: making.apiVersion },
  )
}

function refuseOneRun(refusal: ParameterRefusal): Error {
  return refusalError(refusal, 'Error creating flow run')
}

function refuseOneOfMany(refusal: ParameterRefusal): Error {
  const texts = {
    'no-schema': 'Parameter schema enforcement is enabled but deployment has no valid schema.',
    circular: 'Invalid schema: circular references detected.',
  }
  return httpError(409, refusal.kind === 'fault' ? `Parameter validation failed: ${refusal.text}` : texts[refusal.kind])
}

async function placeOf(tx: Tx, deployment: DeploymentRow, pool: WorkPoolRow | undefined, asked: string | null): Promise<Place> {
  if (!asked) return { queueId: deployment.work_queue_id, queueName: deployment.work_queue_name }
  if (!pool) {
    throw httpError(
      400,
      `Cannot create flow run in work queue ${asked} because deployment ${deployment.id} is not associated with a work pool.` +
        ' Please remove work_pool_name and try again.',
    )
  }
  const queue = await queueInPool(tx, pool.id, asked)
  return { queueId: queue.id, queueName: queue.name }
}

/** The largest number of runs that one request makes. */
const bulkMax = 100

/** Makes many runs of a deployment; one that is refused does not keep the others from being made. */
async function createRunsFromDeployment(
  tx: Tx,
  args: Proposer & { id: string; runs: DeploymentRun[]; createdBy: Provenance | null },
): Promise<Answer> {
  if (args.runs.length > bulkMax) throw httpError(400, `Cannot create more than ${bulkMax} flow runs at once.`)
  const deployment = await findDeployment(tx, args.id)
  const pool = await poolOf(tx, deployment)
  const results: { flow_run_id: string | null; status: 'CREATED' | 'FAILED'; error: string | null }[] = []
  // Queues first, outside what may be undone: the events that tell of them cannot be taken back.
  const queueNames = new Set(args.runs.flatMap(({ work_queue_name: name }) => name || []))
  if (pool) for (const name of queueNames) await queueInPool(tx, pool.id, name)
  for (const run of args.runs) {
    await tx.run('savepoint one_run')
    try {
      const { row } = await makeRun(tx, { ...args, deployment, pool, refuseParameters: refuseOneOfMany }, run)
      results.push({ flow_run_id: row.id, status: 'CREATED', error: null })
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      await tx.run('rollback to one_run')
      results.push({ flow_run_id: null, status: 'FAILED', error: refusalText(error) })
    }
    await tx.run('release one_run')
  }
  return ok(JSON.stringify({ results }))
}

function refusalText(error: AppError): string {
  const detail = (error.body as { detail?: unknown } | null)?.detail
  return typeof detail === 'string' ? detail : error.message
}

export const deploymentRunCommands = { createRunFromDeployment, createRunsFromDeployment }
