import type { WorkQueueResponse } from '@spillway/core/wire/work-queues'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { confirmable, subcommand, wholeNumber, withCli } from '../command.ts'
import { isId } from '../flow-runs.ts'
import { found, inPath, maybe, readAll } from '../reads.ts'
import { ago } from '../times.ts'
import { showDueRuns } from '../work-pools/due-runs.ts'
import { addSlots } from '../work-pools/slots.ts'
import { poolOf } from '../work-pools/reads.ts'

interface InPool {
  readonly pool?: string
}

export function workQueueCommands(group: Command): void {
  inPool(subcommand(group, 'create <name>', 'Create a work queue.', 'spillway work-queue create urgent --pool local --priority 1 --limit 2'))
    .option('-l, --limit <count>', 'runs of the queue at a time', wholeNumber())
    .option('-q, --priority <number>', 'queues with lower numbers come first', wholeNumber(1))
    .action(
      withCli(async (cli, name: string, { pool, limit, priority }: InPool & { limit?: number; priority?: number }) => {
        const client = await cli.client()
        if (pool !== undefined) await poolOf(client, pool)
        const path = pool === undefined ? '/work_queues/' : `/work_pools/${inPath(pool)}/queues`
        const queue = await client.call<WorkQueueResponse>('POST', path, { name, ...(limit === undefined ? {} : { concurrency_limit: limit }), ...(priority === undefined ? {} : { priority }) })
        cli.show(queue, () => {
          cli.print(`Created work queue '${name}' (${queue.id}).`)
          cli.note(`Start a worker for it with: spillway worker start --pool ${queue.work_pool_name ?? pool ?? 'default-agent-pool'} --work-queue ${name}`)
        })
      }),
    )

  inPool(subcommand(group, 'ls', 'List work queues.', 'spillway work-queue ls', 'spillway work-queue ls --pool local --match ur'))
    .option('-m, --match <prefix>', 'only queues whose names begin so')
    .option('-v, --verbose', 'also descriptions and when they were polled')
    .action(
      withCli(async (cli, { pool, match, verbose }: InPool & { match?: string; verbose?: boolean }) => {
        const client = await cli.client()
        if (pool !== undefined) await poolOf(client, pool)
        const filter = match === undefined ? {} : { work_queues: { name: { startswith_: [match] } } }
        const queues = await readAll<WorkQueueResponse>(client, pool === undefined ? '/work_queues/filter' : `/work_pools/${inPath(pool)}/queues/filter`, filter)
        cli.show(queues, () =>
          cli.table(
            queues,
            [
              { title: 'Name', text: ({ name }) => name, isWhole: true },
              { title: 'Pool', text: (queue) => queue.work_pool_name ?? pool ?? '' },
              { title: 'Status', text: ({ status, is_paused: isPaused }) => (isPaused ? 'paused' : (status ?? '').toLowerCase().replace('_', ' ')) },
              { title: 'Priority', text: ({ priority }) => String(priority) },
              { title: 'Limit', text: (queue) => String(queue.concurrency_limit ?? '') },
              { title: 'ID', text: ({ id }) => id },
              ...(verbose
                ? [
                    { title: 'Polled', text: (queue: WorkQueueResponse) => ago(queue.last_polled) },
                    { title: 'Description', text: (queue: WorkQueueResponse) => queue.description ?? '' },
                  ]
                : []),
            ],
            'There are no work queues.',
          ),
        )
      }),
    )

  inPool(subcommand(group, 'inspect <name>', 'Show a work queue and its health.', 'spillway work-queue inspect default --pool local')).action(
    withCli(async (cli, name: string, { pool }: InPool) => {
      const client = await cli.client()
      const queue = await queueOf(client, name, pool)
      const status = await maybe(client.request('GET /work_queues/{id}/status', { path: { id: queue.id } }))
      const whole = { ...queue, ...(status ? { status_details: status } : {}) }
      cli.show(whole, () => cli.fields({ ...queue, last_polled: ago(queue.last_polled), healthy: status?.healthy, 'late runs': status?.late_runs_count }))
    }),
  )

  const change = (command: Command, said: string, changes: (limit: number) => object): void => {
    inPool(command).action(
      withCli(async (cli, name: string, ...given: unknown[]) => {
        const { pool } = given.at(-1) as InPool
        const client = await cli.client()
        const queue = await queueOf(client, name, pool)
        if (pool === undefined && said === 'Paused') await cli.confirm(`No pool was named. Pause the queue '${name}' of '${queue.work_pool_name ?? 'default-agent-pool'}'?`)
        await client.request('PATCH /work_queues/{id}', { path: { id: queue.id }, body: changes(given[0] as number) })
        const changed = await queueOf(client, queue.id, undefined)
        cli.show(changed, () => cli.print(`${said} work queue '${name}'${pool === undefined ? '' : ` of the pool '${pool}'`}.`))
      }),
    )
  }
  change(confirmable(subcommand(group, 'pause <name>', 'Pause a work queue: workers get none of its runs.', 'spillway work-queue pause urgent --pool local')), 'Paused', () => ({ is_paused: true }))
  change(subcommand(group, 'resume <name>', 'Resume a work queue.', 'spillway work-queue resume urgent --pool local'), 'Resumed', () => ({ is_paused: false }))
  change(
    subcommand(group, 'set-concurrency-limit <name>', 'Limit how many runs of a work queue are under way at a time.', 'spillway work-queue set-concurrency-limit urgent 3 --pool local').argument('<limit>', 'runs at a time', wholeNumber()),
    'Set the concurrency limit of',
    (limit) => ({ concurrency_limit: limit }),
  )
  change(
    subcommand(group, 'clear-concurrency-limit <name>', 'Let any number of runs of a work queue be under way.', 'spillway work-queue clear-concurrency-limit urgent --pool local'),
    'Cleared the concurrency limit of',
    () => ({ concurrency_limit: null }),
  )

  confirmable(inPool(subcommand(group, 'delete <name>', 'Delete a work queue.', 'spillway work-queue delete urgent --pool local --yes'))).action(
    withCli(async (cli, name: string, { pool }: InPool) => {
      const client = await cli.client()
      const { id } = await queueOf(client, name, pool)
      await cli.confirm(`Delete the work queue '${name}'?`)
      await client.request('DELETE /work_queues/{id}', { path: { id } })
      cli.show({ deleted: [id] }, () => cli.print(`Deleted work queue '${name}'.`))
    }),
  )

  inPool(subcommand(group, 'preview <name>', 'List the runs of a work queue that are due next.', 'spillway work-queue preview default --pool local --hours 12'))
    .helpOption('--help')
    .option('-h, --hours <count>', 'how far ahead', wholeNumber(1), 1)
    .action(withCli(async (cli, name: string, { pool, hours }: InPool & { hours: number }) => await showRuns(cli, name, pool, new Date(Date.now() + hours * 3_600_000))))

  inPool(subcommand(group, 'read-runs <name>', 'Poll a work queue once, as a worker does, and list the runs that it gives.', 'spillway work-queue read-runs default --pool local')).action(
    withCli(async (cli, name: string, { pool }: InPool) => await showRuns(cli, name, pool)),
  )

  addSlots(group, 'work-queue', async (client, name, pool) => ({ path: `/work_queues/${(await queueOf(client, name, pool)).id}/concurrency_status` }))
}

