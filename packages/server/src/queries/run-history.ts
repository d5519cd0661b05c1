import { formatIso } from '@spillway/core/wire/time'
import { jsonArray, ok } from '../storage/answers.ts'
import { allOf, condition, type Condition } from '../storage/filters/condition.ts'
import { listCondition, type EntityFilters } from '../storage/filters/entities.ts'
import { scopeFlowRuns } from '../storage/filters/flow-run-scope.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { floatJson } from '../storage/row-encoder.ts'
import { asTallied, liveCondition, tallyHistory, type TalliedBucket } from './flow-run-tally.ts'

/** More buckets than these are cut off. */
const BUCKETS_MAX = 500

/** Buckets shorter than these would be cut out of the tally's minutes one by one: their runs are read instead. */
const TALLIED_FROM_US = 120_000_000

export interface HistoryArgs {
  runs: 'flow_run' | 'task_run'
  startUs: number
  endUs: number
  intervalUs: number
  filters: EntityFilters
}

interface Range {
  startUs: number
  intervalUs: number
  buckets: number
}

/**
 * Runs by state in buckets of their expected start: `[startUs, startUs + intervalUs)` and so on until `endUs`, empty ones
 * included.
 */
async function readRunHistory(sql: Sql, args: HistoryArgs): Promise<Answer> {
  const { runs, startUs, endUs, intervalUs, filters } = args
  const buckets = endUs > startUs ? Math.min(Math.ceil((endUs - startUs) / intervalUs), BUCKETS_MAX) : 0
  if (buckets === 0) return ok('[]')
  const range = { startUs, intervalUs, buckets }
  const tallied = runs === 'flow_run' && intervalUs >= TALLIED_FROM_US ? asTallied(filters) : undefined
  if (tallied && tallied.fromUs === undefined && tallied.toUs === undefined) {
    const finished = await tallyHistory(sql, tallied, range)
    const live = liveCondition(tallied)
    const others = live ? await readBuckets(sql, runs, range, allOf([live, listCondition('flow_run', filters)])) : []
    return ok(historyJson(range, [...finished, ...others]))
  }
  const where =
    runs === 'flow_run' ? (await scopeFlowRuns(sql, filters)).where : listCondition('task_run', filters)
  return ok(historyJson(range, await readBuckets(sql, runs, range, allOf([where, condition(`${runs}.state_type is not null`)]))))
}

/** Buckets out of the runs themselves. */
async function readBuckets(sql: Sql, runs: HistoryArgs['runs'], range: Range, where: Condition): Promise<TalliedBucket[]> {
  const { startUs, intervalUs, buckets } = range
  return sql.all<TalliedBucket>(
    `select cast((${runs}.expected_start_time - ?) / ? as integer) as bucket, ${runs}.state_type, ${runs}.state_name,
       count(*) as runs,
       sum(${runs}.total_run_time + case when ${runs}.state_type = 'RUNNING' then (? - ${runs}.state_timestamp) / 1000000.0 else 0 end)
         as run_time,
       sum(case
         when ${runs}.start_time > ${runs}.expected_start_time
           then (${runs}.start_time - ${runs}.expected_start_time) / 1000000.0
         when ${runs}.start_time is null and ${runs}.expected_start_time < ?
           and ${runs}.state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED')
           then (? - ${runs}.expected_start_time) / 1000000.0
         else 0 end) as lateness
     from ${runs}
     where ${runs}.expected_start_time >= ? and ${runs}.expected_start_time < ? and ${where.text}
     group by 1, 2, 3`,
    [startUs, intervalUs, sql.nowUs, sql.nowUs, sql.nowUs, startUs, startUs + buckets * intervalUs, ...where.params],
  )
}

function historyJson(range: Range, rows: readonly TalliedBucket[]): string {
  const statesOf = Array.from({ length: range.buckets }, () => new Map<string, TalliedBucket>())
  for (const row of rows) {
    const states = statesOf[Number(row.bucket)]
    if (!states) continue
    const key = `${row.state_type} ${row.state_name}`
    const sum = states.get(key)
    if (sum) {
      sum.runs += row.runs
      sum.run_time += row.run_time
      sum.lateness += row.lateness
    } else {
      states.set(key, { ...row })
    }
  }
  return jsonArray(
    statesOf.map((states, index) => {
      const fromUs = range.startUs + index * range.intervalUs
      const sorted = [...states].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => stateJson(state))
      return `{"interval_start":"${formatIso(fromUs)}","interval_end":"${formatIso(fromUs + range.intervalUs)}","states":${jsonArray(sorted)}}`
    }),
  )
}

function stateJson(state: TalliedBucket): string {
  return (
    `{"state_type":${JSON.stringify(state.state_type)},"state_name":${JSON.stringify(state.state_name)},"count_runs":${state.runs},` +
    `"sum_estimated_run_time":${floatJson(roundUs(state.run_time))},"sum_estimated_lateness":${floatJson(roundUs(state.lateness))}}`
  )
}

/** Sums of seconds to the microsecond, without the dust that adding floats leaves, and never below 0. */
function roundUs(seconds: number): number {
  return Math.max(0, Math.round(Number(seconds) * 1e6)) / 1e6
}

export const runHistoryQueries = { readRunHistory }
