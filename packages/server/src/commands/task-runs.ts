import { generateName } from '@spillway/core/domain/names'
import { fullTaskRunPolicy, type TaskRunPolicy } from '@spillway/core/domain/retry-delay'
import type { ProposedState } from '@spillway/core/domain/state'
import { taskRunPolicyFor } from '@spillway/core/domain/task-run-facts'
import { parseIso } from '@spillway/core/wire/time'
import { httpError, integrityConflict } from '../errors.ts'
import { createdOrExisting, noContent } from '../storage/answers.ts'
import type { Answer, Tx } from '../storage/port.ts'
import { encodeTaskRun, type TaskRunRow } from '../storage/rows/task-runs.ts'
import { transitionAnswer } from './flow-runs.ts'
import type { Labels } from './new-flow-run.ts'
import { releaseSlotsOfTaskRuns } from './slots.ts'
import { parseState, writeResult } from './stored-state.ts'
import { applyTaskRunEffects, insertTaskRunState, judgeTaskRun, transitionTaskRun } from './task-run-transition.ts'

/** A task run to be made. */
export interface NewTaskRun {
  /** Made by the server when null. */
  id: string | null
  /** The first state; PENDING when null. */
  state: ProposedState | null
  /** Generated when null or empty. */
  name: string | null
  flowRunId: string | null
  taskKey: string
  dynamicKey: string
  cacheKey: string | null
  /** ISO text. */
  cacheExpiration: string | null
  taskVersion: string | null
  empiricalPolicy: TaskRunPolicy
  tags: readonly string[]
  labels: Labels | null
  taskInputs: Readonly<Record<string, unknown>>
}

/** Makes a task run with its first state, or gives back the one with the same keys in the same flow run. */
async function createTaskRun(tx: Tx, args: { run: NewTaskRun }): Promise<Answer> {
  const { run } = args
  const flowRun =
    run.flowRunId === null
      ? undefined
      : await tx.get<{ labels: string; run_count: number; state: string | null }>(
          'select labels, run_count, state from flow_run where id = ?',
          [run.flowRunId],
        )
  if (run.flowRunId !== null && !flowRun) throw integrityConflict()
  const existing = await readByKeys(tx, run)
  if (existing) return createdOrExisting(false, encodeTaskRun(existing, tx.nowUs))

  const id = run.id ?? tx.newId()
  const proposed: ProposedState = run.state ?? { type: 'PENDING' }
  const policy = fullTaskRunPolicy(run.empiricalPolicy)
  const decision = await judgeTaskRun(tx, {
    policy: taskRunPolicyFor(proposed, true),
    run: {
      id,
      flowRunId: run.flowRunId,
      taskKey: run.taskKey,
      tags: run.tags,
      flowRunRunCount: 0,
      empiricalPolicy: policy,
      startTimeUs: null,
      endTimeUs: null,
      expectedStartTimeUs: null,
      nextScheduledStartTimeUs: null,
      totalRunTimeSeconds: 0,
      runCount: 0,
    },
    initial: null,
    proposed,
    flowRun: flowRun ? { found: true, runCount: flowRun.run_count, state: parseState(flowRun.state) } : null,
  })
  const { written, patch } = decision
  const state = written && (await writeResult(tx, written, { flowRunId: run.flowRunId, taskRunId: id }))
  const row: TaskRunRow = {
    id,
    created: tx.nowUs,
    updated: tx.nowUs,
    name: run.name || generateName(Math.random),
    flow_run_id: run.flowRunId,
    task_key: run.taskKey,
    dynamic_key: run.dynamicKey,
    cache_key: run.cacheKey,
    cache_expiration: run.cacheExpiration === null ? null : (parseIso(run.cacheExpiration) ?? null),
    task_version: run.taskVersion,
    empirical_policy: JSON.stringify(policy),
    tags: JSON.stringify(run.tags),
    labels: JSON.stringify({
      ...(flowRun ? JSON.parse(flowRun.labels) : {}),
      ...(run.flowRunId === null ? {} : { 'prefect.flow-run.id': run.flowRunId }),
      ...run.labels,
    }),
    task_inputs: JSON.stringify(run.taskInputs),
    run_count: patch.runCount ?? 0,
    flow_run_run_count: patch.flowRunRunCount ?? 0,
    expected_start_time: patch.expectedStartTimeUs ?? null,
    next_scheduled_start_time: patch.nextScheduledStartTimeUs ?? null,
    start_time: patch.startTimeUs ?? null,
    end_time: patch.endTimeUs ?? null,
    total_run_time: patch.totalRunTimeSeconds ?? 0,
    state_id: written?.id ?? null,
    state_type: written?.type ?? null,
    state_name: written?.name ?? null,
    state_timestamp: written?.timestampUs ?? null,
    state: state?.stored ?? null,
  }
  await tx.run(insertRun, columnNames.map((name) => row[name]))
  if (written && state) await insertTaskRunState(tx, id, written, state)
  await applyTaskRunEffects(tx, decision.effects)
  return createdOrExisting(true, encodeTaskRun(row, tx.nowUs))
}

const columnNames = [
  'id', 'created', 'updated', 'name', 'flow_run_id', 'task_key', 'dynamic_key', 'cache_key', 'cache_expiration',
  'task_version', 'empirical_policy', 'tags', 'labels', 'task_inputs', 'run_count', 'flow_run_run_count',
  'expected_start_time', 'next_scheduled_start_time', 'start_time', 'end_time', 'total_run_time', 'state_id', 'state_type',
  'state_name', 'state_timestamp', 'state',
] as const satisfies (keyof TaskRunRow)[]

const insertRun = `insert into task_run (${columnNames.join(', ')}) values (${columnNames.map(() => '?').join(', ')})`

function readByKeys(tx: Tx, run: NewTaskRun) {
  return run.flowRunId === null
    ? tx.get<TaskRunRow>('select * from task_run where flow_run_id is null and task_key = ? and dynamic_key = ? limit 1', [
        run.taskKey,
        run.dynamicKey,
      ])
    : tx.get<TaskRunRow>('select * from task_run where flow_run_id = ? and task_key = ? and dynamic_key = ?', [
        run.flowRunId,
        run.taskKey,
        run.dynamicKey,
      ])
}

async function setTaskRunState(tx: Tx, args: { id: string; state: ProposedState; force: boolean }): Promise<Answer> {
  const policy = taskRunPolicyFor(args.state, args.force)
  return transitionAnswer(await transitionTaskRun(tx, { id: args.id, proposed: args.state, policy }))
}

async function updateTaskRun(tx: Tx, args: { id: string; changes: { name?: string | null } }): Promise<Answer> {
  const changed =
    'name' in args.changes
      ? await tx.run('update task_run set name = ?, updated = ? where id = ?', [
          args.changes.name || generateName(Math.random),
          tx.nowUs,
          args.id,
        ])
      : await tx.run('update task_run set updated = ? where id = ?', [tx.nowUs, args.id])
  if (changed === 0) throw httpError(404, 'Task run not found')
  return noContent()
}

/** Deletes a task run with its states and logs; its artifacts stay, a subflow that it stands for becomes a run of its own. */
async function deleteTaskRun(tx: Tx, args: { id: string }): Promise<Answer> {
  await releaseSlotsOfTaskRuns(tx, 'id', args.id)
  await tx.run('update flow_run set parent_task_run_id = null where parent_task_run_id = ?', [args.id])
  if ((await tx.run('delete from task_run where id = ?', [args.id])) === 0) throw httpError(404, 'Task not found')
  return noContent()
}

export const taskRunCommands = { createTaskRun, setTaskRunState, updateTaskRun, deleteTaskRun }
