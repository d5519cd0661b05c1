import { fullFlowRunPolicy } from '@spillway/core/domain/flow-run-facts'
import { generateName } from '@spillway/core/domain/names'
import {
  generateRunDates, scheduledIdempotencyKey, scheduleDisplayName, type RunGenerationSettings, type Schedule,
} from '@spillway/core/domain/schedules'
import { makeState, stateToJson } from '@spillway/core/domain/state'
import { formatIso } from '@spillway/core/wire/time'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import type { SqlParam, Tx } from '../storage/port.ts'
import type { DeploymentRow, DeploymentScheduleRow } from '../storage/rows/deployments.ts'

/**
 * Runs that one change of a deployment schedules in its own transaction; what is beyond is left to the scheduler's
 * rounds.
 */
const runsPerChange = 300
/** How long one round of the scheduler keeps the writer, in ms. */
const roundMs = 25

export interface RunGeneration extends RunGenerationSettings {
  /** Dates are generated from here on. */
  startUs: number
}

function generation(tx: Tx): RunGeneration {
  const { minRuns, maxRuns, minScheduledSeconds, maxScheduledSeconds } = tx.settings.scheduler
  return {
    startUs: tx.nowUs, minRuns, maxRuns, minSecondsAhead: minScheduledSeconds, maxSecondsAhead: maxScheduledSeconds,
  }
}

/**
 * Makes the runs that a deployment's active schedules ask for and that are not there yet. A paused deployment gets
 * none.
 *
 * @returns how many runs were made.
 */
export async function scheduleAfterChange(tx: Tx, deploymentId: string): Promise<number> {
  if (!tx.settings.scheduler.enabled) return 0
  const deployment = await tx.get<DeploymentRow>('select * from deployment where id = ?', [deploymentId])
  return !deployment || deployment.paused ? 0 : scheduleDeployment(tx, deployment, generation(tx), runsPerChange)
}

async function scheduleDeployment(
  tx: Tx,
  deployment: DeploymentRow,
  settings: RunGeneration,
  runsMax = Infinity,
): Promise<number> {
  const schedules = await tx.all<DeploymentScheduleRow>(
    'select * from deployment_schedule where deployment_id = ? and active = 1 order by updated desc',
    [deployment.id],
  )
  let made = 0
  for (const row of schedules) {
    if (made >= runsMax) break
    made += await insertRuns(tx, deployment, row, settings)
  }
  return made
}

async function insertRuns(
  tx: Tx,
  deployment: DeploymentRow,
  row: DeploymentScheduleRow,
  settings: RunGeneration,
): Promise<number> {
  const schedule = JSON.parse(row.schedule) as Schedule
  const dates = datesOf(schedule, settings)
  if (dates.length === 0) return 0
  const parameters = row.parameters === '{}'
    ? deployment.parameters
    : JSON.stringify({ ...(parseExactJson(deployment.parameters) as object), ...(parseExactJson(row.parameters) as object) })
  const tags = JSON.stringify(['auto-scheduled', ...JSON.parse(deployment.tags)])
  const labels = JSON.stringify({
    ...JSON.parse(deployment.labels),
    'prefect.flow.id': deployment.flow_id,
    'prefect.deployment.id': deployment.id,
  })
  const createdBy = JSON.stringify({ id: row.id, type: 'SCHEDULE', display_value: row.slug ?? scheduleDisplayName(schedule) })
  let made = 0
  for (const dateUs of dates) {
    const id = tx.newId()
    const state = makeState(
      { type: 'SCHEDULED', message: 'Flow run scheduled', details: { scheduled_time: formatIso(dateUs) } },
      { id: tx.newId(), nowUs: tx.nowUs },
    )
    const stateJson = stateToJson(state)
    const key = scheduledIdempotencyKey(deployment.id, row.id, dateUs, schedule.timezone)
    const values: Record<(typeof runColumns)[number], SqlParam> = {
      id,
      created: tx.nowUs,
      updated: tx.nowUs,
      name: generateName(Math.random),
      flow_id: deployment.flow_id,
      deployment_id: deployment.id,
      deployment_version: deployment.version,
      work_queue_id: deployment.work_queue_id,
      work_queue_name: deployment.work_queue_name,
      parameters,
      idempotency_key: key,
      empirical_policy: defaultPolicy,
      tags,
      labels,
      expected_start_time: dateUs,
      next_scheduled_start_time: dateUs,
      auto_scheduled: 1,
      infrastructure_document_id: deployment.infrastructure_document_id,
      created_by: createdBy,
      job_variables: '{}',
      state_id: state.id,
      state_type: state.type,
      state_name: state.name,
      state_timestamp: state.timestampUs,
      state: stateJson,
    }
    if ((await tx.run(insertRun, runColumns.map((column) => values[column]))) === 0) continue
    await tx.run(insertState, [state.id, id, state.timestampUs, state.type, state.name, stateJson])
    made += 1
  }
  return made
}

