import { isTerminal, STATE_TYPES, TERMINAL_STATE_TYPES, type StateType } from '@spillway/core/domain/state'
import { parseIso } from '@spillway/core/wire/time'
import { allOf, always, condition, isIn, type Condition, type Filter } from '../storage/filters/condition.ts'
import { flowFilter, type EntityFilters } from '../storage/filters/entities.ts'
import type { Sql } from '../storage/port.ts'

const MINUTE_US = 60_000_000
const HOUR_US = 3_600_000_000

const LIVE_STATE_TYPES = STATE_TYPES.filter((type) => !isTerminal(type))

/** In the words of the index of runs that are not finished. */
const isLive = condition(`flow_run.state_type in ('SCHEDULED', 'PENDING', 'RUNNING', 'PAUSED', 'CANCELLING')`)

/** A restriction that the tally of finished runs can answer. Times are those of the expected start. */
export interface Tallied {
  types: readonly StateType[] | undefined
  names: readonly string[] | undefined
  subflow: boolean | undefined
  fromUs: number | undefined
  /** Exclusive. */
  toUs: number | undefined
}

const talliedLeaves = new Set(['operator', 'state', 'expected_start_time', 'parent_task_run_id'])

/** Reads filters as a restriction that the tally can answer; undefined when they ask for more than it knows. */
export function asTallied(filters: EntityFilters): Tallied | undefined {
  const { flow_runs: own, ...others } = filters
  // Bodies carry members of their own, such as the sort; only filters are objects.
  for (const entity of ['flows', 'task_runs', 'deployments', 'work_pools', 'work_pool_queues'] as const) {
    const filter = others[entity]
    // Every run has a flow, so an empty filter on flows asks for nothing.
    if (filter && !(entity === 'flows' && flowFilter(filter) === always)) return undefined
  }
  const tallied: Tallied = { types: undefined, names: undefined, subflow: undefined, fromUs: undefined, toUs: undefined }
  if (!own) return tallied
  if (own['operator'] === 'or_') return undefined
  for (const [name, leaf] of Object.entries(own)) if (leaf && !talliedLeaves.has(name)) return undefined
  const state = own['state'] as Filter | null | undefined
  if (state) {
    if (state['operator'] === 'or_') return undefined
    for (const part of [state['type'], state['name']] as (Filter | null | undefined)[]) if (part?.['not_any_']) return undefined
    tallied.types = listOf(state['type']) as StateType[] | undefined
    tallied.names = listOf(state['name'])
  }
  const expected = own['expected_start_time'] as Filter | null | undefined
  if (expected) {
    if (typeof expected['after_'] === 'string') tallied.fromUs = parseIso(expected['after_'])
    if (typeof expected['before_'] === 'string') tallied.toUs = (parseIso(expected['before_']) ?? 0) + 1
  }
  const parent = own['parent_task_run_id'] as Filter | null | undefined
  if (parent) {
    if (parent['any_'] || parent['operator'] === 'or_') return undefined
    if (typeof parent['is_null_'] === 'boolean') tallied.subflow = !parent['is_null_']
  }
  return tallied
}

function listOf(leaf: unknown): string[] | undefined {
  return ((leaf as Filter | null | undefined)?.['any_'] as string[] | null | undefined) ?? undefined
}

/** Runs and their lateness together, without reading the finished ones. */
export async function sumTallied(sql: Sql, tallied: Tallied): Promise<{ runs: number; latenessSeconds: number }> {
  const { types, fromUs, toUs } = tallied
  const sum = { runs: 0, latenessSeconds: 0 }
  const add = async (text: string, params: Condition['params']): Promise<void> => {
    const row = await sql.get<{ runs: number | null; lateness: number | null }>(text, params)
    sum.runs += Number(row?.runs ?? 0)
    sum.latenessSeconds += Number(row?.lateness ?? 0)
  }
  const addRuns = (...conditions: Condition[]): Promise<void> => {
    const where = allOf([...conditions, ...ownConditions(tallied)])
    return add(`select count(*) as runs, sum(${latenessOf}) as lateness from flow_run where ${where.text}`, [
      sql.nowUs, sql.nowUs, ...where.params,
    ])
  }
  const finished = types ? types.filter((type) => isTerminal(type)) : TERMINAL_STATE_TYPES
  if (finished.length > 0) {
    const states = tallyCondition(tallied)
    for (const { span, from, to } of wholeSpans(fromUs, toUs)) {
      await add(
        `select sum(runs) as runs, sum(lateness) as lateness from flow_run_tally
         where span = '${span}' and slot >= ? and slot < ? and ${states.text}`,
        [from, to, ...states.params],
      )
    }
    for (const [from, to] of edges(fromUs, toUs)) {
      await addRuns(isIn('flow_run.state_type', finished), ...timeRange(from, to))
    }
  }
  const live = liveCondition(tallied)
  if (live) await addRuns(live, ...timeRange(fromUs, toUs))
  if (!types) await addRuns(condition('flow_run.state_type is null'), ...timeRange(fromUs, toUs))
  return sum
}

