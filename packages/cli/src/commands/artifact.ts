import type { Artifact, ArtifactCollection } from '@spillway/core/wire/artifacts'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { notFound } from '../cli.ts'
import { confirmable, subcommand, wholeNumber, withCli } from '../command.ts'
import { found, misused, readAll } from '../reads.ts'
import { ago } from '../times.ts'

export function artifactCommands(group: Command): void {
  subcommand(group, 'ls', 'List the latest artifact of each key.', 'spillway artifact ls', 'spillway artifact ls --all --limit 500')
    .option('--limit <count>', 'how many at most', wholeNumber(1), 100)
    .option('-a, --all', 'every version of each key, and artifacts without a key')
    .action(
      withCli(async (cli, { limit, all }: { limit: number; all?: boolean }) => {
        const client = await cli.client()
        const artifacts = all
          ? await readAll<Artifact>(client, '/artifacts/filter', { sort: 'KEY_ASC' }, limit)
          : await readAll<ArtifactCollection>(client, '/artifacts/latest/filter', { sort: 'KEY_ASC' }, limit)
        cli.show(artifacts, () =>
          cli.table<Artifact | ArtifactCollection>(
            artifacts,
            [
              { title: 'ID', text: (row) => ('latest_id' in row ? row.latest_id : (row.id ?? '')), isWhole: true },
              { title: 'Key', text: ({ key }) => key ?? '' },
              { title: 'Type', text: ({ type }) => type ?? '' },
              { title: 'Description', text: ({ description }) => description ?? '' },
              { title: 'Updated', text: ({ updated }) => ago(updated) },
            ],
            'There are no artifacts.',
          ),
        )
      }),
    )

  subcommand(group, 'inspect <key>', 'Show the artifacts of a key, the latest first.', 'spillway artifact inspect daily-report --limit 1')
    .option('--limit <count>', 'how many at most', wholeNumber(1), 10)
    .action(
      withCli(async (cli, key: string, { limit }: { limit: number }) => {
        const artifacts = await ofKey(await cli.client(), key, limit)
        cli.show(artifacts, () => {
          for (const [index, artifact] of artifacts.entries()) {
            if (index > 0) cli.print()
            cli.fields({ ...artifact })
          }
        })
      }),
    )

  confirmable(subcommand(group, 'delete [key]', 'Delete all artifacts of a key, or one by its id.', 'spillway artifact delete daily-report --yes', 'spillway artifact delete --id 0f8e1a52-1b7a-4a51-8d3e-6a6a5a5ad0a1'))
    .option('--id <id>', 'the artifact to delete')
    .action(
      withCli(async (cli, key: string | undefined, { id }: { id?: string }) => {
        if ((key === undefined) === (id === undefined)) throw misused('Say what to delete: either a key, or an artifact with --id.')
        const client = await cli.client()
        const artifacts = id === undefined ? await ofKey(client, key!) : [await found(client.request('GET /artifacts/{id}', { path: { id } }), 'artifact', id, async () => [])]
        await cli.confirm(id === undefined ? `Delete ${artifacts.length} artifact(s) with the key '${key}'?` : `Delete the artifact '${id}'?`)
        for (const artifact of artifacts) await client.request('DELETE /artifacts/{id}', { path: { id: artifact.id! } })
        cli.show({ deleted: artifacts.map((artifact) => artifact.id) }, () => cli.print(`Deleted ${artifacts.length} artifact(s).`))
      }),
    )
}

async function ofKey(client: ApiClient, key: string, limit = Infinity): Promise<Artifact[]> {
  const artifacts = await readAll<Artifact>(client, '/artifacts/filter', { artifacts: { key: { any_: [key] } }, sort: 'UPDATED_DESC' }, limit)
  if (artifacts.length > 0) return artifacts
  throw notFound('artifact with the key', key, (await readAll<ArtifactCollection>(client, '/artifacts/latest/filter')).map((one) => one.key), "'spillway artifact ls' lists them; --id takes an id.")
}
