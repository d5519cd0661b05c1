import { catchUpFault } from '@spillway/core/domain/catch-up'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import { isDeepStrictEqual } from 'node:util'
import { httpError, integrityConflict } from '../errors.ts'
import { createdOrExisting, noContent, ok } from '../storage/answers.ts'
import type { Filter } from '../storage/filters/condition.ts'
import { listCondition } from '../storage/filters/entities.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { completeDeployments } from '../storage/deployment-parts.ts'
import { encodeDeployment, shownDeployments, type DeploymentRow, type ShownDeploymentRow } from '../storage/rows/deployments.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import { renewCatchUp } from './catch-up.ts'
import { emitDeploymentEvent } from './deployment-events.ts'
import { removeDeploymentLimit, requireLimit, setDeploymentLimit } from './deployment-limits.ts'
import { enforceStoredParameters, hydrateOrRefuse } from './deployment-parameters.ts'
import {
  applySchedulePlan, planSchedules, replaceSchedules, type NewSchedule, type ScheduleChanges,
} from './deployment-schedules.ts'
import { checkDeploymentVariables, checkVariablesOfUpdate } from './job-variables.ts'
import { removeWaitingRuns, scheduleAfterChange } from './scheduling.ts'
import type { ChangedFields } from './work-pool-events.ts'
import { findWorkPool } from './work-pools.ts'
import { queueInPool } from './work-queue-rows.ts'
import { legacyQueue } from './work-queues.ts'

/** Members of a deployment that both creation and update may set. Absent ones stay as they are. */
interface DeploymentFields {
  version?: string | null
  description?: string | null
  paused?: boolean
  concurrency_limit?: number | null
  concurrency_options?: Record<string, unknown> | null
  global_concurrency_limit_id?: string | null
  job_variables?: Record<string, unknown> | null
  parameters?: Record<string, unknown> | null
  parameter_openapi_schema?: Record<string, unknown> | null
  enforce_parameter_schema?: boolean | null
  tags?: string[]
  work_queue_name?: string | null
  work_pool_name?: string | null
  path?: string | null
  pull_steps?: Record<string, unknown>[] | null
  entrypoint?: string | null
  storage_document_id?: string | null
  infrastructure_document_id?: string | null
}

export type NewDeployment = DeploymentFields & {
  name: string
  flow_id: string
  labels?: Record<string, string | number | boolean> | null
  schedules?: NewSchedule[]
}

export type DeploymentChanges = DeploymentFields & { schedules?: ScheduleChanges[] }

export interface Provenance {
  id: string
  type: string
  display_value: string
}

/** What is stored as it was sent. */
const textColumns = [
  'version', 'description', 'work_queue_name', 'path', 'entrypoint', 'storage_document_id', 'infrastructure_document_id',
] as const
const documentColumns = ['concurrency_options', 'parameter_openapi_schema', 'pull_steps'] as const
const wholeDocumentColumns = ['job_variables', 'parameters', 'tags'] as const

/** The columns of the members that were sent. Members that cannot be null keep their value when null is sent. */
function sentColumns(fields: DeploymentFields): Record<string, SqlParam> {
  const columns: Record<string, SqlParam> = {}
  for (const name of textColumns) if (name in fields) columns[name] = fields[name] ?? null
  for (const name of documentColumns) {
    if (name in fields) columns[name] = fields[name] == null ? null : JSON.stringify(fields[name])
  }
  for (const name of wholeDocumentColumns) if (fields[name] != null) columns[name] = JSON.stringify(fields[name])
  if (typeof fields.paused === 'boolean') columns['paused'] = fields.paused ? 1 : 0
  if (typeof fields.enforce_parameter_schema === 'boolean') {
    columns['enforce_parameter_schema'] = fields.enforce_parameter_schema ? 1 : 0
  }
  if ('global_concurrency_limit_id' in fields) columns['concurrency_limit_id'] = fields.global_concurrency_limit_id ?? null
  return columns
}

/** Names stand in paths, `flow/deployment`. Prefect takes such a name and then fails with 500. */
const bannedInNames = /[/%&><]/

/**
 * Creates a deployment, or changes the one that its flow has by this name: what is absent stays, but the schedules are
 * always those that are given. Runs of its schedules are made in the same transaction.
 */
