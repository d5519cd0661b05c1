import { LogFilter } from './filters/logs.ts'
import {
  absentIsNull,
  bodyParameters,
  dateTime,
  enumOf,
  integer,
  list,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

export const LogSort = enumOf('LogSort', ['TIMESTAMP_ASC', 'TIMESTAMP_DESC'])
export type LogSort = Static<typeof LogSort>

export const Log = model('Log', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: text(),
  level: integer(),
  message: text(),
  timestamp: dateTime(),
  flow_run_id: optional(uuid()),
  task_run_id: optional(uuid()),
})
export type Log = Static<typeof Log>

export const LogCreate = strictModel('LogCreate', {
  name: text(),
  level: integer(),
  message: text(),
  timestamp: dateTime(),
  flow_run_id: optional(uuid()),
  task_run_id: optional(uuid()),
})
export type LogCreate = Static<typeof LogCreate>

export const ReadLogsBody = bodyParameters('Body_read_logs_logs_filter_post', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
  logs: optional(LogFilter),
  sort: withOptions(LogSort, { default: 'TIMESTAMP_ASC' }),
})
export type ReadLogsBody = Static<typeof ReadLogsBody>

/** A batch of log lines. */
export const LogBatch = list(LogCreate, { isSequence: true })

export * from './filters/logs.ts'
