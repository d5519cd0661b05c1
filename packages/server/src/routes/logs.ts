import { Log, LogBatch, ReadLogsBody } from '@spillway/core/wire/logs'
import { list } from '@spillway/core/wire/schema'
import { readPage } from '../storage/page.ts'
import { route, type Route } from './route.ts'

export const logRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/logs/',
    operationId: 'create_logs_logs__post',
    tag: 'Logs',
    body: LogBatch,
    bodyLimit: 'logBodyBytes',
    workClass: 'log',
    replies: { 201: null },
    handle: ({ body }, { store, settings }) =>
      store.write('createLogs', { logs: body, publish: settings.logs.streamOutEnabled }, 'log'),
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
