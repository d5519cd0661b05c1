import type { Tx } from '../storage/port.ts'
import { encodeTaskRun, type TaskRunRow } from '../storage/rows/task-runs.ts'

export interface TakenTask {
  taskRunId: string
  taskKey: string
  /** The task run as on the wire. */
  json: string
}

/** Takes the next waiting task run of the keys off its queue: retries first, then in order of scheduling. */
async function takeBackgroundTask(tx: Tx, args: { taskKeys: readonly string[] }): Promise<TakenTask | undefined> {
  const taken = await tx.get<{ task_run_id: string; task_key: string }>(
    `delete from background_task where seq = (
       select seq from background_task where task_key in (select value from json_each(?)) order by queue, seq limit 1
     ) returning task_run_id, task_key`,
    [JSON.stringify(args.taskKeys)],
  )
  if (!taken) return undefined
  const run = await tx.get<TaskRunRow>('select * from task_run where id = ?', [taken.task_run_id])
  return run && { taskRunId: run.id, taskKey: taken.task_key, json: encodeTaskRun(run, tx.nowUs) }
}

/** Puts a task run that was handed out and not acknowledged into the retry queue, if it still waits to be run. */
async function returnBackgroundTask(tx: Tx, args: { taskRunId: string; taskKey: string }): Promise<void> {
  const changed = await tx.run(
    `insert into background_task (task_run_id, task_key, queue)
     select id, ?, 'retry' from task_run where id = ? and state_type = 'SCHEDULED'
     on conflict (task_run_id) do nothing`,
    [args.taskKey, args.taskRunId],
  )
  if (changed > 0) tx.publish({ topic: 'background-task', taskKey: args.taskKey })
}

export const backgroundTaskCommands = { takeBackgroundTask, returnBackgroundTask }
