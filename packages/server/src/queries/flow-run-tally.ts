import { isTerminal, STATE_TYPES, TERMINAL_STATE_TYPES, type StateType } from '@spillway/core/domain/state'
import { parseIso } from '@spillway/core/wire/time'
import { allOf, always, around, condition, isIn, type Condition, type Filter } from '../storage/filters/condition.ts'
import { flowFilter, type EntityFilters } from '../storage/filters/entities.ts'
import type { Sql } from '../storage/port.ts'
import { piecesBetween } from './tally-slots.ts'

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
  const { types, fromUs = -Infinity, toUs = Infinity } = tallied
  const sum = { runs: 0, lateUs: 0 }
  const add = async (sign: number, text: string, params: Condition['params']): Promise<void> => {
    const row = await sql.get<{ runs: number | null; late_us: number | null }>(text, params)
    sum.runs += sign * Number(row?.runs ?? 0)
    sum.lateUs += sign * Number(row?.late_us ?? 0)
  }
  const addSlots = (sign: number, minutes: number, from: number, to: number): Promise<void> => {
    const where = allOf([condition('minutes = ?', minutes), ...inRange('slot', from, to), kindCondition(tallied)])
    return add(sign, `select sum(runs) as runs, sum(late_us) as late_us from flow_run_tally where ${where.text}`, where.params)
  }
  const addRuns = (sign: number, from: number, to: number, which: Condition): Promise<void> => {
    const where = allOf([which, ...inRange('flow_run.expected_start_time', from, to), ...ownConditions(tallied)])
    const text = `select count(*) as runs, sum(${lateUsOf}) as late_us from flow_run where ${where.text}`
    return add(sign, text, [sql.nowUs, sql.nowUs, ...where.params])
  }
  for (const { sign, minutes, from, to } of piecesBetween(fromUs, toUs)) {
    if (minutes !== undefined) await addSlots(sign, minutes, from, to)
    else await addRuns(sign, from, to, isIn('flow_run.state_type', finishedTypes(tallied)))
  }
  const live = liveCondition(tallied)
  if (live) await addRuns(1, fromUs, toUs, live)
  if (!types) await addRuns(1, fromUs, toUs, condition('flow_run.state_type is null'))
  return { runs: sum.runs, latenessSeconds: sum.lateUs / 1e6 }
}

/** How late a run is in microseconds; takes the present twice. */
const lateUsOf = `case
  when flow_run.start_time > flow_run.expected_start_time then flow_run.start_time - flow_run.expected_start_time
  when flow_run.start_time is null and flow_run.expected_start_time < ?
    and flow_run.state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED')
    then ? - flow_run.expected_start_time
  else 0 end`

/** The runs of a restriction that are not in the tally; undefined when there can be none. */
export function liveCondition({ types }: Tallied): Condition | undefined {
  if (!types) return isLive
  const live = types.filter((type) => LIVE_STATE_TYPES.includes(type))
  return live.length === 0 ? undefined : allOf([isLive, isIn('flow_run.state_type', live)])
}

/** From a value up to below another; either may be infinite. */
function inRange(column: string, from: number, to: number): Condition[] {
  return [
    ...(from === -Infinity ? [] : [condition(`${column} >= ?`, from)]),
    ...(to === Infinity ? [] : [condition(`${column} < ?`, to)]),
  ]
}

/** Name and parent of a run, for the few that are looked at one by one. */
export function ownConditions({ names, subflow }: Tallied): Condition[] {
  return [
    // Not as a bare column: an index by name would lead through all finished runs of that name.
    ...(names ? [isIn(`(flow_run.state_name || '')`, names)] : []),
    ...(subflow === undefined ? [] : [condition(`flow_run.parent_task_run_id is ${subflow ? 'not ' : ''}null`)]),
  ]
}

export function finishedTypes({ types }: Tallied): readonly StateType[] {
  return types ? types.filter((type) => isTerminal(type)) : TERMINAL_STATE_TYPES
}

/** On the kinds of runs that the tally tells apart. */
export function stateCondition({ types, names, subflow }: Tallied): Condition {
  return allOf([
    ...(types ? [isIn('state_type', types)] : []),
    ...(names ? [isIn('state_name', names)] : []),
    ...(subflow === undefined ? [] : [condition('subflow = ?', subflow ? 1 : 0)]),
  ])
}

/** The same on the tally itself. */
export function kindCondition(tallied: Tallied): Condition {
  const states = stateCondition(tallied)
  return states === always ? always : around('kind in (select id from flow_run_tally_kind where ', states, ')')
}
