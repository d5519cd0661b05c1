import type { WorkPoolResponse } from '@spillway/core/wire/work-pools'
import type { Command } from 'commander'
import { writeFile } from 'node:fs/promises'
import { confirmable, subcommand, wholeNumber, withCli } from '../command.ts'
import { CommandError } from '../exit-codes.ts'
import { inPath, misused, readAll } from '../reads.ts'
import { readDocument } from '../values.ts'
import { askForType } from '../work-pools/ask-for-pool.ts'
import { showDueRuns } from '../work-pools/due-runs.ts'
import { setDefaultPool } from '../work-pools/default-pool.ts'
import { makePool } from '../work-pools/make-pool.ts'
import { addSlots } from '../work-pools/slots.ts'
import { baseJobTemplateOf, poolOf, workerTypesOf } from '../work-pools/reads.ts'

interface CreateOptions {
  readonly type?: string
  readonly baseJobTemplate?: string
  readonly paused?: boolean
  readonly setAsDefault?: boolean
  readonly overwrite?: boolean
}

interface UpdateOptions {
  readonly baseJobTemplate?: string
  readonly concurrencyLimit?: number
  readonly description?: string
}

export function workPoolCommands(group: Command): void {
  subcommand(group, 'create [name]', 'Create a work pool, or with --overwrite change it.', 'spillway work-pool create local --type process', 'spillway work-pool create k8s --type kubernetes --base-job-template job.json --paused')
    .option('-t, --type <type>', 'how its workers run things: process, docker, kubernetes, …')
    .option('--base-job-template <file>', 'JSON file with the template of its jobs (default: that of the type)')
    .option('--paused', 'create it paused')
    .option('--set-as-default', 'make it the pool of deployments that name none')
    .option('--overwrite', 'change a pool that is there already')
    .action(
      withCli(async (cli, given: string | undefined, options: CreateOptions) => {
        const name = await cli.orAsk(given, ({ askFor }) => askFor('How shall the work pool be called?'), () => misused('The work pool needs a name.', 'Write: spillway work-pool create local --type process'))
        if (name.trim() === '') throw misused('The name of a work pool cannot be empty.')
        const client = await cli.client()
        const before = await client.findWorkPool(name)
        if (before && !options.overwrite) throw new CommandError(`There is a work pool '${name}' already.`, { remedy: 'Add --overwrite to change it.' })
        if (before && options.type !== undefined && options.type !== before.type) throw misused(`The work pool '${name}' is of type ${before.type}, which cannot be changed.`)
        const template = options.baseJobTemplate === undefined ? undefined : await readDocument(options.baseJobTemplate)
        if (before) {
          await client.call('PATCH', `/work_pools/${inPath(name)}`, { is_paused: options.paused ?? before.is_paused, ...(template ? { base_job_template: template } : {}) })
        } else {
          const types = async (): Promise<string> => (await workerTypesOf(client)).map((one) => one.type).join(', ')
          const type = await cli.orAsk(options.type, (prompts) => askForType(prompts, client), async () => misused('--type is missing.', `Types that this server knows: ${await types()}.`))
          await makePool(client, name, type, { template, isPaused: options.paused ?? false })
        }
        if (options.setAsDefault) cli.note(`'${name}' is the default work pool now (${await setDefaultPool(cli, name)}).`)
        const pool = await poolOf(client, name)
        cli.show(pool, () => {
          cli.print(`${before ? 'Updated' : 'Created'} work pool '${name}'.`)
          cli.note(`Start a worker for it with: ${workerCommand(pool)}`)
        })
      }),
    )

  subcommand(group, 'ls', 'List work pools.', 'spillway work-pool ls', 'spillway work-pool ls --verbose')
    .option('-v, --verbose', 'also the templates of their jobs')
    .action(
      withCli(async (cli, { verbose }: { verbose?: boolean }) => {
        const pools = (await readAll<WorkPoolResponse>(await cli.client(), '/work_pools/filter')).toSorted((a, b) => a.name.localeCompare(b.name))
        cli.show(pools, () =>
          cli.table(
            pools,
            [
              { title: 'Name', text: ({ name }) => name, isWhole: true },
              { title: 'Type', text: ({ type }) => type },
              { title: 'Status', text: ({ status, is_paused: isPaused }) => (isPaused ? 'paused' : (status ?? '').toLowerCase().replace('_', ' ')) },
              { title: 'Limit', text: (row) => String(row.concurrency_limit ?? '') },
              { title: 'ID', text: ({ id }) => id },
              ...(verbose
                ? [
                    { title: 'Description', text: (row: WorkPoolResponse) => row.description ?? '' },
                    { title: 'Base job template', text: (row: WorkPoolResponse) => JSON.stringify(row.base_job_template) },
                  ]
                : []),
            ],
            'There are no work pools. Make one with: spillway work-pool create local --type process',
          ),
        )
      }),
    )

  subcommand(group, 'inspect <name>', 'Show a work pool.', 'spillway work-pool inspect local').action(
    withCli(async (cli, name: string) => {
      const pool = await poolOf(await cli.client(), name)
      cli.show(pool, () => cli.fields(pool))
    }),
  )

  const change = (name: string, description: string, body: object, said: string): void => {
    subcommand(group, `${name} <name>`, description, `spillway work-pool ${name} local`).action(
      withCli(async (cli, pool: string) => {
        const client = await cli.client()
        await poolOf(client, pool)
        await client.request('PATCH /work_pools/{name}', { path: { name: pool }, body })
        const changed = await poolOf(client, pool)
        cli.show(changed, () => cli.print(`${said} work pool '${pool}'.`))
      }),
    )
  }
  change('pause', 'Pause a work pool: its workers get no runs.', { is_paused: true }, 'Paused')
  change('resume', 'Resume a work pool.', { is_paused: false }, 'Resumed')
  change('clear-concurrency-limit', 'Let any number of runs of a work pool be under way.', { concurrency_limit: null }, 'Cleared the concurrency limit of')

  subcommand(group, 'set-concurrency-limit <name>', 'Limit how many runs of a work pool are under way at a time.', 'spillway work-pool set-concurrency-limit local 5')
    .argument('<limit>', 'runs at a time', wholeNumber())
    .action(
      withCli(async (cli, name: string, limit: number) => {
        const client = await cli.client()
        await poolOf(client, name)
        await client.request('PATCH /work_pools/{name}', { path: { name }, body: { concurrency_limit: limit } })
        const pool = await poolOf(client, name)
        cli.show(pool, () => cli.print(`The work pool '${name}' runs ${limit} at a time.`))
      }),
    )

  subcommand(group, 'update <name>', 'Change a work pool.', 'spillway work-pool update local --concurrency-limit 5 --description "this machine"')
    .option('--base-job-template <file>', 'JSON file with the template of its jobs')
    .option('--concurrency-limit <count>', 'runs at a time', wholeNumber())
    .option('--description <text>', 'what it is for')
    .action(
      withCli(async (cli, name: string, { baseJobTemplate, concurrencyLimit, description }: UpdateOptions) => {
        const body = {
          ...(baseJobTemplate === undefined ? {} : { base_job_template: await readDocument(baseJobTemplate) }),
          ...(concurrencyLimit === undefined ? {} : { concurrency_limit: concurrencyLimit }),
          ...(description === undefined ? {} : { description }),
        }
        if (Object.keys(body).length === 0) throw misused('Nothing is to be changed.', 'Say what: --base-job-template, --concurrency-limit or --description.')
        const client = await cli.client()
        await poolOf(client, name)
        await client.call('PATCH', `/work_pools/${inPath(name)}`, body)
        const pool = await poolOf(client, name)
        cli.show(pool, () => cli.print(`Updated work pool '${name}'.`))
      }),
    )

  confirmable(subcommand(group, 'delete <name>', 'Delete a work pool with its queues.', 'spillway work-pool delete local --yes')).action(
    withCli(async (cli, name: string) => {
      const client = await cli.client()
      const { id } = await poolOf(client, name)
      await cli.confirm(`Delete the work pool '${name}' and its queues?`)
      await client.request('DELETE /work_pools/{name}', { path: { name } })
      cli.show({ deleted: [id] }, () => cli.print(`Deleted work pool '${name}'.`))
    }),
  )

  subcommand(group, 'preview <name>', 'List the runs that workers of a pool would get next.', 'spillway work-pool preview local --hours 12')
    .helpOption('--help')
    .option('-h, --hours <count>', 'how far ahead', wholeNumber(1), 1)
    .action(
      withCli(async (cli, name: string, { hours }: { hours: number }) => {
        const client = await cli.client()
        await poolOf(client, name)
        const until = new Date(Date.now() + hours * 3_600_000).toISOString()
        const found = await client.request('POST /work_pools/{name}/get_scheduled_flow_runs', { path: { name }, body: { scheduled_before: until } }, { repeatable: true })
        showDueRuns(cli, found.map((one) => one.flow_run), 'No runs are due by then; --hours looks further ahead.')
      }),
    )

  subcommand(group, 'get-default-base-job-template', 'Print the template of jobs that a type of pool has by default.', 'spillway work-pool get-default-base-job-template --type process --file job.json')
    .requiredOption('-t, --type <type>', 'type of the pool')
    .option('-f, --file <path>', 'write it there')
    .action(
      withCli(async (cli, { type, file }: { type: string; file?: string }) => {
        const template = await baseJobTemplateOf(await cli.client(), type)
        const text = JSON.stringify(template, null, 2)
        if (file === undefined) return cli.print(text)
        await writeFile(file, `${text}\n`)
        cli.note(`The template is written to ${file}.`)
      }),
    )

  addSlots(group, 'work-pool', async (client, name) => ({ ...(await poolOf(client, name)), path: `/work_pools/${inPath(name)}/concurrency_status` }))
}

function workerCommand({ name, type }: WorkPoolResponse): string {
  return type === 'process' ? `spillway worker start --pool ${name}` : `prefect worker start --pool ${name} --type ${type}`
}
