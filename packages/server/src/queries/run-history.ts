import { formatIso } from '@spillway/core/wire/time'
import { jsonArray, ok } from '../storage/answers.ts'
import { listCondition, type EntityFilters } from '../storage/filters/entities.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { floatJson } from '../storage/row-encoder.ts'

/** More buckets than these are cut off. */
const BUCKETS_MAX = 500

interface BucketRow {
  bucket: number
  state_type: string
  state_name: string
  runs: number
  run_time: number
  lateness_us: number
}

/**
 * Runs by state in buckets of their expected start: `[startUs, startUs + intervalUs)` and so on until `endUs`, empty ones
 * included.
 */
async function readRunHistory(
  sql: Sql,
  args: { runs: 'flow_run' | 'task_run'; startUs: number; endUs: number; intervalUs: number; filters: EntityFilters },
): Promise<Answer> {
  const { runs, startUs, endUs, intervalUs } = args
  const buckets = endUs > startUs ? Math.min(Math.ceil((endUs - startUs) / intervalUs), BUCKETS_MAX) : 0
  if (buckets === 0) return ok('[]')
  const where = listCondition(runs, args.filters)
  const rows = await sql.all<BucketRow>(
    `select cast((${runs}.expected_start_time - ?) / ? as integer) as bucket, ${runs}.state_type, ${runs}.state_name, count(*) as runs,
       sum(${runs}.total_run_time + case when ${runs}.state_type = 'RUNNING' then (? - ${runs}.state_timestamp) / 1000000.0 else 0 end)
         as run_time,
       sum(case
         when ${runs}.start_time > ${runs}.expected_start_time then ${runs}.start_time - ${runs}.expected_start_time
         when ${runs}.start_time is null and ${runs}.expected_start_time < ?
           and ${runs}.state_type not in ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') then ? - ${runs}.expected_start_time
         else 0 end) as lateness_us
     from ${runs}
     where ${runs}.expected_start_time >= ? and ${runs}.expected_start_time < ? and ${runs}.state_type is not null
       and ${where.text}
     group by 1, 2, 3`,
    [startUs, intervalUs, sql.nowUs, sql.nowUs, sql.nowUs, startUs, startUs + buckets * intervalUs, ...where.params],
  )
  const statesOf: string[][] = Array.from({ length: buckets }, () => [])
  for (const row of rows) {
    statesOf[Number(row.bucket)]?.push(
      `{"state_type":${JSON.stringify(row.state_type)},"state_name":${JSON.stringify(row.state_name)},"count_runs":${row.runs},` +
        `"sum_estimated_run_time":${floatJson(Number(row.run_time))},` +
        `"sum_estimated_lateness":${floatJson(Number(row.lateness_us) / 1e6)}}`,
    )
  }
  return ok(
    jsonArray(
      statesOf.map((states, index) => {
        const fromUs = startUs + index * intervalUs
        return `{"interval_start":"${formatIso(fromUs)}","interval_end":"${formatIso(fromUs + intervalUs)}","states":${jsonArray(states)}}`
      }),
    ),
  )
}

export const runHistoryQueries = { readRunHistory }