async function createDeployment(
  tx: Tx,
  args: { deployment: NewDeployment; createdBy: Provenance | null; updatedBy: Provenance | null },
): Promise<Answer> {
  const given = args.deployment
  if (bannedInNames.test(given.name)) throw httpError(422, 'A deployment name must not contain any of the characters / % & > <')
  const catchUp = catchUpFault(given.labels ?? {})
  if (catchUp !== null) throw httpError(422, catchUp)
  // Parameters alone do not keep their value when they are absent.
  const columns = sentColumns({ parameters: {}, ...given })
  // Only an update takes a deployment out of its pool; here null says as little as nothing.
  const queueId = await placeOf(tx, given, checkDeploymentVariables)
  if (queueId) columns['work_queue_id'] = queueId
  if (given.global_concurrency_limit_id) await requireLimit(tx, given.global_concurrency_limit_id)
  await requireBlock(tx, given.infrastructure_document_id, 'infrastructure')
  await requireBlock(tx, given.storage_document_id, 'storage')
  const flow = await tx.get<{ labels: string }>('select labels from flow where id = ?', [given.flow_id])
  if (!flow) throw integrityConflict()
  columns['labels'] = JSON.stringify({ ...JSON.parse(flow.labels), 'prefect.flow.id': given.flow_id, ...given.labels })
  columns['updated_by'] = args.updatedBy && JSON.stringify(args.updatedBy)

  const before = await tx.get<DeploymentRow>('select * from deployment where flow_id = ? and name = ?', [given.flow_id, given.name])
  const id = before?.id ?? tx.newId()
  if (before) {
    await updateColumns(tx, id, columns)
    await removeWaitingRuns(tx, id, { autoOnly: true, futureOnly: true })
    await renewCatchUp(tx, await readRow(tx, id), before)
  } else {
    columns['created_by'] = args.createdBy && JSON.stringify(args.createdBy)
    const defaults = { parameter_openapi_schema: '{}', pull_steps: '[]' }
    await insertColumns(tx, { id, name: given.name, flow_id: given.flow_id, ...defaults, ...columns })
  }
  await replaceSchedules(tx, id, (given.schedules ?? []).map((schedule) => ({ ...schedule, max_scheduled_runs: null })))
  if ('concurrency_limit' in given) await setDeploymentLimit(tx, await readRow(tx, id), given.concurrency_limit ?? null)
  const after = await readRow(tx, id)
  if (!before) await emitDeploymentEvent(tx, 'prefect.deployment.created', after)
  else await tellChanges(tx, before, after)
  await scheduleAfterChange(tx, id)
  return createdOrExisting(!before, await deploymentJson(tx, id))
}

async function updateDeployment(tx: Tx, args: { id: string; changes: DeploymentChanges }): Promise<Answer> {
  const before = await tx.get<DeploymentRow>('select * from deployment where id = ?', [args.id])
  if (!before) throw httpError(404, 'Deployment not found.')
  const changes = { ...args.changes }
  const plan = await planSchedules(tx, before.id, changes.schedules)
  const queueId = await placeOf(tx, changes, checkVariablesOfUpdate)
  if (changes.parameters != null) {
    changes.parameters = await hydrateOrRefuse(tx, changes.parameters, 'Error hydrating deployment parameters')
  }
  enforceStoredParameters(before, changes)
  if (changes.global_concurrency_limit_id) await requireLimit(tx, changes.global_concurrency_limit_id)
  const columns = sentColumns(changes)
  if (queueId !== undefined) columns['work_queue_id'] = queueId
  await updateColumns(tx, before.id, columns)
  await removeWaitingRuns(tx, before.id, { autoOnly: true, futureOnly: true })
  if ('concurrency_limit' in changes) {
    await setDeploymentLimit(tx, await readRow(tx, before.id), changes.concurrency_limit ?? null)
  }
  await applySchedulePlan(tx, before.id, plan)
  await tellChanges(tx, before, await readRow(tx, before.id))
  await scheduleAfterChange(tx, before.id)
  return noContent()
}

/**
 * The queue that a request places its deployment in: undefined when it says nothing of it, null when it takes the
 * deployment out of its pool.
 */
async function placeOf(
  tx: Tx,
  fields: DeploymentFields,
  check: (tx: Tx, pool: WorkPoolRow, variables: Record<string, unknown> | null | undefined) => Promise<void>,
): Promise<string | null | undefined> {
  const { work_pool_name: poolName, work_queue_name: queueName } = fields
  if (poolName) {
    const pool = await findWorkPool(tx, poolName)
    await check(tx, pool, fields.job_variables)
    return queueName ? (await queueInPool(tx, pool.id, queueName)).id : pool.default_queue_id
  }
  if (poolName === null) return null
  return queueName ? (await legacyQueue(tx, queueName)).id : undefined
}

async function requireBlock(tx: Tx, id: string | null | undefined, kind: 'infrastructure' | 'storage'): Promise<void> {
  if (!id || (await tx.get('select 1 from block_document where id = ?', [id]))) return
  throw httpError(
    409,
    `Error creating deployment. Could not find ${kind} block with id: ${id}. This usually occurs when applying a deployment` +
      ' specification that was built against a different Prefect database / workspace.',
  )
}

