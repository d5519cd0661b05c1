import { parseIso } from '../wire/time.ts'
import { compileTextQuery, isEmptyTextQuery, parseTextQuery } from './text-search.ts'

type Nullable<T> = T | null | undefined

/** What a filter looks at in a log line. */
export interface FilterableLog {
  name: string
  level: number
  message: string
  /** ISO text */
  timestamp: string
  flow_run_id?: Nullable<string>
  task_run_id?: Nullable<string>
}

export interface LogFilterFields {
  operator?: Nullable<'and_' | 'or_'>
  level?: Nullable<{ ge_?: Nullable<number>; le_?: Nullable<number> }>
  timestamp?: Nullable<{ before_?: Nullable<string>; after_?: Nullable<string> }>
  flow_run_id?: Nullable<{ any_?: Nullable<readonly string[]> }>
  task_run_id?: Nullable<{ any_?: Nullable<readonly string[]>; is_null_?: Nullable<boolean> }>
  text?: Nullable<{ query: string }>
}

type Test = (log: FilterableLog) => boolean

/**
 * Builds the test of a log filter. Members are joined by `operator`, the conditions inside one member always by AND.
 * An empty list matches nothing; an empty member, or no member at all, matches everything.
 */
export function compileLogFilter(filter: LogFilterFields): (log: FilterableLog) => boolean {
  const members: Test[] = []
  if (filter.level) members.push(levelTest(filter.level))
  if (filter.timestamp) members.push(timestampTest(filter.timestamp))
  if (filter.flow_run_id) members.push(idTest((log) => log.flow_run_id, filter.flow_run_id))
  if (filter.task_run_id) members.push(idTest((log) => log.task_run_id, filter.task_run_id))
  if (filter.text) members.push(...textTests(filter.text.query))
  if (members.length === 0) return () => true
  return filter.operator === 'or_'
    ? (log) => members.some((test) => test(log))
    : (log) => members.every((test) => test(log))
}

function levelTest({ ge_, le_ }: NonNullable<LogFilterFields['level']>): Test {
  return ({ level }) => (ge_ == null || level >= ge_) && (le_ == null || level <= le_)
}

function timestampTest({ before_, after_ }: NonNullable<LogFilterFields['timestamp']>): Test {
  const beforeUs = before_ ? parseIso(before_) : undefined
  const afterUs = after_ ? parseIso(after_) : undefined
  return ({ timestamp }) => {
    const us = parseIso(timestamp) ?? NaN
    return (beforeUs === undefined || us <= beforeUs) && (afterUs === undefined || us >= afterUs)
  }
}

function idTest(
  pick: (log: FilterableLog) => Nullable<string>,
  { any_, is_null_ }: NonNullable<LogFilterFields['task_run_id']>,
): Test {
  const ids = any_ && new Set(any_.map((id) => id.toLowerCase()))
  return (log) => {
    const id = pick(log)
    return (!ids || (id != null && ids.has(id))) && (is_null_ == null || (id == null) === is_null_)
  }
}

/** The include, exclude and require parts of a query are members of their own, as they count under `or_`. */
function textTests(query: string): Test[] {
  const parsed = parseTextQuery(query)
  if (isEmptyTextQuery(parsed)) return [() => true]
  const signs = [['', parsed.include], ['-', parsed.exclude], ['+', parsed.required]] as const
  return signs
    .filter(([, terms]) => terms.length > 0)
    .map(([sign, terms]) => {
      const test = compileTextQuery(terms.map((term) => sign + quoted(term)).join(' '))
      return (log) => test(`${log.message} ${log.name}`)
    })
}

function quoted(term: string): string {
  return `"${term.replaceAll(/[\\"]/g, '\\$&')}"`
}
