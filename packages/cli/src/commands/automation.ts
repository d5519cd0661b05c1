import type { Automation } from '@spillway/core/wire/automations'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { notFound, type Cli } from '../cli.ts'
import { confirmable, subcommand, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { found, inPath, misused, readAll } from '../reads.ts'
import { wholeTrigger } from '../triggers.ts'
import { readDocument } from '../values.ts'

interface Source {
  readonly fromFile?: string
  readonly fromJson?: string
}

export function automationCommands(group: Command): void {
  subcommand(group, 'ls', 'List automations.', 'spillway automation ls').action(
    withCli(async (cli) => {
      const automations = (await readAll<Automation>(await cli.client(), '/automations/filter')).toSorted((a, b) => a.name.localeCompare(b.name))
      cli.show(automations, () =>
        cli.table(
          automations,
          [
            { title: 'Name', text: ({ name }) => name, isWhole: true },
            { title: 'Enabled', text: ({ enabled }) => (enabled ? 'yes' : 'no') },
            { title: 'Trigger', text: describeTrigger },
            { title: 'Actions', text: ({ actions }) => actions.map(({ type }) => type).join(', ') },
            { title: 'ID', text: ({ id }) => id },
          ],
          'There are no automations. Make one with: spillway automation create --from-file automation.yaml',
        ),
      )
    }),
  )

  withId(subcommand(group, 'inspect [name]', 'Show automations by name, or one by its id.', 'spillway automation inspect restart-on-crash --yaml'))
    .option('--yaml', 'as YAML')
    .action(
      withCli(async (cli, name: string | undefined, { id, yaml }: { id?: string; yaml?: boolean }) => {
        const automations = await automationsOf(await cli.client(), name, id)
        const shown = automations.length === 1 ? automations[0]! : automations
        if (yaml) return cli.print((await import('yaml')).stringify(shown).trimEnd())
        cli.show(shown, () => {
          for (const automation of automations) cli.fields(automation)
        })
      }),
    )

  withSource(
    subcommand(
      group,
      'create',
      "Create automations from a file or JSON: one, a list, or a list under 'automations'.",
      'spillway automation create --from-file automation.yaml',
      `spillway automation create --from-json '{"name": "note", "trigger": {"posture": "Reactive", "expect": ["order.*"]}, "actions": [{"type": "do-nothing"}]}'`,
    ),
  ).action(
    withCli(async (cli, source: Source) => {
      const given = await documentOf(source)
      const listed = Array.isArray(given) ? given : ((given as { automations?: unknown[] } | null)?.automations ?? [given])
      const client = await cli.client()
      const created: Automation[] = []
      const failed: string[] = []
      for (const [index, one] of listed.entries()) {
        try {
          created.push(await client.call<Automation>('POST', '/automations/', withWholeTrigger(one)))
        } catch (error) {
          if (listed.length === 1) throw error
          failed.push(`${(one as { name?: string } | null)?.name ?? `number ${index + 1}`}: ${(error as Error).message}`)
        }
      }
      cli.show(created, () => {
        for (const { name, id } of created) cli.print(`Created automation '${name}' with id ${id}.`)
      })
      if (failed.length > 0) throw new CommandError(`${failed.length} of ${listed.length} automations could not be created:\n${failed.map((line) => `  ${line}`).join('\n')}`)
    }),
  )

  withSource(withRequiredId(subcommand(group, 'update', 'Replace an automation by what a file or JSON says.', 'spillway automation update --id 0f8e1a52-1b7a-4a51-8d3e-6a6a5a5ad0a1 --from-file automation.yaml'))).action(
    withCli(async (cli, { id, ...source }: Source & { id: string }) => {
      const document = await documentOf(source)
      const client = await cli.client()
      await automationsOf(client, undefined, id)
      await client.call('PUT', `/automations/${inPath(id)}`, withWholeTrigger(document))
      const [automation] = await automationsOf(client, undefined, id)
      cli.show(automation, () => cli.print(`Updated automation '${automation!.name}' (${id}).`))
    }),
  )

  for (const [word, alias, enabled, said] of [['pause', 'disable', false, 'Paused'], ['resume', 'enable', true, 'Resumed']] as const) {
    confirmable(withId(subcommand(group, `${word} [name]`, enabled ? 'Resume an automation.' : 'Pause an automation: it does not act until it is resumed.', `spillway automation ${word} restart-on-crash`)))
      .alias(alias)
      .action(
        withCli(async (cli, name: string | undefined, { id }: { id?: string }) => {
          const client = await cli.client()
          const automations = await automationsOf(client, name, id)
          if (automations.length > 1) await cli.confirm(`${automations.length} automations are called '${name}'. Change all of them?`)
          for (const automation of automations) await client.request('PATCH /automations/{id}', { path: { id: automation.id }, body: { enabled } })
          await showChanged(cli, client, automations, said)
        }),
      )
  }

  confirmable(withId(subcommand(group, 'delete [name]', 'Delete an automation.', 'spillway automation delete restart-on-crash --yes', 'spillway automation delete --all --yes')))
    .option('--all', 'delete every automation')
    .action(
      withCli(async (cli, name: string | undefined, { id, all }: { id?: string; all?: boolean }) => {
        if (all && (name !== undefined || id !== undefined)) throw misused('--all goes with neither a name nor an id.')
        const client = await cli.client()
        const automations = all ? await readAll<Automation>(client, '/automations/filter') : await automationsOf(client, name, id)
        if (!all && automations.length > 1) throw misused(`${automations.length} automations are called '${name}'.`, `Say which one with --id: ${automations.map((one) => one.id).join(', ')}`)
        if (automations.length > 0) await cli.confirm(all ? `Delete all ${automations.length} automations?` : `Delete the automation '${automations[0]!.name}'?`)
        for (const automation of automations) await client.request('DELETE /automations/{id}', { path: { id: automation.id } })
        cli.show({ deleted: automations.map((one) => one.id) }, () => cli.print(`Deleted ${automations.length} automation${automations.length === 1 ? '' : 's'}.`))
      }),
    )
}

function withId(command: Command): Command {
  return command.option('--id <id>', 'the automation, when no name is given')
}

function withRequiredId(command: Command): Command {
  return command.requiredOption('--id <id>', 'the automation')
}

function withSource(command: Command): Command {
  return command.option('-f, --from-file <path>', 'YAML or JSON file').option('-j, --from-json <json>', 'JSON')
}

async function documentOf({ fromFile, fromJson }: Source): Promise<unknown> {
  if ((fromFile === undefined) === (fromJson === undefined)) throw misused('Say where the automation is: either --from-file or --from-json.')
  if (fromFile !== undefined) return await readDocument(fromFile)
  try {
    return JSON.parse(fromJson!)
  } catch (error) {
    throw misused(`--from-json is not JSON: ${(error as Error).message}`)
  }
}

function withWholeTrigger(automation: unknown): unknown {
  if (typeof automation !== 'object' || automation === null) throw misused('An automation is an object with name, trigger and actions.')
  return { ...automation, ...('trigger' in automation ? { trigger: wholeTrigger(automation.trigger) } : {}) }
}

function describeTrigger({ trigger }: Automation): string {
  if (trigger.type !== 'event') return `${trigger.type} of ${trigger.triggers.length}`
  const { posture, expect, within, threshold } = trigger as { posture: string; expect: string[]; within: number; threshold: number }
  const events = expect.length === 0 ? 'any event' : expect.join(', ')
  return posture === 'Proactive' ? `no ${events} within ${within} s` : `${threshold > 1 ? `${threshold} × ` : ''}${events}`
}

async function automationsOf(client: ApiClient, name: string | undefined, id: string | undefined): Promise<Automation[]> {
  if ((name === undefined) === (id === undefined)) throw misused('Say which automation: either by name, or with --id.')
  if (id !== undefined) return [await found(client.request('GET /automations/{id}', { path: { id } }), 'automation with the id', id, async () => [], "'spillway automation ls' lists them.")]
  const all = await readAll<Automation>(client, '/automations/filter', { automations: { name: { any_: [name!] } } })
  if (all.length > 0) return all
  throw notFound('automation', name!, (await readAll<Automation>(client, '/automations/filter')).map((one) => one.name), '--id takes an id.')
}

async function showChanged(cli: Cli, client: ApiClient, automations: readonly Automation[], said: string): Promise<void> {
  const changed = await Promise.all(automations.map(({ id }) => client.request('GET /automations/{id}', { path: { id } })))
  cli.show(changed, () => {
    for (const { name, id } of changed) cli.print(`${said} automation '${name}' (${id}).`)
  })
}
