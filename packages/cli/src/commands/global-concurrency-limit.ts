import { writeFile } from 'node:fs/promises'
import type { ConcurrencyLimitV2 } from '@spillway/core/wire/concurrency-limits'
import type { ApiClient } from '@spillway/sdk'
import type { AnswerOf } from '@spillway/sdk/client'
import { InvalidArgumentError, type Command } from 'commander'
import { confirmable, subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { found, misused, readAll } from '../reads.ts'
import { ago } from '../times.ts'

interface Changes {
  readonly limit?: number
  readonly activeSlots?: number
  readonly slotDecayPerSecond?: number
  readonly enable?: boolean
  readonly disable?: boolean
}

/** Named limits that any code may take slots of. */
export function globalConcurrencyLimitCommands(group: Command): void {
  subcommand(group, 'ls', 'List global concurrency limits.', 'spillway global-concurrency-limit ls', 'spillway gcl ls --json').action(
    withCli(async (cli) => {
      const limits = (await readAll<ConcurrencyLimitV2>(await cli.client(), '/v2/concurrency_limits/filter')).toSorted((a, b) => a.name.localeCompare(b.name))
      cli.show(limits, () =>
        cli.table(
          limits,
          [
            { title: 'Name', text: ({ name }) => name, isWhole: true },
            { title: 'Active', text: ({ active }) => (active ? 'yes' : 'no') },
            { title: 'Limit', text: ({ limit }) => String(limit) },
            { title: 'Taken', text: (row) => String(row.active_slots) },
            { title: 'Decay/s', text: (row) => String(row.slot_decay_per_second) },
            { title: 'Updated', text: ({ updated }) => ago(updated) },
            { title: 'ID', text: ({ id }) => id },
          ],
          'There are no global concurrency limits. Make one with: spillway gcl create <name> --limit 5',
        ),
      )
    }),
  )

  subcommand(group, 'inspect <name>', 'Show a global concurrency limit.', 'spillway global-concurrency-limit inspect crm-api', 'spillway gcl inspect crm-api --file limit.json')
    .option('-f, --file <path>', 'write it there as JSON')
    .action(
      withCli(async (cli, name: string, { file }: { file?: string }) => {
        const limit = await limitOf(await cli.client(), name)
        if (file === undefined) return cli.show(limit, () => cli.fields({ ...limit }))
        await writeFile(file, `${JSON.stringify(limit, null, 2)}\n`)
        cli.note(`The global concurrency limit '${name}' is written to ${file}.`)
      }),
    )

  withSlots(subcommand(group, 'create <name>', 'Create a global concurrency limit.', 'spillway global-concurrency-limit create crm-api --limit 5 --slot-decay-per-second 1'))
    .requiredOption('-l, --limit <count>', 'slots that there are', wholeNumber())
    .option('--disable', 'create it inactive: it lets everything through')
    .action(
      withCli(async (cli, name: string, { disable = false, ...changes }: Changes & { readonly limit: number }) => {
        const created = await (await cli.client()).request('POST /v2/concurrency_limits/', { body: { name, active: !disable, ...bodyOf(changes), limit: changes.limit } })
        cli.show(created, () => cli.print(`Created global concurrency limit '${name}' (${created.limit} slots).`))
      }),
    )

  withSlots(subcommand(group, 'update <name>', 'Change a global concurrency limit.', 'spillway global-concurrency-limit update crm-api --limit 10', 'spillway gcl update crm-api --disable'))
    .option('-l, --limit <count>', 'slots that there are', wholeNumber())
    .option('--enable', 'make it active')
    .option('--disable', 'make it inactive')
    .action(
      withCli(async (cli, name: string, { enable, disable, ...changes }: Changes) => {
        if (enable && disable) throw misused('--enable and --disable cannot both hold.')
        const body = { ...bodyOf(changes), ...(enable ? { active: true } : {}), ...(disable ? { active: false } : {}) }
        if (Object.keys(body).length === 0) throw misused('Nothing is to be changed.', 'Say what: --limit, --active-slots, --slot-decay-per-second, --enable or --disable.')
        const client = await cli.client()
        await limitOf(client, name)
        await client.request('PATCH /v2/concurrency_limits/{id_or_name}', { path: { id_or_name: name }, body })
        const limit = await limitOf(client, name)
        cli.show(limit, () => cli.print(`Updated global concurrency limit '${name}'.`))
      }),
    )

  for (const [word, active] of [['enable', true], ['disable', false]] as const) {
    subcommand(group, `${word} <name>`, active ? 'Make a global concurrency limit active.' : 'Make a global concurrency limit inactive: it lets everything through.', `spillway global-concurrency-limit ${word} crm-api`).action(
      withCli(async (cli, name: string) => {
        const client = await cli.client()
        if ((await limitOf(client, name)).active === active) throw new CommandError(`The global concurrency limit '${name}' is ${word}d already.`)
        await client.request('PATCH /v2/concurrency_limits/{id_or_name}', { path: { id_or_name: name }, body: { active } })
        const limit = await limitOf(client, name)
        cli.show(limit, () => cli.print(`The global concurrency limit '${name}' is ${word}d.`))
      }),
    )
  }

  confirmable(subcommand(group, 'delete <name>', 'Delete a global concurrency limit.', 'spillway global-concurrency-limit delete crm-api --yes')).action(
    withCli(async (cli, name: string) => {
      const client = await cli.client()
      const { id } = await limitOf(client, name)
      await cli.confirm(`Delete the global concurrency limit '${name}'?`)
      await client.request('DELETE /v2/concurrency_limits/{id_or_name}', { path: { id_or_name: name } })
      cli.show({ deleted: [id] }, () => cli.print(`Deleted global concurrency limit '${name}'.`))
    }),
  )
}

function withSlots(command: Command): Command {
  return command
    .option('--active-slots <count>', 'slots that count as taken', wholeNumber())
    .option('--slot-decay-per-second <rate>', 'slots that become free by themselves each second: a rate limit', rate)
}

function rate(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('It must be a number of at least 0.')
  return value
}

function bodyOf({ limit, activeSlots, slotDecayPerSecond }: Changes): object {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(activeSlots === undefined ? {} : { active_slots: activeSlots }),
    ...(slotDecayPerSecond === undefined ? {} : { slot_decay_per_second: slotDecayPerSecond }),
  }
}

async function limitOf(client: ApiClient, name: string): Promise<AnswerOf<'GET /v2/concurrency_limits/{id_or_name}'>> {
  const names = async (): Promise<string[]> => (await readAll<ConcurrencyLimitV2>(client, '/v2/concurrency_limits/filter')).map((one) => one.name)
  return await found(client.request('GET /v2/concurrency_limits/{id_or_name}', { path: { id_or_name: name } }), 'global concurrency limit', name, names, "'spillway gcl ls' lists them.")
}
