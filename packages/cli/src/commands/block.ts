import type { BlockDocument } from '@spillway/core/wire/block-documents'
import type { BlockSchema } from '@spillway/core/wire/block-schemas'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { notFound } from '../cli.ts'
import { confirmable, subcommand, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { found, misused, readAll } from '../reads.ts'
import { ago } from '../times.ts'
import { jsonObject, readDocument } from '../values.ts'
import { blockTypeCommands, latestSchemaOf, typeOf } from '../blocks/block-type.ts'

interface NewType {
  readonly name?: string
  readonly slug?: string
  readonly description?: string
  readonly fields?: { properties?: object }
  readonly capabilities?: string[]
}

export function blockCommands(group: Command): void {
  subcommand(group, 'ls', 'List blocks.', 'spillway block ls').action(
    withCli(async (cli) => {
      const blocks = await readAll<BlockDocument>(await cli.client(), '/block_documents/filter', { sort: 'BLOCK_TYPE_AND_NAME_ASC' })
      cli.show(blocks, () =>
        cli.table(
          blocks,
          [
            { title: 'Slug', text: slugOf, isWhole: true },
            { title: 'Type', text: (block) => block.block_type?.name ?? '' },
            { title: 'Updated', text: ({ updated }) => ago(updated) },
            { title: 'ID', text: ({ id }) => id },
          ],
          "There are no blocks. Make one with: spillway block create <type> --name <name> --data '{…}'",
        ),
      )
    }),
  )

  withId(subcommand(group, 'inspect [slug]', 'Show a block; its secrets are masked.', 'spillway block inspect slack-webhook/ops', 'spillway block inspect --id 0f8e1a52-1b7a-4a51-8d3e-6a6a5a5ad0a1')).action(
    withCli(async (cli, slug: string | undefined, { id }: { id?: string }) => {
      const block = await blockOf(await cli.client(), slug, id)
      cli.show(block, () => {
        cli.fields({ block: slugOf(block), type: block.block_type?.name, id: block.id, created: ago(block.created), updated: ago(block.updated) })
        cli.fields(block.data)
      })
    }),
  )

  subcommand(
    group,
    'create <type>',
    'Create a block, or without --name show what blocks of the type hold.',
    'spillway block create slack-webhook',
    `spillway block create slack-webhook --name ops --data '{"url": "https://hooks.example.com/T000"}'`,
  )
    .option('--name <name>', 'name of the block')
    .option('--data <json>', 'its fields, as a JSON object')
    .option('--from-file <path>', 'the same, from a YAML or JSON file')
    .action(
      withCli(async (cli, slug: string, { name, data, fromFile }: { name?: string; data?: string; fromFile?: string }) => {
        const client = await cli.client()
        const type = await typeOf(client, slug)
        const schema = await latestSchemaOf(client, type)
        if (name === undefined) {
          if (data !== undefined || fromFile !== undefined) throw misused('--name is missing.', 'Say how the block is called.')
          return cli.show({ block_type: type, schema }, () => {
            cli.print(`Blocks of the type '${type.name}' hold:`)
            cli.fields(Object.fromEntries(fieldsOf(schema)))
            cli.note(`Make one with: spillway block create ${slug} --name <name> --data '{…}'`)
          })
        }
        if ((data === undefined) === (fromFile === undefined)) throw misused('Give the fields of the block with either --data or --from-file.')
        const fields = data === undefined ? await readDocument(fromFile!) : jsonObject(data, '--data')
        const block = await client.call<BlockDocument>('POST', '/block_documents/', { name, data: fields, block_type_id: type.id, block_schema_id: schema.id })
        cli.show(block, () => cli.print(`Created block '${slug}/${name}'.`))
      }),
    )

  withId(confirmable(subcommand(group, 'delete [slug]', 'Delete a block.', 'spillway block delete slack-webhook/ops --yes'))).action(
    withCli(async (cli, slug: string | undefined, { id }: { id?: string }) => {
      const client = await cli.client()
      const block = await blockOf(client, slug, id)
      await cli.confirm(`Delete the block '${slugOf(block)}'?`)
      await client.request('DELETE /block_documents/{id}', { path: { id: block.id } })
      cli.show({ deleted: [block.id] }, () => cli.print(`Deleted block '${slugOf(block)}'.`))
    }),
  )

  subcommand(group, 'register', 'Register a type of block, or a new form of it, from a YAML or JSON file with name, slug, description and fields (a JSON Schema).', 'spillway block register --file crm-login.yaml')
    .option('-f, --file <path>', 'the file')
    .option('-m, --module <name>', 'for Python: use prefect block register')
    .action(
      withCli(async (cli, { file, module }: { file?: string; module?: string }) => {
        if (module !== undefined || file?.endsWith('.py')) {
          throw misused('Blocks that are Python classes are registered by Python.', `Run: prefect block register ${module === undefined ? `--file ${file}` : `--module ${module}`}`)
        }
        if (file === undefined) throw misused('--file is missing.', 'Name a YAML or JSON file with name, slug, description and fields.')
        const { slug, name = slug, description, fields, capabilities = [] } = (await readDocument(file)) as NewType
        if (slug === undefined || name === undefined || fields?.properties === undefined) throw new CommandError(`'${file}' is no type of block.`, { remedy: "It needs 'slug', 'name' and 'fields', a JSON Schema with 'properties'." })
        const client = await cli.client()
        const known = await client.findBlockType(slug)
        const about = description === undefined ? {} : { description }
        if (known) await client.request('PATCH /block_types/{id}', { path: { id: known.id }, body: about })
        const type = known ?? (await client.createBlockType({ name, slug, ...about }))
        const form = { title: name, type: 'object', block_type_slug: slug, block_schema_references: {}, secret_fields: [], ...fields }
        const schema = await client.createBlockSchema({ fields: form, block_type_id: type.id, capabilities })
        cli.show({ block_type: await client.findBlockType(slug), schema }, () => cli.print(`Registered the block type '${slug}'.`))
      }),
    )

  blockTypeCommands(group)
}

function withId(command: Command): Command {
  return command.option('--id <id>', 'the block, when no slug is given')
}

function slugOf(block: BlockDocument): string {
  return `${block.block_type?.slug ?? '?'}/${block.name ?? block.id}`
}

/** Name and kind of each field, the required ones marked. */
function fieldsOf({ fields }: BlockSchema): [string, string][] {
  const { properties = {}, required = [], secret_fields: secret = [] } = fields as { properties?: Record<string, { type?: string; description?: string }>; required?: string[]; secret_fields?: string[] }
  return Object.entries(properties).map(([name, { type, description }]) => [
    name,
    [type ?? 'any', required.includes(name) ? '(required)' : '', secret.includes(name) ? '(secret)' : '', description ?? ''].filter((part) => part !== '').join(' '),
  ])
}

async function blockOf(client: ApiClient, slug: string | undefined, id: string | undefined): Promise<BlockDocument> {
  if ((slug === undefined) === (id === undefined)) throw misused('Say which block: either type/name, or --id.')
  if (id !== undefined) return await found(client.request('GET /block_documents/{id}', { path: { id } }), 'block with the id', id, async () => [])
  const [type, name, ...rest] = slug!.split('/')
  if (!type || !name || rest.length > 0) throw misused(`'${slug}' is no block.`, 'Write type/name, such as slack-webhook/ops.')
  const all = async (): Promise<string[]> => (await readAll<BlockDocument>(client, '/block_documents/filter')).map(slugOf)
  const one = client.request('GET /block_types/slug/{slug}/block_documents/name/{block_document_name}', { path: { slug: type, block_document_name: name } })
  const block = await found(one, 'block', slug!, all, "'spillway block ls' lists them.")
  if (!block) throw notFound('block', slug!, await all())
  return block
}