/** A schedule that cannot be evaluated has no dates; it must not keep the others from theirs. */
function datesOf(schedule: Schedule, settings: RunGeneration): number[] {
  try {
    return generateRunDates(schedule, settings.startUs, settings)
  } catch {
    return []
  }
}

const defaultPolicy = JSON.stringify(fullFlowRunPolicy(null))

const runColumns = [
  'id', 'created', 'updated', 'name', 'flow_id', 'deployment_id', 'deployment_version', 'work_queue_id', 'work_queue_name',
  'parameters', 'idempotency_key', 'empirical_policy', 'tags', 'labels', 'expected_start_time', 'next_scheduled_start_time',
  'auto_scheduled', 'infrastructure_document_id', 'created_by', 'job_variables', 'state_id', 'state_type', 'state_name',
  'state_timestamp', 'state',
] as const

const insertRun = `insert into flow_run (${runColumns.join(', ')}) values (${runColumns.map(() => '?').join(', ')})
  on conflict (flow_id, idempotency_key) where idempotency_key is not null do nothing`
const insertState = 'insert into flow_run_state (id, flow_run_id, timestamp, type, name, state) values (?, ?, ?, ?, ?, ?)'

/** One round of the scheduler over these deployments. What does not fit into the round comes back as `left`. */
async function scheduleDeployments(tx: Tx, args: { ids: readonly string[] }): Promise<{ made: number; left: string[] }> {
  const startedMs = performance.now()
  let made = 0
  for (const [index, id] of args.ids.entries()) {
    if (made >= tx.settings.scheduler.insertBatchSize || performance.now() - startedMs > roundMs) {
      return { made, left: args.ids.slice(index) }
    }
    const deployment = await tx.get<DeploymentRow>('select * from deployment where id = ?', [id])
    if (deployment && !deployment.paused) made += await scheduleDeployment(tx, deployment, generation(tx))
  }
  return { made, left: [] }
}

/** What `POST /deployments/{id}/schedule` may say otherwise than the settings; times in µs. */
export interface ScheduleRequest {
  id: string
  startUs: number | null
  endUs: number | null
  minSeconds: number | null
  minRuns: number | null
  maxRuns: number | null
}

/** The largest number of runs of one schedule that one request may ask for. */
const requestedRunsMax = 1000

/** Makes the runs of a deployment in a span of time, which may lie in the past. An unknown deployment has none. */
async function scheduleDeploymentRuns(tx: Tx, args: ScheduleRequest): Promise<void> {
  const deployment = await tx.get<DeploymentRow>('select * from deployment where id = ?', [args.id])
  if (!deployment) return
  const usual = generation(tx)
  const startUs = args.startUs ?? tx.nowUs
  await scheduleDeployment(tx, deployment, {
    startUs,
    minRuns: args.minRuns ?? usual.minRuns,
    maxRuns: Math.min(args.maxRuns ?? usual.maxRuns, requestedRunsMax),
    minSecondsAhead: args.minSeconds ?? usual.minSecondsAhead,
    maxSecondsAhead: args.endUs === null ? usual.maxSecondsAhead : (args.endUs - startUs) / 1e6,
  })
}

/**
 * Deletes the runs of a deployment that wait and have never run, but for those that wait for a slot.
 *
 * @param which `autoOnly`: only those that the scheduler made; `futureOnly`: only those whose time is yet to come.
 */
export async function removeWaitingRuns(
  tx: Tx,
  deploymentId: string,
  which: { autoOnly: boolean; futureOnly: boolean },
): Promise<void> {
  const params: SqlParam[] = [deploymentId]
  if (which.futureOnly) params.push(tx.nowUs)
  await tx.run(
    `delete from flow_run where deployment_id = ? and state_type = 'SCHEDULED' and state_name <> 'AwaitingConcurrencySlot'
     and run_count = 0${which.autoOnly ? ' and auto_scheduled = 1' : ''}${which.futureOnly ? ' and next_scheduled_start_time > ?' : ''}`,
    params,
  )
}

export const schedulingCommands = { scheduleDeployments, scheduleDeploymentRuns }
