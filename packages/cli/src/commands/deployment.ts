import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { confirmable, subcommand, withCli } from '../command.ts'
import { misused } from '../reads.ts'
import { describeSchedule } from '../deployments/schedule-text.ts'
import { ago } from '../times.ts'
import { deploymentOf, deploymentsOf, type NamedDeployment } from '../deployments/reads.ts'
import { deploymentRunCommand } from '../deployments/run.ts'
import { deploymentScheduleCommands } from '../deployments/schedule.ts'

export function deploymentCommands(group: Command): void {
  subcommand(group, 'ls [flow-names...]', 'List deployments, of all flows or of some.', 'spillway deployment ls', 'spillway deployment ls nightly --by-created')
    .option('--by-created', 'the newest first, instead of by name')
    .action(
      withCli(async (cli, flows: string[], { byCreated }: { byCreated?: boolean }) => {
        const all = await deploymentsOf(await cli.client(), flows)
        const deployments = all.toSorted((a, b) => (byCreated ? (b.created ?? '').localeCompare(a.created ?? '') : a.fullName.localeCompare(b.fullName)))
        cli.show(deployments.map(asAnswered), () =>
          cli.table(
            deployments,
            [
              { title: 'Name', text: (one) => one.fullName, isWhole: true },
              { title: 'Pool', text: (one) => one.work_pool_name ?? '' },
              { title: 'Status', text: (one) => (one.paused ? 'paused' : (one.status ?? '').toLowerCase().replace('_', ' ')) },
              { title: 'Schedules', text: (one) => one.schedules.map(describeSchedule).join('; ') },
              { title: 'Updated', text: (one) => ago(one.updated) },
              { title: 'ID', text: ({ id }) => id },
            ],
            'There are no deployments. Make one with: spillway deploy <file.ts>:<flow> --name <name> --pool <pool>',
          ),
        )
      }),
    )

  withId(subcommand(group, 'inspect [name]', 'Show a deployment, with the automations that concern it.', 'spillway deployment inspect nightly/prod')).action(
    withCli(async (cli, name: string | undefined, { id }: { id?: string }) => {
      const client = await cli.client()
      const deployment = await deploymentOf(client, name, id)
      const automations = await client.call<unknown[]>('GET', `/automations/related-to/prefect.deployment.${deployment.id}`)
      const whole = { ...asAnswered(deployment), automations }
      cli.show(whole, () => cli.fields({ ...whole, schedules: deployment.schedules.map(describeSchedule).join('; ') }))
    }),
  )

  deploymentRunCommand(group)

  confirmable(withId(subcommand(group, 'delete [name]', 'Delete a deployment.', 'spillway deployment delete nightly/prod --yes', 'spillway deployment delete --all --yes')))
    .option('--all', 'delete every deployment')
    .action(
      withCli(async (cli, name: string | undefined, { id, all }: { id?: string; all?: boolean }) => {
        if (all && (name !== undefined || id !== undefined)) throw misused('--all goes with neither a name nor an id.')
        const client = await cli.client()
        const deployments = all ? await deploymentsOf(client) : [await deploymentOf(client, name, id)]
        if (deployments.length > 0) await cli.confirm(all ? `Delete all ${deployments.length} deployments?` : `Delete the deployment '${deployments[0]!.fullName}'?`)
        for (const one of deployments) await client.request('DELETE /deployments/{id}', { path: { id: one.id } })
        cli.show({ deleted: deployments.map((one) => one.id) }, () => {
          for (const one of deployments) cli.print(`Deleted deployment '${one.fullName}'.`)
          if (deployments.length === 0) cli.note('There are no deployments.')
        })
      }),
    )

  for (const [word, said, description] of [
    ['pause', 'Paused', 'Pause a deployment: its schedules make no runs.'],
    ['resume', 'Resumed', 'Resume a deployment.'],
  ] as const) {
    withId(subcommand(group, `${word} [name]`, description, `spillway deployment ${word} nightly/prod`)).action(
      withCli(async (cli: Cli, name: string | undefined, { id }: { id?: string }) => {
        const client = await cli.client()
        const deployment = await deploymentOf(client, name, id)
        await client.call('POST', `/deployments/${deployment.id}/${word}_deployment`, {})
        const changed = await deploymentOf(client, undefined, deployment.id)
        cli.show(asAnswered(changed), () => cli.print(`${said} deployment '${deployment.fullName}'.`))
      }),
    )
  }

  deploymentScheduleCommands(group)
}

function withId(command: Command): Command {
  return command.option('--id <id>', 'the deployment, when no name is given')
}

function asAnswered(deployment: NamedDeployment): object {
  const answered: Partial<{ -readonly [field in keyof NamedDeployment]: NamedDeployment[field] }> = { ...deployment }
  delete answered.fullName
  return answered
}
