import type { Variable } from '@spillway/core/wire/variables'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { notFound } from '../cli.ts'
import { confirmable, repeated, subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { readAll } from '../reads.ts'
import { ago } from '../times.ts'
import { jsonOrText } from '../values.ts'

export function variableCommands(group: Command): void {
  subcommand(group, 'ls', 'List variables.', 'spillway variable ls')
    .option('--limit <count>', 'how many at most', wholeNumber(1), 100)
    .action(
      withCli(async (cli, { limit }: { limit: number }) => {
        const variables = await readAll<Variable>(await cli.client(), '/variables/filter', { sort: 'NAME_ASC' }, limit)
        cli.show(variables, () =>
          cli.table(
            variables,
            [
              { title: 'Name', text: ({ name }) => name, isWhole: true },
              { title: 'Value', text: ({ value }) => JSON.stringify(value) },
              { title: 'Tags', text: ({ tags }) => tags.join(', ') },
              { title: 'Updated', text: ({ updated }) => ago(updated) },
            ],
            "There are no variables. Set one with: spillway variable set <name> <value>",
          ),
        )
      }),
    )

  subcommand(group, 'get <name>', 'Print the value of a variable, as JSON.', 'spillway variable get region').action(
    withCli(async (cli, name: string) => cli.print(JSON.stringify((await read(await cli.client(), name)).value))),
  )

  subcommand(group, 'inspect <name>', 'Show a variable.', 'spillway variable inspect region').action(
    withCli(async (cli, name: string) => {
      const variable = await read(await cli.client(), name)
      cli.show(variable, () => cli.fields(variable))
    }),
  )

  subcommand(
    group,
    'set <name> <value>',
    'Set a variable. A value that is JSON is stored as that, any other as text.',
    'spillway variable set region eu',
    `spillway variable set limits '{"rows": 500}' --overwrite`,
  )
    .option('--overwrite', 'change a variable that is there already')
    .option('--tag <tag>', 'tag of the variable; may be repeated', repeated)
    .action(
      withCli(async (cli, name: string, text: string, { overwrite, tag = [] }: { overwrite?: boolean; tag?: string[] }) => {
        const client = await cli.client()
        const before = await client.findVariable(name)
        if (before && !overwrite) throw new CommandError(`There is a variable '${name}' already.`, { remedy: 'Add --overwrite to change it.' })
        const value = jsonOrText(text) as Variable['value']
        if (before) await client.updateVariable(name, { value, tags: tag })
        else await client.createVariable({ name, value, tags: tag })
        const variable = await read(client, name)
        cli.show(variable, () => cli.print(`Set variable '${name}'.`))
      }),
    )

  confirmable(subcommand(group, 'unset <name>', 'Delete a variable.', 'spillway variable unset region --yes'))
    .alias('delete')
    .action(
      withCli(async (cli, name: string) => {
        const client = await cli.client()
        const variable = await read(client, name)
        await cli.confirm(`Delete the variable '${name}'?`)
        await client.deleteVariable(name)
        cli.show({ deleted: [variable.id] }, () => cli.print(`Unset variable '${name}'.`))
      }),
    )
}

async function read(client: ApiClient, name: string): Promise<Variable> {
  const variable = await client.findVariable(name)
  if (!variable) throw notFound('variable', name, (await readAll<Variable>(client, '/variables/filter')).map((one) => one.name), "'spillway variable ls' lists them.")
  return variable
}
