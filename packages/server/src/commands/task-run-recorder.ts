import { generateName } from '@spillway/core/domain/names'
import { fullTaskRunPolicy } from '@spillway/core/domain/retry-delay'
import { stateToJson } from '@spillway/core/domain/state'
import {
  taskRunFromEvent, type TaskRunEvent, type TaskRunEventColumns, type TaskRunRecord,
} from '@spillway/core/domain/task-run-from-event'
import type { SqlParam, Tx } from '../storage/port.ts'

/**
 * Records the task run and the state that a client's event tells of, in this transaction. Idempotent: the event's id is the
 * state's. An event that is older than the stored state only adds to the history.
 *
 * @param event As parsed from the wire.
 * @returns undefined when it was recorded, else why it cannot be.
 */
export async function recordTaskRunEvent(tx: Tx, event: TaskRunEvent): Promise<string | undefined> {
  const reading = taskRunFromEvent(event)
  if (!reading.ok) return reading.reason
  const { record } = reading
  const stored = await findStored(tx, record)
  const stateJson = stateToJson(record.state)
  let taskRunId = record.taskRunId
  if (stored) {
    taskRunId = stored.id
    if (stored.state_timestamp === null || stored.state_timestamp < record.columns.stateTimestampUs) {
      await updateTaskRun(tx, stored.id, record.columns, stateJson)
    }
  } else {
    if (record.flowRunId !== null) {
      const flowRun = await tx.get('select 1 from flow_run where id = ?', [record.flowRunId])
      if (!flowRun) return `There is no flow run ${record.flowRunId}.`
    }
    await insertTaskRun(tx, record, stateJson)
  }
  await addToHistory(tx, taskRunId, record, stateJson)
  return undefined
}

/** By the event's id of the run, or by its natural key: a run of that key under another id is the same run. */
async function findStored(tx: Tx, record: TaskRunRecord): Promise<{ id: string; state_timestamp: number | null } | undefined> {
  const { taskKey, dynamicKey } = record.columns
  const byId = await tx.get<{ id: string; state_timestamp: number | null }>(
    'select id, state_timestamp from task_run where id = ?',
    [record.taskRunId],
  )
  if (byId || record.flowRunId === null) return byId
  return tx.get('select id, state_timestamp from task_run where flow_run_id = ? and task_key = ? and dynamic_key = ?', [
    record.flowRunId,
    taskKey,
    dynamicKey,
  ])
}

function columnValues(columns: TaskRunEventColumns, stateJson: string): [column: string, value: SqlParam][] {
  const values: [string, SqlParam | undefined][] = [
    ['name', columns.name],
    ['task_key', columns.taskKey],
    ['dynamic_key', columns.dynamicKey],
    ['cache_key', columns.cacheKey],
    ['cache_expiration', columns.cacheExpirationUs],
    ['task_version', columns.taskVersion],
    ['empirical_policy', columns.empiricalPolicy && JSON.stringify(columns.empiricalPolicy)],
    ['tags', columns.tags && JSON.stringify(columns.tags)],
    ['labels', columns.labels && JSON.stringify(columns.labels)],
    ['task_inputs', columns.taskInputs && JSON.stringify(columns.taskInputs)],
    ['run_count', columns.runCount],
    ['flow_run_run_count', columns.flowRunRunCount],
    ['expected_start_time', columns.expectedStartTimeUs],
    ['next_scheduled_start_time', columns.nextScheduledStartTimeUs],
    ['start_time', columns.startTimeUs],
    ['end_time', columns.endTimeUs],
    ['total_run_time', columns.totalRunTimeSeconds],
    ['state_id', columns.stateId],
    ['state_type', columns.stateType],
    ['state_name', columns.stateName],
    ['state_timestamp', columns.stateTimestampUs],
    ['state', stateJson],
  ]
  return values.filter((pair): pair is [string, SqlParam] => pair[1] !== undefined)
}

/** What no later event of the run tells anew; setting it again would only rewrite its indexes. */
const settledColumns = new Set(['task_key', 'dynamic_key'])

async function updateTaskRun(tx: Tx, id: string, columns: TaskRunEventColumns, stateJson: string): Promise<void> {
  const values = columnValues(columns, stateJson).filter(([column]) => !settledColumns.has(column))
  await tx.run(`update task_run set updated = ?, ${values.map(([column]) => `${column} = ?`).join(', ')} where id = ?`, [
    tx.nowUs,
    ...values.map(([, value]) => value),
    id,
  ])
}

async function insertTaskRun(tx: Tx, record: TaskRunRecord, stateJson: string): Promise<void> {
  const values = columnValues(
    { ...record.columns, name: record.columns.name ?? generateName(Math.random), empiricalPolicy: record.columns.empiricalPolicy ?? fullTaskRunPolicy(null) },
    stateJson,
  )
  const all: [string, SqlParam][] = [
    ['id', record.taskRunId], ['created', tx.nowUs], ['updated', tx.nowUs], ['flow_run_id', record.flowRunId], ...values,
  ]
  await tx.run(
    `insert into task_run (${all.map(([column]) => column).join(', ')}) values (${all.map(() => '?').join(', ')})`,
    all.map(([, value]) => value),
  )
}

/** A state that is there already, or another of the same time, is left as it is. */
async function addToHistory(tx: Tx, taskRunId: string, { state }: TaskRunRecord, stateJson: string): Promise<void> {
  await tx.run(
    `insert into task_run_state (id, task_run_id, timestamp, type, name, result_artifact_id, state)
     values (?, ?, ?, ?, ?, null, ?) on conflict do nothing`,
    [state.id, taskRunId, state.timestampUs, state.type, state.name, stateJson],
  )
}
