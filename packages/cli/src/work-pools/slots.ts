import type { WorkPoolConcurrencyStatus } from '@spillway/core/wire/work-pools'
import type { FlowRunSlotSummary, WorkQueueConcurrencyStatus } from '@spillway/core/wire/work-queues'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import { subcommand, withCli } from '../command.ts'
import { longest } from '../times.ts'

type Status = WorkPoolConcurrencyStatus | WorkQueueConcurrencyStatus

/** Adds `slots` to the groups of pools and queues: who holds the slots of their limit. */
export function addSlots(group: Command, kind: 'work-pool' | 'work-queue', find: (client: ApiClient, name: string, pool: string | undefined) => Promise<{ path: string }>): void {
  const command = subcommand(group, 'slots <name>', `Show how many slots of a ${kind.replace('-', ' ')}'s concurrency limit are taken, and by which runs.`, `spillway ${kind} slots local`)
  if (kind === 'work-queue') command.option('-p, --pool <name>', 'work pool of the queue')
  command.action(
    withCli(async (cli, name: string, { pool }: { pool?: string }) => {
      const client = await cli.client()
      const { path } = await find(client, name, pool)
      const status = await wholeStatus(client, path)
      cli.show(status, () => {
        cli.fields({ slots: `${status.active_slots} of ${status.concurrency_limit ?? 'any number'}` })
        const runs = 'queues' in status ? status.queues.flatMap((queue) => queue.flow_runs.map((run) => ({ ...run, queue: queue.queue_name }))) : status.flow_runs.map((run) => ({ ...run, queue: name }))
        cli.table<FlowRunSlotSummary & { queue: string }>(
          runs,
          [
            { title: 'Flow run', text: (run) => run.name },
            { title: 'Queue', text: (run) => run.queue },
            { title: 'State', text: (run) => run.state_name ?? '' },
            { title: 'For', text: (run) => (run.time_in_current_state == null ? '' : longest(run.time_in_current_state)) },
            { title: 'ID', text: (run) => run.id, isWhole: true },
          ],
          'No run holds a slot.',
        )
      })
    }),
  )
}

/** All pages put together. */
async function wholeStatus(client: ApiClient, path: string): Promise<Status> {
  const read = (page: number): Promise<Status> => client.call('POST', path, { page }, { repeatable: true })
  const whole = await read(1)
  for (let page = 2; page <= whole.pages; page++) {
    const next = await read(page)
    if ('queues' in whole && 'queues' in next) whole.queues.push(...next.queues)
    if ('flow_runs' in whole && 'flow_runs' in next) whole.flow_runs.push(...next.flow_runs)
  }
  return { ...whole, page: 1, pages: 1 }
}
