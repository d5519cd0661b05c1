import { ok } from '../storage/answers.ts'
import { allOf, condition, type Condition } from '../storage/filters/condition.ts'
import { listCondition, type EntityFilters } from '../storage/filters/entities.ts'
import { scopeFlowRuns } from '../storage/filters/flow-run-scope.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { asTallied, liveCondition } from './flow-run-tally.ts'
import { HistoryBuckets } from './history-buckets.ts'
import { addTallied } from './tally-history.ts'

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

/**
 * Runs by state in buckets of their expected start: `[startUs, startUs + intervalUs)` and so on until `endUs`, empty ones
 * included.
 */
async function readRunHistory(sql: Sql, args: HistoryArgs): Promise<Answer> {
  const { runs, startUs, endUs, intervalUs, filters } = args
  const count = endUs > startUs ? Math.min(Math.ceil((endUs - startUs) / intervalUs), BUCKETS_MAX) : 0
  if (count === 0) return ok('[]')
  const buckets = new HistoryBuckets(startUs, intervalUs, count)
  const tallied = runs === 'flow_run' && intervalUs >= TALLIED_FROM_US ? asTallied(filters) : undefined
  if (tallied && tallied.fromUs === undefined && tallied.toUs === undefined) {
    await addTallied(sql, tallied, buckets)
    const live = liveCondition(tallied)
    if (live) await addRuns(sql, args, allOf([live, listCondition('flow_run', filters)]), buckets)
  } else {
    const where = runs === 'flow_run' ? (await scopeFlowRuns(sql, filters)).where : listCondition('task_run', filters)
    await addRuns(sql, args, allOf([where, condition(`${runs}.state_type is not null`)]), buckets)
  }
  return ok(buckets.toJson())
}

/** Adds the runs themselves. */
async function addRuns(sql: Sql, { runs, startUs, intervalUs }: HistoryArgs, where: Condition, buckets: HistoryBuckets): Promise<void> {
  const rows = await sql.tuples<[bucket: number, type: string, name: string, runs: number, runSeconds: number, lateUs: number]>(
    `select cast((${runs}.expected_start_time - ?) / ? as integer), ${runs}.state_type, ${runs}.state_name, count(*),
       sum(${runs}.total_run_time + case when ${runs}.state_type = 'RUNNING' then (? - ${runs}.state_timestamp) / 1000000.0 else 0 end),
       sum(case
         when ${runs}.start_time > ${runs}.expected_start_time then ${runs}.start_time - ${runs}.expected_start_time
         when ${runs}.start_time is null and ${runs}.expected_start_time < ?
           and ${runs}.state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED')
           then ? - ${runs}.expected_start_time
         else 0 end)
     from ${runs}
     where ${runs}.expected_start_time >= ? and ${runs}.expected_start_time < ? and ${where.text}
     group by 1, 2, 3`,
    [startUs, intervalUs, sql.nowUs, sql.nowUs, sql.nowUs, startUs, buckets.edges.at(-1)!, ...where.params],
  )
  for (const [bucket, type, name, count, runSeconds, lateUs] of rows) {
    buckets.add(bucket, buckets.state(type, name), count, Math.round(runSeconds * 1e6), lateUs)
  }
}

export const runHistoryQueries = { readRunHistory }
