import type { TaskRun } from '@spillway/core/wire/task-runs'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { notFound, type Cli } from '../cli.ts'
import { repeated, subcommand, withCli } from '../command.ts'
import { isId, paintState } from '../flow-runs.ts'
import { showLogs, withLogOptions, type LogOptions } from '../show-logs.ts'
import { stateFilter, withRunListOptions, type StateOptions } from '../state-filter.ts'
import { ago } from '../times.ts'

const ID = 'id or name of the task run'

export function taskRunCommands(group: Command): void {
  withRunListOptions(subcommand(group, 'ls', 'View recent task runs.', 'spillway task-run ls --state Failed', 'spillway task-run ls --task-run-name fetch-0 --json'))
    .option('--task-run-name <name>', 'of this name; may be repeated', repeated)
    .action(withCli(list))
  subcommand(group, 'inspect', 'View details about a task run.', 'spillway task-run inspect 01912345-6789-7abc-8def-0123456789ab')
    .argument('<id>', ID)
    .option('--web', 'open it in the browser')
    .action(withCli(inspect))
  withLogOptions(subcommand(group, 'logs', 'View the logs of a task run.', 'spillway task-run logs 01912345-6789-7abc-8def-0123456789ab --tail'))
    .argument('<id>', ID)
    .action(withCli(logs))
}

async function list(cli: Cli, { taskRunName, limit, ...states }: { taskRunName?: string[]; limit: number } & StateOptions): Promise<void> {
  const client = await cli.client()
  const filter = stateFilter('task_runs', states) as { task_runs?: object }
  const runs = await client.filterTaskRuns({
    limit,
    sort: 'EXPECTED_START_TIME_DESC',
    ...(taskRunName === undefined ? filter : { task_runs: { ...filter.task_runs, name: { any_: taskRunName } } }),
  })
  cli.show(runs, () =>
    cli.table(runs, [
      { title: 'ID', text: ({ id }) => id, isWhole: true },
      { title: 'Task', text: ({ task_key: key }) => key },
      { title: 'Name', text: ({ name }) => name ?? '', isWhole: true },
      { title: 'State', text: ({ state_name: state }) => state ?? '', paint: (cell, { state_type: type }) => paintState(cli, type, cell) },
      { title: 'When', text: ({ state, expected_start_time: due }) => ago(state?.type === 'SCHEDULED' ? due : state?.timestamp) },
    ], 'There are no such task runs.'),
  )
}

async function inspect(cli: Cli, id: string, { web }: { web?: boolean }): Promise<void> {
  const run = await findTaskRun(await cli.client(), id)
  if (web) {
    const { openUrl, uiUrl } = await import('../open-url.ts')
    return await openUrl(cli, await uiUrl(cli, `/runs/task-run/${run.id}`))
  }
  cli.show(run, () =>
    cli.fields({
      ID: run.id,
      Name: run.name,
      Task: run.task_key,
      'Flow run': run.flow_run_id,
      State: paintState(cli, run.state_type, run.state_name ?? 'none'),
      Message: run.state?.message,
      Tags: run.tags,
      Started: ago(run.start_time),
      Ended: ago(run.end_time),
      'Run time': `${run.total_run_time} s`,
      Attempts: run.run_count,
      Created: ago(run.created),
    }),
  )
}

async function logs(cli: Cli, id: string, options: LogOptions): Promise<void> {
  const client = await cli.client()
  const run = await findTaskRun(client, id)
  await showLogs(cli, client, { task_run_id: { any_: [run.id] } }, '', options)
}

async function findTaskRun(client: ApiClient, idOrName: string): Promise<TaskRun> {
  const filter = isId(idOrName) ? { id: { any_: [idOrName] } } : { name: { any_: [idOrName] } }
  const [run] = await client.filterTaskRuns({ task_runs: filter, sort: 'EXPECTED_START_TIME_DESC', limit: 1 })
  if (run) return run
  const recent = isId(idOrName) ? [] : await client.filterTaskRuns({ sort: 'EXPECTED_START_TIME_DESC', limit: 200 })
  throw notFound('task run', idOrName, recent.flatMap(({ name }) => name ?? []), "'spillway task-run ls' lists the latest ones.")
}
