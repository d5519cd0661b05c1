import { decideTaskRun } from '@spillway/core/domain/task-run-transition'
import {
  cacheKeyToLoad, MissingFlowRunError, type TagLimitFacts, type TaskRunDecision, type TaskRunEffect, type TaskRunFacts,
  type TaskRunFactsRun, type TaskRunPolicyName,
} from '@spillway/core/domain/task-run-facts'
import type { ProposedState, State } from '@spillway/core/domain/state'
import { objectNotFound } from '../errors.ts'
import type { SqlParam, Tx } from '../storage/port.ts'
import { activeSlotsAfterDecay } from '../storage/rows/concurrency-limits.ts'
import type { ConcurrencyLimitRow } from '../storage/rows/concurrency-limits.ts'
import type { TaskRunRow } from '../storage/rows/task-runs.ts'
import type { TransitionResult } from './flow-run-transition.ts'
import { acquireSlots, releaseSlots } from './slots.ts'
import { parseState, writeResult } from './stored-state.ts'

export interface TaskRunProposal {
  id: string
  proposed: ProposedState
  policy: TaskRunPolicyName
}

type LoadedTaskRun = TaskRunRow & {
  parent_found: string | null
  parent_run_count: number | null
  parent_state: string | null
}

const loadRun = `select t.*, r.id as parent_found, r.run_count as parent_run_count, r.state as parent_state
  from task_run t left join flow_run r on r.id = t.flow_run_id where t.id = ?`

/**
 * Proposes a state for a task run: loads the facts, lets the rules judge, writes the state and everything that follows from
 * it, all in this transaction.
 *
 * @throws 404 when there is no such run, or its flow run is gone.
 */
export async function transitionTaskRun(tx: Tx, proposal: TaskRunProposal): Promise<TransitionResult> {
  const run = await tx.get<LoadedTaskRun>(loadRun, [proposal.id])
  if (!run) throw objectNotFound(`Task run with id ${proposal.id} not found`)
  const initial = parseState(run.state)
  const decision = await judgeTaskRun(tx, {
    policy: proposal.policy,
    run: factsRun(run),
    initial,
    proposed: proposal.proposed,
    flowRun:
      run.flow_run_id === null
        ? null
        : { found: run.parent_found !== null, runCount: run.parent_run_count ?? 0, state: parseState(run.parent_state) },
  })
  let stateJson = run.state
  if (decision.written) {
    await separateTimestamp(tx, run, decision.written)
    const state = await writeResult(tx, decision.written, { flowRunId: run.flow_run_id, taskRunId: run.id })
    stateJson = state.answered
    await updateRun(tx, run.id, decision, state.stored)
    await insertTaskRunState(tx, run.id, decision.written, state)
  } else if (Object.keys(decision.patch).length > 0) {
    await updateRun(tx, run.id, decision, undefined)
  }
  await applyTaskRunEffects(tx, decision.effects)
  return { status: decision.status, details: decision.details, stateJson, written: decision.written }
}

/** Loads what else the rules may ask for, and lets them judge. */
export async function judgeTaskRun(
  tx: Tx,
  known: Pick<TaskRunFacts, 'policy' | 'run' | 'initial' | 'proposed' | 'flowRun'>,
): Promise<TaskRunDecision> {
  const cacheKey = known.policy === 'minimal' ? null : cacheKeyToLoad(known.proposed)
  const hasTags = known.run.tags.length > 0
  try {
    return decideTaskRun({
      ...known,
      nowUs: tx.nowUs,
      newId: () => tx.newId(),
      random: Math.random,
      cached: cacheKey === null ? null : await readCachedState(tx, cacheKey),
      tagLimits: hasTags && known.policy === 'core' && known.proposed.type === 'RUNNING' ? await readTagLimits(tx, known.run.tags) : [],
      legacyTagLimits: [],
      leases: hasTags && known.initial !== null ? await readLeases(tx, known.run) : [],
      settings: { maxCacheKeyLength: tx.settings.maxCacheKeyLength, tagSlotWaitSeconds: tx.settings.tagSlotWaitSeconds },
    })
  } catch (error) {
    if (error instanceof MissingFlowRunError) throw objectNotFound(error.message)
    throw error
  }
}

function factsRun(run: LoadedTaskRun): TaskRunFactsRun {
  return {
    id: run.id,
    flowRunId: run.flow_run_id,
    taskKey: run.task_key,
    tags: run.tags === '[]' ? [] : JSON.parse(run.tags),
    flowRunRunCount: run.flow_run_run_count,
    empiricalPolicy: JSON.parse(run.empirical_policy),
    startTimeUs: run.start_time,
    endTimeUs: run.end_time,
    expectedStartTimeUs: run.expected_start_time,
    nextScheduledStartTimeUs: run.next_scheduled_start_time,
    totalRunTimeSeconds: run.total_run_time,
    runCount: run.run_count,
  }
}

