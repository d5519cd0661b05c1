import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { ApiClient } from '@spillway/sdk'
import { notFound, type Cli } from './cli.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { ago } from './times.ts'

const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

/** Whether a text is an id; what is none is a name. */
export function isId(text: string): boolean {
  return uuid.test(text)
}

/**
 * A flow run by its id or name.
 *
 * @throws {CommandError} when there is none, or when several have the name
 */
export async function findFlowRun(client: ApiClient, idOrName: string): Promise<FlowRunResponse> {
  const filter = isId(idOrName) ? { id: { any_: [idOrName] } } : { name: { any_: [idOrName] } }
  const found = await client.filterFlowRuns({ flow_runs: filter, sort: 'START_TIME_DESC', limit: 10 })
  if (found.length > 1) {
    const runs = found.map(({ id, state_name: state, created }) => `  ${id}  ${String(state)}, made ${ago(created)}`)
    throw new CommandError(`Several flow runs are called '${idOrName}':\n${runs.join('\n')}`, { remedy: 'Give the id of the one that is meant.', exitCode: EXIT.usage })
  }
  const [run] = found
  if (run) return run
  const recent = isId(idOrName) ? [] : await client.filterFlowRuns({ sort: 'EXPECTED_START_TIME_DESC', limit: 200 })
  throw notFound('flow run', idOrName, recent.flatMap(({ name }) => name ?? []), "'spillway flow-run ls' lists the latest ones.")
}

/** The name of a state in the colour that it has everywhere. */
export function paintState(cli: Cli, type: string | null | undefined, text: string): string {
  const colours = { COMPLETED: 'green', FAILED: 'red', CRASHED: 'magenta', RUNNING: 'blue', SCHEDULED: 'yellow' } as const
  const colour = colours[type as keyof typeof colours]
  return colour === undefined ? text : cli.paint(colour, text)
}

/** The time that says most of a run: when it is due, or since when it is as it is. */
export function whenOf({ state, expected_start_time: due }: Pick<FlowRunResponse, 'state' | 'expected_start_time'>): string {
  return ago(state?.type === 'SCHEDULED' ? (state.state_details.scheduled_time ?? due) : state?.timestamp)
}