async function insertColumns(tx: Tx, columns: Record<string, SqlParam>): Promise<void> {
  const names = Object.keys(columns)
  await tx.run(
    `insert into deployment (created, updated, ${names.join(', ')}) values (?, ?, ${names.map(() => '?').join(', ')})`,
    [tx.nowUs, tx.nowUs, ...Object.values(columns)],
  )
}

async function updateColumns(tx: Tx, id: string, columns: Record<string, SqlParam>): Promise<void> {
  const assignments = Object.keys(columns).map((name) => `${name} = ?, `).join('')
  await tx.run(`update deployment set ${assignments}updated = ? where id = ?`, [...Object.values(columns), tx.nowUs, id])
}

async function readRow(tx: Tx, id: string): Promise<DeploymentRow> {
  return (await tx.get<DeploymentRow>('select * from deployment where id = ?', [id]))!
}

async function deploymentJson(tx: Tx, id: string): Promise<string> {
  const rows = await tx.all<ShownDeploymentRow>(`${shownDeployments} where deployment.id = ?`, [id])
  await completeDeployments(tx, rows)
  return encodeDeployment(rows[0]!, tx.nowUs)
}

/** Members whose change the `updated` event tells, with the names that they have there. */
const eventFields: Readonly<Partial<Record<keyof DeploymentRow, { name?: string; kind?: 'document' | 'bool' }>>> = {
  description: {},
  tags: { kind: 'document' },
  parameters: { kind: 'document' },
  parameter_openapi_schema: { kind: 'document' },
  enforce_parameter_schema: { kind: 'bool' },
  entrypoint: {},
  path: {},
  pull_steps: { kind: 'document' },
  work_queue_id: {},
  job_variables: { name: 'infra_overrides', kind: 'document' },
  paused: { kind: 'bool' },
  labels: { kind: 'document' },
  version: {},
  concurrency_limit_id: {},
  concurrency_options: { kind: 'document' },
}

async function tellChanges(tx: Tx, before: DeploymentRow, after: DeploymentRow): Promise<void> {
  const changed: ChangedFields = {}
  for (const [column, { name = column, kind }] of Object.entries(eventFields)) {
    const old = before[column as keyof DeploymentRow]
    const value = after[column as keyof DeploymentRow]
    if (old === value) continue
    const shown = (raw: unknown): unknown =>
      kind === 'document' ? (raw === null ? null : parseExactJson(raw as string)) : kind === 'bool' ? raw === 1 : raw
    if (kind === 'document' && isDeepStrictEqual(shown(old), shown(value))) continue
    changed[name] = { from: shown(old), to: shown(value) }
  }
  if (Object.keys(changed).length > 0) await emitDeploymentEvent(tx, 'prefect.deployment.updated', after, changed)
}

/** Pausing takes back all runs that the scheduler made, resuming makes them again. */
export async function setDeploymentPaused(tx: Tx, args: { id: string; paused: boolean }): Promise<Answer> {
  const changed = await tx.run('update deployment set paused = ?, updated = ? where id = ?', [
    args.paused ? 1 : 0,
    tx.nowUs,
    args.id,
  ])
  if (changed === 0) throw httpError(404, 'Deployment not found')
  if (args.paused) await removeWaitingRuns(tx, args.id, { autoOnly: true, futureOnly: false })
  else await scheduleAfterChange(tx, args.id)
  return ok('null')
}

async function deleteDeployment(tx: Tx, args: { id: string }): Promise<Answer> {
  if (!(await removeDeployment(tx, args.id))) throw httpError(404, 'Deployment not found')
  return noContent()
}

/**
 * Deletes a deployment, its schedules, its limit and all its runs that wait; other runs stay. @returns false when
 * there is none.
 */
export async function removeDeployment(tx: Tx, id: string): Promise<boolean> {
  const deployment = await tx.get<DeploymentRow>('select * from deployment where id = ?', [id])
  if (!deployment) return false
  await emitDeploymentEvent(tx, 'prefect.deployment.deleted', deployment)
  await removeWaitingRuns(tx, id, { autoOnly: false, futureOnly: false })
  await removeDeploymentLimit(tx, deployment)
  await tx.run('delete from deployment where id = ?', [id])
  return true
}

async function deleteDeployments(tx: Tx, args: { filter: Filter | null; limit: number }): Promise<Answer> {
  const where = listCondition('deployment', { deployments: args.filter })
  const rows = await tx.all<{ id: string }>(`select id from deployment where ${where.text} order by name limit ?`, [
    ...where.params,
    args.limit,
  ])
  for (const { id } of rows) await removeDeployment(tx, id)
  return ok(JSON.stringify({ deleted: rows.map(({ id }) => id) }))
}

export const deploymentCommands = {
  createDeployment, updateDeployment, setDeploymentPaused, deleteDeployment, deleteDeployments,
}
