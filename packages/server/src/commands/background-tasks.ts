import type { Tx } from '../storage/port.ts'
import { encodeTaskRun, type TaskRunRow } from '../storage/rows/task-runs.ts'

export interface TakenTask {
  taskRunId: string
  taskKey: string
  /** The task run as on the wire. */
  json: string
}

/**
 * Takes the next waiting task run of the keys off its queue: retries first, then in order of scheduling. Until it is acknowledged it
 * stays in the table as given: a server that is killed must still know of it.
 */
async function takeBackgroundTask(tx: Tx, args: { taskKeys: readonly string[] }): Promise<TakenTask | undefined> {
  const taken = await tx.get<{ task_run_id: string; task_key: string }>(
    `update background_task set queue = 'given' where seq = (
       select seq from background_task where task_key in (select value from json_each(?)) and queue in ('retry', 'scheduled')
       order by queue, seq limit 1
     ) returning task_run_id, task_key`,
    [JSON.stringify(args.taskKeys)],
  )
  if (!taken) return undefined
  const run = await tx.get<TaskRunRow>('select * from task_run where id = ?', [taken.task_run_id])
  return run && { taskRunId: run.id, taskKey: taken.task_key, json: encodeTaskRun(run, tx.nowUs) }
}

/** The worker has it now. */
async function acknowledgeBackgroundTask(tx: Tx, args: { taskRunId: string }): Promise<void> {
  await tx.run(`delete from background_task where task_run_id = ? and queue in ('given', 'doubtful')`, [args.taskRunId])
}

const stillWaits = `exists (select 1 from task_run r where r.id = task_run_id and r.state_type = 'SCHEDULED')`

/** Puts a task run that was handed out and not acknowledged into the retry queue, if it still waits to be run. */
async function returnBackgroundTask(tx: Tx, args: { taskRunId: string; taskKey: string }): Promise<void> {
  const sql = `update background_task set queue = 'retry' where task_run_id = ? and queue = 'given' and ${stillWaits}`
  const changed = await tx.run(sql, [args.taskRunId])
  if (changed > 0) tx.publish({ topic: 'background-task', taskKey: args.taskKey })
}

/** At start: what an earlier server had given and was not seen to be acknowledged may have reached its worker, or not. */
async function doubtGivenTasks(tx: Tx): Promise<void> {
  await tx.run(`update background_task set queue = 'doubtful' where queue = 'given'`)
}

/**
 * Gives out again what is still in doubt. A worker that has such a task tells of its Pending state as soon as it is connected again.
 *
 * @returns how many go into the retry queue.
 */
async function settleDoubtfulTasks(tx: Tx): Promise<number> {
  const again = await tx.all<{ task_key: string }>(
    `update background_task set queue = 'retry' where queue = 'doubtful' and ${stillWaits} returning task_key`,
  )
  await tx.run(`delete from background_task where queue = 'doubtful'`)
  for (const taskKey of new Set(again.map((row) => row.task_key))) tx.publish({ topic: 'background-task', taskKey })
  return again.length
}

export const backgroundTaskCommands = {
  takeBackgroundTask,
  acknowledgeBackgroundTask,
  returnBackgroundTask,
  doubtGivenTasks,
  settleDoubtfulTasks,
}