function inPool(command: Command): Command {
  return command.option('-p, --pool <name>', 'work pool of the queue')
}

async function showRuns(cli: Cli, name: string, pool: string | undefined, until?: Date): Promise<void> {
  const client = await cli.client()
  const { id } = await queueOf(client, name, pool)
  const runs = await client.request('POST /work_queues/{id}/get_runs', { path: { id }, body: until ? { scheduled_before: until.toISOString() } : {} }, { repeatable: true, ...(until ? { headers: { 'x-prefect-ui': 'true' } } : {}) })
  showDueRuns(cli, runs, until ? 'No runs are due by then; --hours looks further ahead.' : 'The queue has no runs that are due.')
}

/** A queue by its id, or by its name in a pool (default: the pool of old agents). */
async function queueOf(client: ApiClient, name: string, pool: string | undefined): Promise<WorkQueueResponse> {
  if (pool !== undefined) await poolOf(client, pool)
  const filter = pool === undefined ? '/work_queues/filter' : `/work_pools/${inPath(pool)}/queues/filter`
  const path = pool !== undefined && !isId(name) ? `/work_pools/${inPath(pool)}/queues/${inPath(name)}` : isId(name) ? `/work_queues/${name}` : `/work_queues/name/${inPath(name)}`
  const names = async (): Promise<string[]> => (await readAll<WorkQueueResponse>(client, filter)).map((queue) => queue.name)
  return await found(client.call<WorkQueueResponse>('GET', path), pool === undefined ? 'work queue' : `work queue of the pool '${pool}' called`, name, names, pool === undefined ? 'Name its pool with --pool.' : `'spillway work-queue ls --pool ${pool}' lists them.`)
}
