import type { Command } from 'commander'
import { subcommand, wholeNumber, withCli } from '../command.ts'
import { ago } from '../times.ts'

export function flowCommands(group: Command): void {
  subcommand(group, 'ls', 'View flows.', 'spillway flow ls --limit 5')
    .option('--limit <n>', 'how many at most', wholeNumber(1), 15)
    .action(withCli(async (cli, { limit }: { limit: number }) => {
      const client = await cli.client()
      const flows = await client.filterFlows({ limit, sort: 'CREATED_DESC' })
      cli.show(flows, () =>
        cli.table(flows, [
          { title: 'ID', text: ({ id }) => id, isWhole: true },
          { title: 'Name', text: ({ name }) => name, isWhole: true },
          { title: 'Created', text: ({ created }) => ago(created) },
        ], 'There are no flows.'),
      )
    }))
}