/** Seconds that a run is late; takes the present twice. */
const latenessOf = `case
  when flow_run.start_time > flow_run.expected_start_time
    then (flow_run.start_time - flow_run.expected_start_time) / 1000000.0
  when flow_run.start_time is null and flow_run.expected_start_time < ?
    and flow_run.state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED')
    then (? - flow_run.expected_start_time) / 1000000.0
  else 0 end`

/** The runs of a restriction that are not in the tally; undefined when there can be none. */
export function liveCondition({ types }: Tallied): Condition | undefined {
  if (!types) return isLive
  const live = types.filter((type) => LIVE_STATE_TYPES.includes(type))
  return live.length === 0 ? undefined : allOf([isLive, isIn('flow_run.state_type', live)])
}

function timeRange(fromUs: number | undefined, toUs: number | undefined): Condition[] {
  return [
    ...(fromUs === undefined ? [] : [condition('flow_run.expected_start_time >= ?', fromUs)]),
    ...(toUs === undefined ? [] : [condition('flow_run.expected_start_time < ?', toUs)]),
  ]
}

/** Name and parent of a run, for the few that are looked at one by one. */
function ownConditions({ names, subflow }: Tallied): Condition[] {
  return [
    // Not as a bare column: an index by name would lead through all finished runs of that name.
    ...(names ? [isIn(`(flow_run.state_name || '')`, names)] : []),
    ...(subflow === undefined ? [] : [condition(`flow_run.parent_task_run_id is ${subflow ? 'not ' : ''}null`)]),
  ]
}

function tallyCondition({ types, names, subflow }: Tallied): Condition {
  return allOf([
    ...(types ? [isIn('state_type', types)] : []),
    ...(names ? [isIn('state_name', names)] : []),
    ...(subflow === undefined ? [] : [condition('subflow = ?', subflow ? 1 : 0)]),
  ])
}

interface SpanRange {
  span: 'minute' | 'hour' | 'all'
  from: number
  /** Exclusive. */
  to: number
}

/** Spans of the tally that lie wholly between two times. */
function wholeSpans(fromUs: number | undefined, toUs: number | undefined): SpanRange[] {
  if (fromUs === undefined && toUs === undefined) return [{ span: 'all', from: 0, to: 1 }]
  const minutes = { from: Math.ceil((fromUs ?? 0) / MINUTE_US), to: toUs === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(toUs / MINUTE_US) }
  if (minutes.from >= minutes.to) return []
  const hours = { from: Math.ceil(minutes.from / 60), to: toUs === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(minutes.to / 60) }
  if (hours.from >= hours.to) return [{ span: 'minute', ...minutes }]
  const ranges: SpanRange[] = [{ span: 'minute', from: minutes.from, to: hours.from * 60 }, { span: 'hour', ...hours }]
  if (toUs !== undefined) ranges.push({ span: 'minute', from: hours.to * 60, to: minutes.to })
  return ranges.filter(({ from, to }) => from < to)
}

/** What is left of two times beside whole minutes. */
function edges(fromUs: number | undefined, toUs: number | undefined): [from: number, to: number][] {
  const firstWhole = fromUs === undefined ? undefined : Math.ceil(fromUs / MINUTE_US) * MINUTE_US
  const lastWhole = toUs === undefined ? undefined : Math.floor(toUs / MINUTE_US) * MINUTE_US
  if (fromUs !== undefined && toUs !== undefined && firstWhole! >= lastWhole!) return fromUs < toUs ? [[fromUs, toUs]] : []
  const parts: [number, number][] = []
  if (fromUs !== undefined) parts.push([fromUs, firstWhole!])
  if (toUs !== undefined) parts.push([lastWhole!, toUs])
  return parts.filter(([from, to]) => from < to)
}

