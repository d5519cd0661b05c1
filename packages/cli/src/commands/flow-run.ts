import { randomUUID } from 'node:crypto'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { Log } from '@spillway/core/wire/logs'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { confirmable, repeated, subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { findFlowRun, paintState, whenOf } from '../flow-runs.ts'
import { LogLines, logPages, NewLogs } from '../log-lines.ts'
import { showLogs, withLogOptions, type LogOptions } from '../show-logs.ts'
import { stateFilter, withRunListOptions, type StateOptions } from '../state-filter.ts'
import { ago } from '../times.ts'

const FINAL: readonly string[] = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']
const ID = 'id or name of the flow run'

export function flowRunCommands(group: Command): void {
  withRunListOptions(subcommand(group, 'ls', 'View recent flow runs, or those of certain flows.', 'spillway flow-run ls --state Running --state Late', 'spillway flow-run ls --flow-name nightly --json'))
    .option('--flow-name <name>', 'of this flow; may be repeated', repeated)
    .action(withCli(list))
  subcommand(group, 'inspect', 'View details about a flow run.', 'spillway flow-run inspect proud-otter')
    .argument('<id>', ID)
    .option('--web', 'open it in the browser')
    .action(withCli(inspect))
  subcommand(group, 'watch', 'Show states and logs of a flow run until it has ended; the exit code is 1 unless it completed.', 'spillway flow-run watch proud-otter --timeout 600')
    .argument('<id>', ID)
    .option('--timeout <seconds>', 'give up after so long; the run goes on', wholeNumber(1))
    .action(withCli(watch))
  withLogOptions(subcommand(group, 'logs', 'View the logs of a flow run.', 'spillway flow-run logs proud-otter --tail', 'spillway flow-run logs proud-otter --follow'))
    .argument('<id>', ID)
    .option('-f, --follow', 'go on with new ones until the run has ended')
    .action(withCli(logs))
  subcommand(group, 'cancel', 'Cancel a flow run.', 'spillway flow-run cancel proud-otter')
    .argument('<id>', ID)
    .action(withCli(cancel))
  subcommand(group, 'retry', 'Run a flow run again that has ended.', 'spillway flow-run retry proud-otter', 'spillway flow-run retry proud-otter --entrypoint flows/nightly.ts:nightly')
    .argument('<id-or-name>', ID)
    .option('-e, --entrypoint <file:flow>', 'where its flow is; needed where the run has no deployment, and it runs here then')
    .action(withCli(retry))
  subcommand(group, 'execute', 'Run a flow run in this process; runners and workers start their runs so.', 'spillway flow-run execute 01912345-6789-7abc-8def-0123456789ab')
    .argument('[id]', 'id of the flow run (default: PREFECT__FLOW_RUN_ID)')
    .action(withCli(execute))
  confirmable(subcommand(group, 'delete', 'Delete a flow run.', 'spillway flow-run delete proud-otter --yes'))
    .argument('<id>', ID)
    .action(withCli(remove))
}

async function list(cli: Cli, { flowName, limit, ...states }: { flowName?: string[]; limit: number } & StateOptions): Promise<void> {
  const client = await cli.client()
  const runs = await client.filterFlowRuns({
    limit,
    sort: 'EXPECTED_START_TIME_DESC',
    ...(flowName === undefined ? {} : { flows: { name: { any_: flowName } } }),
    ...stateFilter('flow_runs', states),
  })
  if (cli.isJson) return cli.show(runs, () => {})
  const flows = await flowNames(client, runs)
  cli.table(runs, [
    { title: 'ID', text: ({ id }) => id, isWhole: true },
    { title: 'Flow', text: ({ flow_id: id }) => flows.get(id) ?? '' },
    { title: 'Name', text: ({ name }) => name ?? '', isWhole: true },
    { title: 'State', text: ({ state_name: state }) => state ?? '', paint: (cell, { state_type: type }) => paintState(cli, type, cell) },
    { title: 'When', text: whenOf },
  ], 'There are no such flow runs.')
}

async function flowNames(client: ApiClient, runs: readonly FlowRunResponse[]): Promise<Map<string, string>> {
  const ids = [...new Set(runs.map(({ flow_id: id }) => id))]
  const flows = ids.length === 0 ? [] : await client.filterFlows({ flows: { id: { any_: ids } } })
  return new Map(flows.map(({ id, name }) => [id, name]))
}

async function inspect(cli: Cli, id: string, { web }: { web?: boolean }): Promise<void> {
  const client = await cli.client()
  const run = await findFlowRun(client, id)
  if (web) {
    const { openUrl, uiUrl } = await import('../open-url.ts')
    return await openUrl(cli, await uiUrl(cli, `/runs/flow-run/${run.id}`))
  }
  if (cli.isJson) return cli.show(run, () => {})
  const [flow, deployment] = await Promise.all([
    client.readFlow(run.flow_id),
    run.deployment_id === null ? undefined : client.readDeployment(run.deployment_id).catch(() => undefined),
  ])
  cli.fields({
    ID: run.id,
    Name: run.name,
    Flow: flow.name,
    Deployment: deployment?.name ?? run.deployment_id,
    State: paintState(cli, run.state_type, run.state_name ?? 'none'),
    Message: run.state?.message,
    Parameters: Object.keys(run.parameters).length === 0 ? null : run.parameters,
    Tags: run.tags,
    'Work pool': run.work_pool_name,
    'Work queue': run.work_queue_name,
    Expected: ago(run.expected_start_time),
    Started: ago(run.start_time),
    Ended: ago(run.end_time),
    'Run time': `${run.total_run_time} s`,
    Attempts: run.run_count,
    Created: ago(run.created),
    'Parent task run': run.parent_task_run_id,
  })
}

async function watch(cli: Cli, id: string, { timeout }: { timeout?: number }): Promise<void> {
  const client = await cli.client()
  const { expectCompleted, watchFlowRun } = await import('../watch-flow-run.ts')
  const run = await watchFlowRun(cli, client, (await findFlowRun(client, id)).id, { timeoutSeconds: timeout })
  cli.show(run, () => {})
  expectCompleted(run)
}

async function logs(cli: Cli, id: string, options: LogOptions & { follow?: boolean }): Promise<void> {
  const client = await cli.client()
  const run = await findFlowRun(client, id)
  const filter = { flow_run_id: { any_: [run.id] } }
  if (!options.follow) return await showLogs(cli, client, filter, String(run.name), options)
  if (cli.isJson || options.head || options.reverse) throw new CommandError('--follow goes with --tail alone.', { exitCode: EXIT.usage })
  const fresh = new NewLogs(client, filter)
  if (options.tail) {
    const last: Log[] = []
    for await (const page of logPages(client, filter, 'TIMESTAMP_DESC')) {
      for (const log of page) fresh.note(log)
      last.push(...page.slice(0, (options.numLogs ?? 20) - last.length))
    }
    for (const line of await new LogLines(client, String(run.name)).of(last.reverse())) cli.print(line)
  }
  const { watchFlowRun } = await import('../watch-flow-run.ts')
  await watchFlowRun(cli, client, run.id, { logs: fresh, showStates: false })
}

async function cancel(cli: Cli, id: string): Promise<void> {
  const client = await cli.client()
  const run = await findFlowRun(client, id)
  const result = await client.setFlowRunState(run.id, { type: 'CANCELLING', name: 'Cancelling', state_details: { transition_id: randomUUID() } })
  if (result.details.type === 'abort_details') throw new CommandError(`The flow run '${String(run.name)}' cannot be cancelled: ${String(result.details.reason)}`)
  cli.show(result, () => cli.print(`The flow run '${String(run.name)}' is ${result.state?.type === 'CANCELLED' ? 'cancelled' : 'being cancelled'}.`))
}

async function retry(cli: Cli, id: string, { entrypoint }: { entrypoint?: string }): Promise<void> {
  const client = await cli.client()
  const run = await findFlowRun(client, id)
  if (!FINAL.includes(run.state_type ?? '')) throw new CommandError(`The flow run '${String(run.name)}' is ${String(run.state_name)}; only one that has ended can be retried.`)
  if (run.deployment_id === null && entrypoint === undefined) {
    throw new CommandError(`The flow run '${String(run.name)}' has no deployment that says where its flow is.`, { remedy: `Say it: spillway flow-run retry ${run.id} --entrypoint flows/nightly.ts:nightly`, exitCode: EXIT.usage })
  }
  if (entrypoint !== undefined && /\.py(:|$)/.test(entrypoint)) {
    throw new CommandError('A Python flow runs in Python.', { remedy: `Use: prefect flow-run retry ${run.id} --entrypoint ${entrypoint}`, exitCode: EXIT.usage })
  }
  const result = await client.setFlowRunState(run.id, { type: 'SCHEDULED', name: 'Scheduled', message: 'Retried by the spillway command', state_details: { transition_id: randomUUID() } }, true)
  if (result.details.type === 'abort_details') throw new CommandError(`The flow run '${String(run.name)}' cannot be retried: ${String(result.details.reason)}`)
  if (run.deployment_id === null) {
    const { executeHere } = await import('../execute-here.ts')
    return await executeHere(cli, run.id, entrypoint)
  }
  cli.show(result, () => cli.print(`The flow run '${String(run.name)}' is scheduled again; whoever serves its deployment takes it.`))
}

async function execute(cli: Cli, given: string | undefined): Promise<void> {
  const id = given ?? cli.env['PREFECT__FLOW_RUN_ID']
  if (!id) throw new CommandError('No flow run is named: give its id, or set PREFECT__FLOW_RUN_ID.', { exitCode: EXIT.usage })
  const run = await findFlowRun(await cli.client(), id)
  const { executeHere } = await import('../execute-here.ts')
  await executeHere(cli, run.id)
}

async function remove(cli: Cli, id: string): Promise<void> {
  const client = await cli.client()
  const run = await findFlowRun(client, id)
  await cli.confirm(`Delete the flow run '${String(run.name)}' (${run.id}) with its task runs and logs?`)
  await client.deleteFlowRun(run.id)
  cli.show({ deleted: run.id }, () => cli.print(`The flow run '${String(run.name)}' is deleted.`))
}
