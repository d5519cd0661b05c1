import { Operator } from '../common.ts'
import { boolean, dateTime, integer, list, optional, strictModel, text, uuid, withOptions } from '../schema.ts'
import type { Static } from '../schema.ts'

export const LogFilterFlowRunId = strictModel('LogFilterFlowRunId', {
  any_: optional(list(uuid())),
})
export type LogFilterFlowRunId = Static<typeof LogFilterFlowRunId>

export const LogFilterLevel = strictModel('LogFilterLevel', {
  ge_: optional(integer()),
  le_: optional(integer()),
})
export type LogFilterLevel = Static<typeof LogFilterLevel>

export const LogFilterTaskRunId = strictModel('LogFilterTaskRunId', {
  any_: optional(list(uuid())),
  is_null_: optional(boolean()),
})
export type LogFilterTaskRunId = Static<typeof LogFilterTaskRunId>

export const LogFilterTextSearch = strictModel('LogFilterTextSearch', {
  query: text({ maxLength: 200 }),
})
export type LogFilterTextSearch = Static<typeof LogFilterTextSearch>

export const LogFilterTimestamp = strictModel('LogFilterTimestamp', {
  before_: optional(dateTime()),
  after_: optional(dateTime()),
})
export type LogFilterTimestamp = Static<typeof LogFilterTimestamp>

export const LogFilter = strictModel('LogFilter', {
  operator: withOptions(Operator, { default: 'and_' }),
  level: optional(LogFilterLevel),
  timestamp: optional(LogFilterTimestamp),
  flow_run_id: optional(LogFilterFlowRunId),
  task_run_id: optional(LogFilterTaskRunId),
  text: optional(LogFilterTextSearch),
})
export type LogFilter = Static<typeof LogFilter>