export interface TalliedBucket {
  bucket: number
  state_type: string
  state_name: string
  runs: number
  /** Seconds. */
  run_time: number
  /** Seconds. */
  lateness: number
}

/** Spans of a history from the longest on, and how many of each make one of the span before it. */
const historySpans = [
  { span: 'hour', us: HOUR_US, ofParent: 0 },
  { span: 'ten', us: 10 * MINUTE_US, ofParent: 6 },
  { span: 'minute', us: MINUTE_US, ofParent: 10 },
] as const

/**
 * Finished runs by state in buckets of `intervalUs` from `startUs` on. A span that lies in one bucket comes from the tally; one
 * that a bucket's edge cuts is looked at in shorter spans, and of the minutes that are cut the runs themselves are read.
 *
 * @param range.buckets how many
 */
export async function tallyHistory(
  sql: Sql,
  tallied: Tallied,
  range: { startUs: number; intervalUs: number; buckets: number },
): Promise<TalliedBucket[]> {
  const { startUs, intervalUs, buckets } = range
  const endUs = startUs + buckets * intervalUs
  const finished = tallied.types ? tallied.types.filter((type) => isTerminal(type)) : TERMINAL_STATE_TYPES
  if (finished.length === 0) return []
  const states = tallyCondition(tallied)
  const rows: TalliedBucket[] = []
  let cutParents: string | undefined
  for (const { span, us, ofParent } of historySpans) {
    const cut = JSON.stringify(cutSlots(range, us))
    const select = `select cast((slot * ${us} - ?) / ? as integer) as bucket, state_type, state_name,
      sum(runs) as runs, sum(run_time) as run_time, sum(lateness) as lateness`
    const where = `span = '${span}' and slot >= ? and slot < ? and slot not in (select value from json_each(?)) and ${states.text}`
    const params = [Math.ceil(startUs / us), Math.floor(endUs / us), cut, ...states.params]
    const found =
      cutParents === undefined
        ? await sql.all<TalliedBucket>(`${select} from flow_run_tally where ${where} group by 1, 2, 3`, [startUs, intervalUs, ...params])
        : await sql.all<TalliedBucket>(
            `${select} from (select value as parent from json_each(?)) parents cross join flow_run_tally
             where slot >= parents.parent * ${ofParent} and slot < (parents.parent + 1) * ${ofParent} and ${where} group by 1, 2, 3`,
            [startUs, intervalUs, cutParents, ...params],
          )
    rows.push(...found)
    cutParents = cut
  }
  const own = allOf([isIn('flow_run.state_type', finished), ...ownConditions(tallied)])
  const cut = await sql.all<TalliedBucket>(
    `select cast((expected_start_time - ?) / ? as integer) as bucket, state_type, state_name, count(*) as runs,
       sum(total_run_time) as run_time,
       sum(case when start_time > expected_start_time then (start_time - expected_start_time) / 1000000.0 else 0 end) as lateness
     from (select value as minute from json_each(?)) minutes cross join flow_run
     where expected_start_time >= minutes.minute * ${MINUTE_US} and expected_start_time < (minutes.minute + 1) * ${MINUTE_US}
       and expected_start_time >= ? and expected_start_time < ? and ${own.text}
     group by 1, 2, 3`,
    [startUs, intervalUs, cutParents ?? '[]', startUs, endUs, ...own.params],
  )
  return [...rows, ...cut].filter((row) => row.runs > 0)
}

/** Slots of a span's length that an edge of a bucket lies in. */
function cutSlots(range: { startUs: number; intervalUs: number; buckets: number }, us: number): number[] {
  const slots = new Set<number>()
  for (let bucket = 0; bucket <= range.buckets; bucket++) {
    const cutUs = range.startUs + bucket * range.intervalUs
    if (cutUs % us !== 0) slots.add(Math.floor(cutUs / us))
  }
  return [...slots]
}
