import type { Log } from '@spillway/core/wire/logs'
import type { ApiClient } from '@spillway/sdk'
import { localTime } from './times.ts'

const LEVELS: readonly (readonly [least: number, name: string])[] = [[50, 'CRITICAL'], [40, 'ERROR'], [30, 'WARNING'], [20, 'INFO'], [10, 'DEBUG']]
/** The most that servers give at once. */
const PAGE = 200
/** Log records reach the server in batches: one may be older than others that are there already. */
const LATE_MS = 10_000

/** Log records as lines: `2026-01-31 09:30:00.123 | INFO    | Flow run 'dam' - message`. Those of a task run have its name. */
export class LogLines {
  readonly #client: ApiClient
  readonly #flowRun: string
  readonly #taskRuns = new Map<string, string>()

  /** @param flowRun the name of the flow run */
  constructor(client: ApiClient, flowRun: string) {
    this.#client = client
    this.#flowRun = flowRun
  }

  async of(logs: readonly Log[]): Promise<string[]> {
    const unknown = [...new Set(logs.flatMap(({ task_run_id: id }) => (id == null || this.#taskRuns.has(id) ? [] : [id])))]
    for (let at = 0; at < unknown.length; at += PAGE) {
      const found = await this.#client.filterTaskRuns({ task_runs: { id: { any_: unknown.slice(at, at + PAGE) } }, limit: PAGE })
      for (const { id, name } of found) this.#taskRuns.set(id, name ?? id)
    }
    return logs.map(({ timestamp, level, message, task_run_id: taskRunId }) => {
      // A task run that is not recorded yet will be; its flow run is known.
      const taskRun = taskRunId == null ? undefined : this.#taskRuns.get(taskRunId)
      const whose = taskRun === undefined ? `Flow run '${this.#flowRun}'` : `Task run '${taskRun}'`
      return `${localTime(timestamp)} | ${levelName(level).padEnd(7)} | ${whose} - ${message}`
    })
  }
}

/** All log records that match, page after page. */
export async function* logPages(client: ApiClient, filter: object, sort: 'TIMESTAMP_ASC' | 'TIMESTAMP_DESC', most = Infinity): AsyncGenerator<Log[]> {
  for (let offset = 0; offset < most; offset += PAGE) {
    const page = await client.filterLogs({ logs: filter, sort, offset, limit: Math.min(PAGE, most - offset) })
    yield page
    if (page.length < PAGE) return
  }
}

/** Gives the records that came since it was last asked, each once. */
export class NewLogs {
  readonly #client: ApiClient
  readonly #filter: object
  readonly #seen = new Map<string, number>()
  #latestMs = 0

  /** @param filter of the logs, such as `{ flow_run_id: { any_: […] } }` */
  constructor(client: ApiClient, filter: object) {
    this.#client = client
    this.#filter = filter
  }

  /** Takes a record for seen. */
  note({ id, timestamp }: Log): void {
    const atMs = Date.parse(timestamp)
    this.#seen.set(id, atMs)
    this.#latestMs = Math.max(this.#latestMs, atMs)
  }

  async read(): Promise<Log[]> {
    const fromMs = this.#latestMs - LATE_MS
    const since = this.#latestMs === 0 ? {} : { timestamp: { after_: new Date(fromMs).toISOString() } }
    const fresh: Log[] = []
    for await (const page of logPages(this.#client, { ...this.#filter, ...since }, 'TIMESTAMP_ASC')) fresh.push(...page.filter(({ id }) => !this.#seen.has(id)))
    for (const log of fresh) this.note(log)
    for (const [id, atMs] of this.#seen) if (atMs < fromMs) this.#seen.delete(id)
    return fresh
  }
}

function levelName(level: number): string {
  return LEVELS.find(([least]) => level >= least)?.[1] ?? String(level)
}
