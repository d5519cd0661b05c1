import { any } from '@spillway/core/wire/schema'
import { formatWall } from '@spillway/core/wire/time'
import type { LogRow } from '../storage/rows/logs.ts'
import type { Store } from '../storage/store.ts'
import { route, type Route } from './route.ts'

const PAGE_ROWS = 1_000

const HEADER = 'timestamp,level,flow_run_id,task_run_id,message\r\n'

type LogPage = Awaited<ReturnType<typeof readPageAfter>>

function readPageAfter(store: Store, flowRunId: string, after: { timestamp: number; seq: number } | undefined) {
  return store.read('readLogPage', { flowRunId, after, limit: PAGE_ROWS }, 'scan')
}

/** The CSV text of a run's log, one page of rows at a time. */
async function* csvPages(store: Store, flowRunId: string, first: LogPage): AsyncGenerator<string> {
  for (let page = first; ; page = await readPageAfter(store, flowRunId, page.next)) {
    if (page.rows.length > 0) yield page.rows.map(csvLine).join('')
    if (!page.next) return
  }
}

function csvLine(row: LogRow): string {
  const time = `${formatWall(row.timestamp, ' ')}+00:00`
  return `${[time, String(row.level), row.flow_run_id ?? '', row.task_run_id ?? '', row.message].map(csvField).join()}\r\n`
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Percent-encoded but for what RFC 3986 leaves unreserved. */
function encodeFileName(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

export const logDownloadRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/flow_runs/{id}/logs/download',
    operationId: 'download_logs_flow_runs__id__logs_download_get',
    tag: 'Flow Runs',
    params: { id: 'uuid' },
    replies: { 200: any() },
    async handle({ params }, { store }) {
      const first = await readPageAfter(store, params.id, undefined)
      return {
        status: 200,
        contentType: 'text/csv; charset=utf-8',
        text: HEADER,
        stream: csvPages(store, params.id, first),
        headers: {
          'content-disposition':
            `attachment; filename="flow-run-logs.csv"; filename*=UTF-8''${encodeFileName(`${first.flowRunName}-logs.csv`)}`,
        },
      }
    },
  }),
]
