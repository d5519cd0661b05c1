import { generateName } from '@spillway/core/domain/names'
import { fullTaskRunPolicy } from '@spillway/core/domain/retry-delay'
import { BulkInsert } from '../storage/bulk-insert.ts'
import type { ToldTaskRun } from '../storage/event-log.ts'
import type { SqlParam, Tx } from '../storage/port.ts'

/** What one event tells of a task run. */
export interface TaskRunTelling {
  eventId: string
  taskRun: ToldTaskRun
}

/** An event whose task run could not be recorded. */
export interface Unrecorded {
  id: string
  reason: string
}

/** A task run as it stands after the tellings so far. */
interface Run {
  id: string
  isStored: boolean
  stateTimestampUs: number | null
  /** What is to be written. */
  columns: Record<string, SqlParam>
}

/**
 * Records the task runs and the states that clients' events tell of, in this transaction, in the order given. Idempotent: the event's
 * id is the state's. An event that is older than the state there only adds to the history. However many events tell of a run, its row
 * is written once.
 *
 * @returns those that cannot be recorded, with the reason.
 */
export async function recordTaskRuns(tx: Tx, tellings: readonly TaskRunTelling[]): Promise<Unrecorded[]> {
  const runs = new Runs(tx)
  const states: SqlParam[][] = []
  const unrecorded: Unrecorded[] = []
  for (const { eventId, taskRun } of tellings) {
    const run = await runs.find(taskRun)
    if (!run) {
      unrecorded.push({ id: eventId, reason: `There is no flow run ${taskRun.flowRunId}.` })
      continue
    }
    const { state, columns } = taskRun
    if (run.stateTimestampUs === null || run.stateTimestampUs < state.timestampUs) {
      Object.assign(run.columns, columns, { state: state.json })
      run.stateTimestampUs = state.timestampUs
    }
    states.push([state.id, run.id, state.timestampUs, state.type, state.name, null, state.json])
  }
  await runs.write()
  for (const { text, params } of insertStates.statements(states)) await tx.run(text, params)
  return unrecorded
}

/** The task runs of one batch of events: each loaded once, and written once. */
class Runs {
  readonly #tx: Tx
  readonly #byId = new Map<string, Run>()
  readonly #byKey = new Map<string, Run>()
  readonly #flowRuns = new Map<string, boolean>()

  constructor(tx: Tx) {
    this.#tx = tx
  }

  /**
   * By the event's id of the run, or by its natural key: a run of that key under another id is the same run.
   *
   * @returns undefined where it is of a flow run that is not there.
   */
  async find(told: ToldTaskRun): Promise<Run | undefined> {
    const key = told.flowRunId === null ? undefined : JSON.stringify([told.flowRunId, told.taskKey, told.dynamicKey])
    const known = this.#byId.get(told.id) ?? (key === undefined ? undefined : this.#byKey.get(key))
    if (known) return known
    const stored = await this.#findStored(told)
    if (!stored && told.flowRunId !== null && !(await this.#hasFlowRun(told.flowRunId))) return undefined
    const run: Run = (stored && this.#byId.get(stored.id)) ?? {
      id: stored?.id ?? told.id,
      isStored: stored !== undefined,
      stateTimestampUs: stored?.state_timestamp ?? null,
      columns: stored ? {} : { flow_run_id: told.flowRunId, task_key: told.taskKey, dynamic_key: told.dynamicKey },
    }
    this.#byId.set(run.id, run)
    if (key !== undefined) this.#byKey.set(key, run)
    return run
  }

  async write(): Promise<void> {
    const fresh: SqlParam[][] = []
    for (const run of this.#byId.values()) {
      if (!run.isStored) fresh.push(this.#rowOf(run))
      else if (Object.keys(run.columns).length > 0) await this.#update(run)
    }
    for (const { text, params } of insertTaskRuns.statements(fresh)) await this.#tx.run(text, params)
  }

  async #findStored({ id, flowRunId, taskKey, dynamicKey }: ToldTaskRun): Promise<{ id: string; state_timestamp: number | null } | undefined> {
    const byId = await this.#tx.get<{ id: string; state_timestamp: number | null }>('select id, state_timestamp from task_run where id = ?', [id])
    if (byId || flowRunId === null) return byId
    return this.#tx.get('select id, state_timestamp from task_run where flow_run_id = ? and task_key = ? and dynamic_key = ?', [
      flowRunId,
      taskKey,
      dynamicKey,
    ])
  }

  async #hasFlowRun(id: string): Promise<boolean> {
    const known = this.#flowRuns.get(id)
    if (known !== undefined) return known
    const isThere = (await this.#tx.get('select 1 from flow_run where id = ?', [id])) !== undefined
    this.#flowRuns.set(id, isThere)
    return isThere
  }

  async #update({ id, columns }: Run): Promise<void> {
    const settings = Object.keys(columns).map((column) => `${column} = ?`)
    await this.#tx.run(`update task_run set updated = ?, ${settings.join(', ')} where id = ?`, [this.#tx.nowUs, ...Object.values(columns), id])
  }

  #rowOf({ id, columns }: Run): SqlParam[] {
    const { nowUs } = this.#tx
    const row: Record<string, SqlParam> = { ...absentColumns, ...columns, id, created: nowUs, updated: nowUs }
    row['name'] ??= generateName(Math.random)
    return insertedColumns.map((column) => row[column]!)
  }
}

/** What stands in the columns of a new run that its events do not tell. */
const absentColumns: Readonly<Record<string, SqlParam>> = {
  name: null,
  cache_key: null,
  cache_expiration: null,
  task_version: null,
  empirical_policy: JSON.stringify(fullTaskRunPolicy(null)),
  tags: '[]',
  labels: '{}',
  task_inputs: '{}',
  run_count: 0,
  flow_run_run_count: 0,
  expected_start_time: null,
  next_scheduled_start_time: null,
  start_time: null,
  end_time: null,
  total_run_time: 0,
}

const insertedColumns = [
  'id', 'created', 'updated', 'flow_run_id', 'task_key', 'dynamic_key', ...Object.keys(absentColumns),
  'state_id', 'state_type', 'state_name', 'state_timestamp', 'state',
]

const insertTaskRuns = new BulkInsert('task_run', insertedColumns)
/** A state that is there already, or another of the same time, is left as it is. */
const insertStates = new BulkInsert(
  'task_run_state', ['id', 'task_run_id', 'timestamp', 'type', 'name', 'result_artifact_id', 'state'], 'on conflict do nothing',
)
