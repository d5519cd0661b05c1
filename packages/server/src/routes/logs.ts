import { Log, LogBatch, ReadLogsBody } from '@spillway/core/wire/logs'
import { any, list } from '@spillway/core/wire/schema'
import { readPage } from '../storage/page.ts'
import type { Streams } from '../streams/index.ts'
import { route, type Route } from './route.ts'

/** The log routes; lines are published only while somebody listens. */
export const logRoutes = (streams: Streams): readonly Route[] => [
  route({
    method: 'POST',
    path: '/logs/',
    operationId: 'create_logs_logs__post',
    tag: 'Logs',
    body: LogBatch,
    bodyLimit: 'logBodyBytes',
    workClass: 'log',
    replies: { 201: any() },
    handle: ({ body }, { store }) => store.write('createLogs', { logs: body, publish: streams.hasLogSubscribers() }, 'log'),
  }),
  route({
    method: 'POST',
    path: '/logs/filter',
    operationId: 'read_logs_logs_filter_post',
    tag: 'Logs',
    body: ReadLogsBody,
    replies: { 200: list(Log) },
    handle: ({ body }, { store, settings }) =>
      store.read('listLogs', { filter: body.logs, sort: body.sort, page: readPage(body, settings.defaultLimit) }, 'scan'),
  }),
]
