import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { State } from '@spillway/core/wire/states'
import type { ApiClient } from '@spillway/sdk'
import type { Cli } from './cli.ts'
import { CommandError } from './exit-codes.ts'
import { paintState } from './flow-runs.ts'
import { LogLines, NewLogs } from './log-lines.ts'
import { localTime } from './times.ts'

const POLL_FIRST_MS = 250
const POLL_MAX_MS = 2000
/** The last log records of a run come after its last state. */
const LAST_LOGS_MS = 2500
const FINAL: readonly string[] = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']

export interface WatchOptions {
  readonly timeoutSeconds?: number | undefined
  /** Between two looks at the run. Default: short ones after something has happened, longer ones while nothing does. */
  readonly intervalSeconds?: number | undefined
  /** Log records that have been shown are not shown again. */
  readonly logs?: NewLogs
  /** Whether changes of state are shown beside the logs. Default true. */
  readonly showStates?: boolean
}

/**
 * Shows the states and logs of a flow run as they come, until it has ended. With `--json` they go to stderr.
 *
 * @returns the run as it has ended
 * @throws {CommandError} when it has not ended in time; it goes on
 */
export async function watchFlowRun(cli: Cli, client: ApiClient, id: string, options: WatchOptions = {}): Promise<FlowRunResponse> {
  const { logs = new NewLogs(client, { flow_run_id: { any_: [id] } }), timeoutSeconds = Infinity, showStates = true, intervalSeconds } = options
  const untilMs = performance.now() + timeoutSeconds * 1000
  const say = (line: string): void => (cli.isJson ? cli.note(line) : cli.print(line))
  const shown = new Set<string>()
  let logLines: LogLines | undefined
  let pollMs = POLL_FIRST_MS
  let quietUntilMs: number | undefined
  for (;;) {
    const [states, fresh, run] = [await client.flowRunStates(id), await logs.read(), await client.readFlowRun(id)]
    const news = showStates ? states.filter((state) => !shown.has(state.id)) : []
    for (const { id: stateId } of news) shown.add(stateId)
    const name = `Flow run '${String(run.name)}'`
    logLines ??= new LogLines(client, String(run.name))
    const texts = await logLines.of(fresh)
    const lines = [
      ...fresh.map((log, index) => ({ timestamp: log.timestamp, line: texts[index]! })),
      ...news.map((state) => ({ timestamp: state.timestamp ?? '', line: stateLine(cli, state, name) })),
    ]
    for (const { line } of lines.sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))) say(line)
    const nowMs = performance.now()
    if (fresh.length > 0) quietUntilMs = undefined
    if (FINAL.includes(run.state_type ?? '')) {
      quietUntilMs ??= nowMs + LAST_LOGS_MS
      if (nowMs >= quietUntilMs) return run
    }
    if (nowMs >= untilMs) throw new CommandError(`${name} has not ended within ${timeoutSeconds} seconds; it is ${String(run.state_name)}, and goes on.`)
    pollMs = intervalSeconds !== undefined ? intervalSeconds * 1000 : lines.length > 0 ? POLL_FIRST_MS : Math.min(POLL_MAX_MS, pollMs * 1.5)
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, untilMs - nowMs)))
  }
}

/** Ends a command that has waited for a run with the run's own success. @throws {CommandError} unless it completed */
export function expectCompleted(run: FlowRunResponse): void {
  if (run.state_type === 'COMPLETED') return
  const { message } = run.state ?? {}
  throw new CommandError(`The flow run '${String(run.name)}' ended ${String(run.state_name)}${message ? `: ${message.replace(/\.$/, '')}` : ''}.`, { remedy: `Its logs: spillway flow-run logs ${run.id}` })
}

function stateLine(cli: Cli, { timestamp, type, name, message }: State, whose: string): string {
  return `${localTime(timestamp)} | ${'STATE'.padEnd(7)} | ${whose} is ${paintState(cli, type, name ?? type)}${message ? `: ${message}` : ''}`
}
