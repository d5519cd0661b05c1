import type { Command } from 'commander'
import { repeated, wholeNumber } from './command.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { nearNames } from './near-names.ts'

export interface StateOptions {
  readonly state?: readonly string[]
  readonly stateType?: readonly string[]
}

const TYPES = ['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED', 'CANCELLING']
const NAMES = ['Scheduled', 'Pending', 'Running', 'Completed', 'Failed', 'Cancelled', 'Crashed', 'Paused', 'Cancelling', 'Suspended', 'AwaitingRetry', 'Retrying', 'Late', 'Cached', 'TimedOut', 'RolledBack', 'Resuming', 'AwaitingConcurrencySlot']

/** Adds `--limit`, `--state` and `--state-type` to a command that lists runs. */
export function withRunListOptions(command: Command): Command {
  return command
    .option('--limit <n>', 'how many at most', wholeNumber(1), 15)
    .option('--state <name>', 'in a state of this name; may be repeated', repeated)
    .option('--state-type <type>', 'in a state of this type; may be repeated', repeated)
}

/** The part of a filter that `--state` and `--state-type` ask for. Known names may be written in any case. */
export function stateFilter(runs: 'flow_runs' | 'task_runs', { state, stateType }: StateOptions): object {
  if (state === undefined && stateType === undefined) return {}
  const types = stateType?.map((type) => type.toUpperCase())
  const wrong = types?.find((type) => !TYPES.includes(type))
  if (wrong !== undefined) {
    throw new CommandError(`There is no state type '${wrong}'.`, { remedy: `Types are ${TYPES.join(', ')}; did you mean ${nearNames(wrong, TYPES)[0] ?? '--state'}?`, exitCode: EXIT.usage })
  }
  const names = state?.map((name) => NAMES.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name)
  return { [runs]: { state: { ...(names ? { name: { any_: names } } : {}), ...(types ? { type: { any_: types } } : {}) } } }
}
