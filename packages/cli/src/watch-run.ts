import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { Cli } from './cli.ts'
import { CommandError } from './exit-codes.ts'

export interface WatchOptions {
  /** Between two looks where no event tells of a change. Default 5. */
  readonly intervalSeconds?: number | undefined
  readonly timeoutSeconds?: number | undefined
}

const ENDED = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']

/**
 * Tells each state of a run until it has ended: of its events as they come, and by a look now and then.
 *
 * @throws {CommandError} when the time is over before
 */
export async function watchRun(cli: Cli, id: string, { intervalSeconds = 5, timeoutSeconds }: WatchOptions = {}): Promise<FlowRunResponse> {
  const client = await cli.client()
  const { Session } = await import('@spillway/sdk')
  const session = new Session({ settings: await cli.sdkSettings(), logSink: ({ message }) => cli.note(message) })
  const untilMs = performance.now() + (timeoutSeconds ?? Infinity) * 1000
  const progress = cli.progress('Waiting for the run…')
  try {
    for (let before: string | null | undefined; ; ) {
      const run = await client.readFlowRun(id)
      if (run.state_id !== before) {
        progress.end()
        cli.note(`${run.name}: ${run.state_name ?? run.state_type}${run.state?.message ? ` (${run.state.message})` : ''}`)
      }
      before = run.state_id
      if (run.state_type !== null && ENDED.includes(run.state_type)) return run
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) throw new CommandError(`The run '${run.name}' has not ended within ${timeoutSeconds} s; it is ${run.state_name}.`, { remedy: `It goes on. Look again with: spillway flow-run inspect ${id}` })
      await session.remote!.watcher.until(id, () => true, Math.min(intervalSeconds * 1000, leftMs))
    }
  } finally {
    progress.end()
    await session.close()
  }
}
