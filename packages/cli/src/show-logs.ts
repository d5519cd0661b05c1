import type { Log } from '@spillway/core/wire/logs'
import type { ApiClient } from '@spillway/sdk'
import type { Command } from 'commander'
import type { Cli } from './cli.ts'
import { wholeNumber } from './command.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { LogLines, logPages } from './log-lines.ts'

export interface LogOptions {
  readonly head?: boolean
  readonly tail?: boolean
  readonly reverse?: boolean
  readonly numLogs?: number
}

const FEW = 20

/** Adds the options of a command that shows logs. `-h` is `--head` there, as the `prefect` command has it. */
export function withLogOptions(command: Command): Command {
  return command
    .helpOption('--help', 'display help for command')
    .option('-h, --head', `only the first ${FEW}`)
    .option('-t, --tail', `only the last ${FEW}`)
    .option('-n, --num-logs <n>', `with --head or --tail: so many instead of ${FEW}`, wholeNumber(1))
    .option('-r, --reverse', 'latest first')
}

/**
 * Shows the logs that a filter matches, as the options say.
 *
 * @param flowRun the name of the flow run
 */
export async function showLogs(cli: Cli, client: ApiClient, filter: object, flowRun: string, { head, tail, reverse, numLogs }: LogOptions): Promise<void> {
  if (head && tail) throw new CommandError('--head and --tail exclude each other.', { exitCode: EXIT.usage })
  const most = head || tail ? (numLogs ?? FEW) : Infinity
  const backwards = tail || (reverse === true && !head)
  const lines = new LogLines(client, flowRun)
  const pages = logPages(client, filter, backwards ? 'TIMESTAMP_DESC' : 'TIMESTAMP_ASC', most)
  if (!cli.isJson && backwards === (reverse === true)) {
    // Long logs go out page by page.
    for await (const page of pages) for (const line of await lines.of(page)) cli.print(line)
    return
  }
  const logs: Log[] = []
  const texts: string[] = []
  for await (const page of pages) {
    logs.push(...page)
    if (!cli.isJson) texts.push(...(await lines.of(page)))
  }
  if (backwards !== (reverse === true)) for (const list of [logs, texts]) list.reverse()
  cli.show(logs, () => {
    for (const text of texts) cli.print(text)
  })
}