async function readCachedState(tx: Tx, cacheKey: string): Promise<State | null> {
  const row = await tx.get<{ state: string }>(
    `select s.state from task_run_state_cache c join task_run_state s on s.id = c.task_run_state_id
     where c.cache_key = ? and (c.cache_expiration is null or c.cache_expiration > ?)
     order by c.created desc limit 1`,
    [cacheKey, tx.nowUs],
  )
  return parseState(row?.state ?? null)
}

async function readTagLimits(tx: Tx, tags: readonly string[]): Promise<TagLimitFacts[]> {
  const rows = await tx.all<ConcurrencyLimitRow>(
    'select * from concurrency_limit where name in (select value from json_each(?)) order by name limit 1000',
    [JSON.stringify(tags.map((tag) => `tag:${tag}`))],
  )
  return rows.map((row) => ({
    id: row.id,
    tag: row.name.slice('tag:'.length),
    limit: row.limit,
    active: row.active === 1,
    activeSlots: activeSlotsAfterDecay(row, tx.nowUs),
    avgSlotOccupancySeconds: row.avg_slot_occupancy_seconds,
  }))
}

async function readLeases(tx: Tx, run: TaskRunFactsRun): Promise<TaskRunFacts['leases']> {
  const rows = await tx.all<{ id: string; slots: number; resource_ids: string }>(
    `select id, slots, resource_ids from concurrency_lease
     where holder_id = ? and holder_type = 'task_run' and exists (
       select 1 from json_each(resource_ids) held join concurrency_limit l on l.id = held.value
       where l.name in (select 'tag:' || value from json_each(?)))
     limit 1000`,
    [run.id, JSON.stringify(run.tags)],
  )
  return rows.map((row) => ({ id: row.id, slots: row.slots, limitIds: JSON.parse(row.resource_ids) }))
}

/** The history has one state for each time; the clock can stand at one that is taken only after it was set back. */
async function separateTimestamp(tx: Tx, run: TaskRunRow, state: State): Promise<void> {
  if (run.state_timestamp === null || run.state_timestamp < state.timestampUs) return
  const rows = await tx.all<{ timestamp: number }>(
    'select timestamp from task_run_state where task_run_id = ? and timestamp >= ? limit 10000',
    [run.id, state.timestampUs],
  )
  const taken = new Set(rows.map((row) => row.timestamp))
  while (taken.has(state.timestampUs)) state.timestampUs += 1
}

const columns: Readonly<Partial<Record<keyof TaskRunFactsRun, string>>> = {
  flowRunRunCount: 'flow_run_run_count',
  startTimeUs: 'start_time',
  endTimeUs: 'end_time',
  expectedStartTimeUs: 'expected_start_time',
  nextScheduledStartTimeUs: 'next_scheduled_start_time',
  totalRunTimeSeconds: 'total_run_time',
  runCount: 'run_count',
}

/** Sets only what changes: a column that is set costs its indexes, also when the value stays the same. */
async function updateRun(tx: Tx, id: string, decision: TaskRunDecision, stateJson: string | undefined): Promise<void> {
  const { written, patch } = decision
  let sets = 'updated = ?'
  const params: SqlParam[] = [tx.nowUs]
  if (written && stateJson !== undefined) {
    sets += ', state_id = ?, state_type = ?, state_name = ?, state_timestamp = ?, state = ?'
    params.push(written.id, written.type, written.name, written.timestampUs, stateJson)
  }
  for (const [member, column] of Object.entries(columns)) {
    const value = patch[member as keyof TaskRunFactsRun]
    if (value === undefined) continue
    sets += `, ${column} = ?`
    params.push(value as number | null)
  }
  await tx.run(`update task_run set ${sets} where id = ?`, [...params, id])
}

export async function insertTaskRunState(
  tx: Tx,
  runId: string,
  state: State,
  result: { stored: string; artifactId: string | null },
): Promise<void> {
  await tx.run(
    `insert into task_run_state (id, task_run_id, timestamp, type, name, result_artifact_id, state)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [state.id, runId, state.timestampUs, state.type, state.name, result.artifactId, result.stored],
  )
}

export async function applyTaskRunEffects(tx: Tx, effects: readonly TaskRunEffect[]): Promise<void> {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'insert-cache':
        await tx.run(
          `insert into task_run_state_cache (id, created, cache_key, cache_expiration, task_run_state_id)
           values (?, ?, ?, ?, ?)`,
          [tx.newId(), tx.nowUs, effect.cacheKey, effect.expirationUs, effect.stateId],
        )
        break
      case 'acquire-tag-slots':
        await acquireSlots(tx, effect)
        break
      case 'release-slots':
        await releaseSlots(tx, effect)
        break
      case 'enqueue-scheduled-task':
        await tx.run(
          `insert into background_task (task_run_id, task_key, queue) values (?, ?, ?)
           on conflict (task_run_id) do update set queue = excluded.queue`,
          [effect.taskRunId, effect.taskKey, effect.queue],
        )
        tx.publish({ topic: 'background-task', taskKey: effect.taskKey })
        break
      case 'take-legacy-tag-slots':
      case 'free-legacy-tag-slots':
        // The first concurrency API is answered from the limits of the second: there are no legacy limits to touch.
        break
    }
  }
}
