import { catchUpModes, type CatchUpMode } from '@spillway/core/domain/catch-up'
import type { DeploymentOptions, Schedule } from '@spillway/sdk'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { repeated, subcommand, wholeNumber, withCli } from '../command.ts'
import { intervalSeconds } from '../deployments/schedule-text.ts'
import { explainedHealth, healthOf, healthOptionText } from '../serving-health.ts'
import { ago } from '../times.ts'

export function flowCommands(group: Command): void {
  subcommand(group, 'ls', 'View flows.', 'spillway flow ls --limit 5').option('--limit <n>', 'how many at most', wholeNumber(1), 15).action(withCli(list))
  subcommand(
    group,
    'serve',
    'Make a deployment of a flow and run it here, until Ctrl-C: the first lets runs under way end, the second stops them, the third kills them.',
    'spillway flow serve flows/nightly.ts:nightly --name prod --cron "0 3 * * *"',
  )
    .argument('<entrypoint>', 'where the flow is, as file:flow')
    .requiredOption('-n, --name <name>', 'name of the deployment')
    .option('-d, --description <text>', "description of the deployment (default: the flow's)")
    .option('-v, --version <version>', 'version of the deployment')
    .option('-t, --tag <tag>', 'tag of its runs; may be repeated', repeated)
    .option('--cron <expression>', 'schedule: by cron')
    .option('--interval <seconds>', 'schedule: every so many seconds', wholeNumber(1))
    .option('--anchor-date <time>', 'with --interval: a time of one of the runs', time)
    .option('--rrule <rule>', 'schedule: by an iCalendar rule')
    .option('--timezone <zone>', "zone of the schedule, such as 'America/New_York'")
    .addOption(new Option('--catch-up <which>', 'which late runs of the schedule still start').choices(catchUpModes))
    .option('--max-late <time>', 'how late they may start, such as 10m', (text) => intervalSeconds(text, 'time'))
    .option('--pause-on-shutdown', 'let the schedule rest while nobody serves it (default)')
    .option('--no-pause-on-shutdown', 'do not: runs that come due wait')
    .option('--limit <n>', 'runs at a time in this process', wholeNumber(1), 10)
    .option('--with-healthcheck', healthOptionText)
    .option('--global-limit <n>', 'runs at a time of this deployment, wherever they are served', wholeNumber(1))
    .action(withCli(serveFlow))
}

async function list(cli: Cli, { limit }: { limit: number }): Promise<void> {
  const client = await cli.client()
  const flows = await client.filterFlows({ limit, sort: 'CREATED_DESC' })
  cli.show(flows, () =>
    cli.table(flows, [
      { title: 'ID', text: ({ id }) => id, isWhole: true },
      { title: 'Name', text: ({ name }) => name, isWhole: true },
      { title: 'Created', text: ({ created }) => ago(created) },
    ], 'There are no flows.'),
  )
}

interface FlowServeOptions {
  readonly name: string
  readonly description?: string
  readonly version?: string
  readonly tag?: readonly string[]
  readonly cron?: string
  readonly interval?: number
  readonly anchorDate?: Date
  readonly rrule?: string
  readonly timezone?: string
  readonly catchUp?: CatchUpMode
  readonly maxLate?: number
  readonly pauseOnShutdown: boolean
  readonly limit: number
  readonly withHealthcheck?: boolean
  readonly globalLimit?: number
}

async function serveFlow(cli: Cli, entrypoint: string, options: FlowServeOptions): Promise<void> {
  const { describeFlow, splitEntrypoint } = await import('../loaded-flows.ts')
  splitEntrypoint(entrypoint, 'flow')
  const { openSession } = await import('../session.ts')
  const session = await openSession(cli)
  try {
    const { serve } = await import('@spillway/sdk')
    const { flow } = await describeFlow(entrypoint)
    const schedules = schedulesOf(options)
    const deployment: DeploymentOptions = {
      name: options.name,
      ...(schedules.length === 0 ? {} : { schedules }),
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.version === undefined ? {} : { version: options.version }),
      ...(options.tag === undefined ? {} : { tags: options.tag }),
      ...(options.catchUp === undefined ? {} : { catchUp: options.catchUp }),
      ...(options.maxLate === undefined ? {} : { maxLate: options.maxLate * 1000 }),
      ...(options.globalLimit === undefined ? {} : { limit: options.globalLimit }),
    }
    cli.note(`Runs of it are started by: spillway deployment run '${flow.flowName}/${options.name}'`)
    const { environment } = await cli.settings()
    const pollEvery = Number(environment['PREFECT_RUNNER_POLL_FREQUENCY'] ?? 10) * 1000
    await serve({ ...deployment, flow, entrypoint }, { limit: options.limit, pauseOnShutdown: options.pauseOnShutdown, pollEvery, ...healthOf(options, environment) })
  } catch (error) {
    throw explainedHealth(error)
  } finally {
    await session.close()
  }
}

function schedulesOf({ cron, interval, anchorDate, rrule, timezone }: FlowServeOptions): Schedule[] {
  const zone = timezone === undefined ? {} : { timezone }
  return [
    ...(cron === undefined ? [] : [{ cron, ...zone }]),
    ...(interval === undefined ? [] : [{ every: interval * 1000, ...zone, ...(anchorDate === undefined ? {} : { anchor: anchorDate }) }]),
    ...(rrule === undefined ? [] : [{ rrule, ...zone }]),
  ]
}

function time(text: string): Date {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It must be a time such as 2026-01-31T03:00:00Z.')
  return at
}
