import type { DeploymentSchedule } from '@spillway/core/wire/schedules'
import type { ApiClient } from '@spillway/sdk'
import { Option, type Command } from 'commander'
import { notFound, type Cli } from '../cli.ts'
import { confirmable, describe, subcommand, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { misused } from '../reads.ts'
import { describeSchedule, scheduleOf, type ScheduleText } from './schedule-text.ts'
import { deploymentOf, deploymentsOf, type NamedDeployment } from './reads.ts'

type CreateOptions = Omit<ScheduleText, 'dayOr'> & { readonly day_or: boolean; readonly active: boolean; readonly replace?: boolean }

export function deploymentScheduleCommands(parent: Command): void {
  const group = describe(parent.command('schedule'), 'Manage the schedules of deployments.', 'spillway deployment schedule ls nightly/prod')

  subcommand(group, 'ls <deployment>', 'List the schedules of a deployment.', 'spillway deployment schedule ls nightly/prod').action(
    withCli(async (cli, name: string) => {
      const { schedules } = await deploymentOf(await cli.client(), name, undefined)
      cli.show(schedules, () =>
        cli.table(
          schedules,
          [
            { title: 'ID', text: ({ id }) => id, isWhole: true },
            { title: 'Schedule', text: describeSchedule },
            { title: 'Active', text: ({ active }) => (active ? 'yes' : 'no') },
            { title: 'Slug', text: ({ slug }) => slug ?? '' },
          ],
          `'${name}' has no schedules.`,
        ),
      )
    }),
  )

  withSchedule(subcommand(group, 'create <deployment>', 'Add a schedule to a deployment.', "spillway deployment schedule create nightly/prod --cron '0 3 * * *' --timezone Europe/Paris", 'spillway deployment schedule create nightly/prod --interval 3600'))
    .option('--replace', 'delete the schedules that it has')
    .action(withCli(async (cli, name: string, options: CreateOptions) => await create(cli, name, options, options.replace ?? false)))

  withSchedule(subcommand(group, 'replace <deployment>', 'Give a deployment one schedule in place of those that it has.', "spillway deployment schedule replace nightly/prod --cron '0 4 * * *' --yes")).action(
    withCli(async (cli, name: string, options: CreateOptions) => await create(cli, name, options, true)),
  )

  answered(confirmable(subcommand(group, 'delete <deployment> <id>', 'Delete a schedule.', 'spillway deployment schedule delete nightly/prod 0f8e1a52-1b7a-4a51-8d3e-6a6a5a5ad0a1 --yes'))).action(
    withCli(async (cli, name: string, id: string) => {
      const client = await cli.client()
      const deployment = await deploymentOf(client, name, undefined)
      const schedule = scheduleIn(deployment, id)
      await cli.confirm(`Delete the schedule ${describeSchedule(schedule)} of '${name}'?`)
      await client.request('DELETE /deployments/{id}/schedules/{schedule_id}', { path: { id: deployment.id, schedule_id: id } })
      cli.show({ deleted: [id] }, () => cli.print(`Deleted the schedule ${describeSchedule(schedule)} of '${name}'.`))
    }),
  )

  answered(confirmable(subcommand(group, 'clear <deployment>', 'Delete all schedules of a deployment.', 'spillway deployment schedule clear nightly/prod --yes'))).action(
    withCli(async (cli, name: string) => {
      const client = await cli.client()
      const deployment = await deploymentOf(client, name, undefined)
      if (deployment.schedules.length > 0) await cli.confirm(`Delete ${deployment.schedules.length} schedule(s) of '${name}'?`)
      await deleteSchedules(client, deployment)
      cli.show({ deleted: deployment.schedules.map(({ id }) => id) }, () => cli.print(`Deleted ${deployment.schedules.length} schedule(s) of '${name}'.`))
    }),
  )

  for (const [word, active] of [['pause', false], ['resume', true]] as const) {
    confirmable(
      subcommand(
        group,
        `${word} [deployment] [id]`,
        `${active ? 'Resume' : 'Pause'} a schedule, or with --all those of all deployments.`,
        `spillway deployment schedule ${word} nightly/prod 0f8e1a52-1b7a-4a51-8d3e-6a6a5a5ad0a1`,
        `spillway deployment schedule ${word} --all --yes`,
      ),
    )
      .option('--all', 'those of all deployments')
      .action(withCli(async (cli, name: string | undefined, id: string | undefined, { all }: { all?: boolean }) => await setActive(cli, { name, id, all: all ?? false, active, word })))
  }
}

function withSchedule(command: Command): Command {
  return answered(confirmable(command))
    .option('--cron <text>', 'when to run, as cron says it')
    .option('--interval <seconds>', 'run so often; also 1:30:00, PT90M or 90m')
    .option('--rrule <text>', 'when to run, as iCalendar says it; or JSON with rrule and timezone')
    .option('--anchor-date <time>', 'from when an interval counts')
    .option('--timezone <name>', 'such as Europe/Paris')
    .option('--day_or', 'in cron, day of month or day of week is enough (default)', true)
    .option('--no-day_or', 'in cron, both must fit')
    .option('--active', 'let it make runs (default)', true)
    .option('--no-active', 'let it rest until it is resumed')
}

/** `--yes` is called `--accept-yes` by the `prefect` command. */
function answered(command: Command): Command {
  return command.addOption(new Option('--accept-yes', 'the same as --yes').implies({ yes: true }).hideHelp())
}

async function create(cli: Cli, name: string, options: CreateOptions, replace: boolean): Promise<void> {
  const schedule = scheduleOf({ ...options, dayOr: options.day_or })
  const client = await cli.client()
  const before = await deploymentOf(client, name, undefined)
  if (replace && before.schedules.length > 0) await cli.confirm(`Replace ${before.schedules.length} schedule(s) of '${name}'?`)
  // The new one is made first: a schedule that the server refuses must not leave the deployment with none.
  const created = await client.call<DeploymentSchedule[]>('POST', `/deployments/${before.id}/schedules`, [{ schedule, active: options.active }])
  if (replace) await deleteSchedules(client, before)
  cli.show(created, () => cli.print(`${replace && before.schedules.length > 0 ? 'Replaced the schedules' : 'Created a schedule'} of '${name}': ${created.map(describeSchedule).join('; ')}.`))
}

async function deleteSchedules(client: ApiClient, { id, schedules }: NamedDeployment): Promise<void> {
  for (const schedule of schedules) await client.request('DELETE /deployments/{id}/schedules/{schedule_id}', { path: { id, schedule_id: schedule.id } })
}

function scheduleIn(deployment: NamedDeployment, id: string): DeploymentSchedule {
  const schedule = deployment.schedules.find((one) => one.id === id)
  if (schedule) return schedule
  const ids = deployment.schedules.map((one) => one.id)
  throw notFound(`schedule of '${deployment.fullName}' with the id`, id, ids, `'spillway deployment schedule ls ${deployment.fullName}' lists them.`)
}

async function setActive(cli: Cli, { name, id, all, active, word }: { name: string | undefined; id: string | undefined; all: boolean; active: boolean; word: string }): Promise<void> {
  if (all && name !== undefined) throw misused('--all goes with neither a deployment nor an id.')
  if (!all && (name === undefined || id === undefined)) throw misused(`Say which schedule: a deployment and the id of its schedule, or --all.`)
  const client = await cli.client()
  const deployments = all ? await deploymentsOf(client) : [await deploymentOf(client, name, undefined)]
  if (!all && scheduleIn(deployments[0]!, id!).active === active) throw new CommandError(`The schedule ${id} is ${active ? 'active' : 'paused'} already.`)
  const wanted = deployments.flatMap((deployment) => deployment.schedules.filter((one) => (all ? one.active !== active : one.id === id)).map((schedule) => ({ deployment, schedule })))
  if (all && wanted.length > 0) await cli.confirm(`${word === 'pause' ? 'Pause' : 'Resume'} ${wanted.length} schedule(s) of all deployments?`)
  for (const { deployment, schedule } of wanted) await client.request('PATCH /deployments/{id}/schedules/{schedule_id}', { path: { id: deployment.id, schedule_id: schedule.id }, body: { active } })
  const changed = wanted.map(({ schedule }) => ({ ...schedule, active }))
  cli.show(changed, () => {
    for (const { deployment, schedule } of wanted) cli.print(`${active ? 'Resumed' : 'Paused'} ${describeSchedule(schedule)} of '${deployment.fullName}'.`)
    if (wanted.length === 0) cli.note(`There is no schedule to ${word}.`)
  })
}
