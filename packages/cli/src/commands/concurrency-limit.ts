import type { ConcurrencyLimit } from '@spillway/core/wire/concurrency-limits'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { confirmable, subcommand, wholeNumber, withCli } from '../command.ts'
import { found, readAll } from '../reads.ts'
import { ago } from '../times.ts'

/** Limits on how many task runs with a tag are under way. */
export function concurrencyLimitCommands(group: Command): void {
  subcommand(group, 'create <tag>', 'Limit how many task runs with a tag run at a time; 0 lets none run.', 'spillway concurrency-limit create warehouse 10')
    .argument('<limit>', 'task runs at a time', wholeNumber())
    .action(
      withCli(async (cli, tag: string, limit: number) => {
        const created = await (await cli.client()).request('POST /concurrency_limits/', { body: { tag, concurrency_limit: limit } })
        cli.show(created, () => cli.print(`Task runs with the tag '${tag}' are limited to ${limit} at a time.`))
      }),
    )

  subcommand(group, 'ls', 'List the limits on tags, the one that changed last first.', 'spillway concurrency-limit ls')
    .option('--limit <count>', 'how many at most', wholeNumber(1), 15)
    .option('--offset <count>', 'how many to leave out before', wholeNumber(), 0)
    .action(
      withCli(async (cli, { limit, offset }: { limit: number; offset: number }) => {
        const read = await (await cli.client()).request('POST /concurrency_limits/filter', { body: { limit, offset } })
        const limits = read.toSorted((a, b) => (b.updated ?? '').localeCompare(a.updated ?? ''))
        cli.show(limits, () =>
          cli.table(
            limits,
            [
              { title: 'Tag', text: ({ tag }) => tag, isWhole: true },
              { title: 'Limit', text: (row) => String(row.concurrency_limit) },
              { title: 'Active', text: (row) => String(row.active_slots.length) },
              { title: 'ID', text: ({ id }) => id },
            ],
            'There are no limits on tags.',
          ),
        )
      }),
    )

  subcommand(group, 'inspect <tag>', 'Show a limit and the task runs that hold its slots.', 'spillway concurrency-limit inspect warehouse').action(
    withCli(async (cli, tag: string) => {
      const limit = await limitOf(await cli.client(), tag)
      cli.show(limit, () => {
        cli.fields({ tag: limit.tag, limit: limit.concurrency_limit, created: ago(limit.created), updated: ago(limit.updated), id: limit.id })
        cli.table(limit.active_slots, [{ title: 'Active task run', text: (id) => id, isWhole: true }], 'No task run holds a slot.')
      })
    }),
  )

  subcommand(group, 'reset <tag>', 'Free all slots of a limit, whoever holds them.', 'spillway concurrency-limit reset warehouse').action(
    withCli(async (cli, tag: string) => {
      const client = await cli.client()
      await limitOf(client, tag)
      await client.request('POST /concurrency_limits/tag/{tag}/reset', { path: { tag }, body: {} })
      const limit = await limitOf(client, tag)
      cli.show(limit, () => cli.print(`Reset the limit on the tag '${tag}'.`))
    }),
  )

  confirmable(subcommand(group, 'delete <tag>', 'Delete the limit on a tag.', 'spillway concurrency-limit delete warehouse --yes')).action(
    withCli(async (cli, tag: string) => {
      const client = await cli.client()
      const { id } = await limitOf(client, tag)
      await cli.confirm(`Delete the limit on the tag '${tag}'?`)
      await client.request('DELETE /concurrency_limits/tag/{tag}', { path: { tag } })
      cli.show({ deleted: [id] }, () => cli.print(`Deleted the limit on the tag '${tag}'.`))
    }),
  )
}

async function limitOf(client: ApiClient, tag: string): Promise<ConcurrencyLimit> {
  const tags = async (): Promise<string[]> => (await readAll<ConcurrencyLimit>(client, '/concurrency_limits/filter')).map((one) => one.tag)
  return await found(client.request('GET /concurrency_limits/tag/{tag}', { path: { tag } }), 'limit on the tag', tag, tags, `Make it with: spillway concurrency-limit create ${tag} <limit>`)
}
