import type { BlockSchema } from '@spillway/core/wire/block-schemas'
import type { BlockType } from '@spillway/core/wire/block-types'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { confirmable, describe, subcommand, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { answeredWith, found, readAll } from '../reads.ts'

export function blockTypeCommands(parent: Command): void {
  const group = describe(parent.command('type'), 'Look at and delete types of blocks.', 'spillway block type ls').alias('types')

  subcommand(group, 'ls', 'List types of blocks.', 'spillway block type ls').action(
    withCli(async (cli) => {
      const types = (await readAll<BlockType>(await cli.client(), '/block_types/filter')).toSorted((a, b) => a.slug.localeCompare(b.slug))
      cli.show(types, () =>
        cli.table(
          types,
          [
            { title: 'Slug', text: ({ slug }) => slug, isWhole: true },
            { title: 'Name', text: ({ name }) => name },
            { title: 'Description', text: ({ description }) => description ?? '' },
          ],
          'There are no types of blocks.',
        ),
      )
    }),
  )

  subcommand(group, 'inspect <slug>', 'Show a type of block and the form of its latest version.', 'spillway block type inspect slack-webhook').action(
    withCli(async (cli, slug: string) => {
      const client = await cli.client()
      const type = await typeOf(client, slug)
      const schema = await latestSchemaOf(client, type)
      cli.show({ block_type: type, schema }, () => {
        cli.fields({ slug: type.slug, name: type.name, description: type.description, id: type.id, protected: type.is_protected })
        cli.print(JSON.stringify(schema.fields, null, 2))
      })
    }),
  )

  confirmable(subcommand(group, 'delete <slug>', 'Delete a type of block, with its blocks.', 'spillway block type delete crm-login --yes')).action(
    withCli(async (cli, slug: string) => {
      const client = await cli.client()
      const { id } = await typeOf(client, slug)
      await cli.confirm(`Delete the block type '${slug}' and its blocks?`)
      try {
        await client.request('DELETE /block_types/{id}', { path: { id } })
      } catch (error) {
        if (!answeredWith(error, 403)) throw error
        throw new CommandError(`The block type '${slug}' belongs to the server and cannot be deleted.`, { cause: error })
      }
      cli.show({ deleted: [id] }, () => cli.print(`Deleted block type '${slug}'.`))
    }),
  )
}

/** The type of blocks with that slug. @throws {CommandError} that names near ones */
export async function typeOf(client: ApiClient, slug: string): Promise<BlockType> {
  const slugs = async (): Promise<string[]> => (await readAll<BlockType>(client, '/block_types/filter')).map((type) => type.slug)
  return await found(client.request('GET /block_types/slug/{slug}', { path: { slug } }), 'block type', slug, slugs, "'spillway block type ls' lists them.")
}

export async function latestSchemaOf(client: ApiClient, { id, slug }: BlockType): Promise<BlockSchema> {
  const [schema] = await client.filterBlockSchemas({ block_schemas: { block_type_id: { any_: [id] } }, limit: 1 })
  if (!schema) throw new CommandError(`The block type '${slug}' has no schema, so there can be no blocks of it.`)
  return schema
}
