import type { Sql, SqlParam } from '../port.ts'
import { allOf, always, condition, isIn, never, type Condition, type Filter } from './condition.ts'
import { deploymentFilter, flowFilter, listCondition, workPoolFilter, workQueueFilter, type EntityFilters } from './entities.ts'

/** Related objects that are looked up beforehand; where more match, each run is checked by itself. */
const RESOLVED_IDS_MAX = 100

/** Values of one column that a list is put together from. */
const SPLIT_VALUES_MAX = 20

/** What a list of flow runs is restricted to. */
export interface FlowRunScope {
  where: Condition
  /** Columns that must have one of a few values, the most selective first. */
  splits: readonly { column: SplitColumn; values: readonly string[] }[]
}

type SplitColumn = 'deployment_id' | 'flow_id' | 'work_queue_id' | 'state_name' | 'state_type'

/**
 * The restriction of flow runs under all filters. Filters on flows, deployments, pools and queues are answered first and
 * become conditions on the run's own columns: these tables are small, and the planner cannot guess how many runs belong to
 * what they match.
 */
export async function scopeFlowRuns(sql: Sql, filters: EntityFilters): Promise<FlowRunScope> {
  const unresolved: EntityFilters = { flow_runs: filters.flow_runs, task_runs: filters.task_runs }
  const conditions: Condition[] = []
  const ids: Partial<Record<SplitColumn, readonly string[] | undefined>> = {}
  const resolve = async (entity: keyof typeof lookups): Promise<void> => {
    const filter = filters[entity]
    if (!filter) return
    const { column, select, compile } = lookups[entity]
    const where = compile(filter)
    // Every run has a flow.
    if (entity === 'flows' && where === always) return
    const rows = await sql.all<{ id: string }>(`${select} where ${where.text} limit ?`, [...where.params, RESOLVED_IDS_MAX + 1])
    if (rows.length > RESOLVED_IDS_MAX) {
      unresolved[entity] = filter
      return
    }
    const found = rows.map((row) => row.id)
    conditions.push(found.length === 0 ? never : isIn(`flow_run.${column}`, found))
    ids[column] ??= found
  }
  await resolve('flows')
  await resolve('deployments')
  await resolve('work_pools')
  await resolve('work_pool_queues')

  const own = filters.flow_runs
  if (own && own['operator'] !== 'or_') {
    const deployment = own['deployment_id'] as Filter | null | undefined
    const state = own['state'] as Filter | null | undefined
    if (deployment && typeof deployment['is_null_'] !== 'boolean') ids.deployment_id ??= anyList(deployment)
    if (state && state['operator'] !== 'or_') {
      ids.state_name = anyList(state['name'] as Filter | null)
      ids.state_type = anyList(state['type'] as Filter | null)
    }
  }
  const order: readonly SplitColumn[] = ['deployment_id', 'flow_id', 'work_queue_id', 'state_name', 'state_type']
  return {
    where: allOf([listCondition('flow_run', unresolved), ...conditions]),
    splits: order.flatMap((column) => {
      const values = ids[column]
      return values && values.length <= SPLIT_VALUES_MAX ? [{ column, values: [...new Set(values)] }] : []
    }),
  }
}

function anyList(leaf: Filter | null | undefined): readonly string[] | undefined {
  if (!leaf || (leaf['not_any_'] !== null && leaf['not_any_'] !== undefined)) return undefined
  return (leaf['any_'] as string[] | null | undefined) ?? undefined
}

const lookups = {
  flows: { column: 'flow_id', select: 'select flow.id from flow', compile: flowFilter },
  deployments: { column: 'deployment_id', select: 'select deployment.id from deployment', compile: deploymentFilter },
  work_pools: {
    column: 'work_queue_id',
    select: 'select work_queue.id from work_queue join work_pool on work_pool.id = work_queue.work_pool_id',
    compile: workPoolFilter,
  },
  work_pool_queues: { column: 'work_queue_id', select: 'select work_queue.id from work_queue', compile: workQueueFilter },
} as const

const startTime = 'coalesce(flow_run.start_time, flow_run.expected_start_time)'

/** Times that lists are sorted by, and the columns that have an index together with each. */
const sortedWith: Readonly<Record<string, readonly SplitColumn[]>> = {
  [startTime]: ['deployment_id', 'flow_id', 'work_queue_id', 'state_name', 'state_type'],
  'flow_run.expected_start_time': ['deployment_id', 'flow_id', 'state_type'],
}

/**
 * A condition that holds for one page of runs: the first `limit` after `offset` in the order of `key`. Where a column has one
 * of a few values, the page is put together from the first runs of each, which an index gives in order; no row more is read.
 *
 * @param key An expression of the sort; see `sortedWith` for those that are fast.
 */
export function pageOfFlowRuns(
  scope: FlowRunScope,
  sort: { key: string; descending: boolean },
  page: { limit: number; offset: number },
): Condition | undefined {
  const fast = sortedWith[sort.key] ?? []
  const split = scope.splits.find(({ column }) => fast.includes(column))
  if (!split || split.values.length === 0) return undefined
  const direction = sort.descending ? ' desc' : ''
  const params: SqlParam[] = []
  const parts = split.values.map((value) => {
    const where = allOf([condition(`flow_run.${split.column} = ?`, value), scope.where])
    params.push(...where.params, page.limit + page.offset)
    return `select * from (select flow_run.id as id, ${sort.key} as sort_key from flow_run where ${where.text} order by ${sort.key}${direction} limit ?) part`
  })
  params.push(page.limit, page.offset)
  return {
    text: `flow_run.id in (select id from (${parts.join(' union all ')}) found order by sort_key${direction} limit ? offset ?)`,
    params,
  }
}

/** Up to so many runs are gathered and sorted; above, going through the newest finds a page sooner. */
const GATHERED_RUNS_MAX = 5_000

/**
 * The same for the order of ids, the newest first, which no index has together with another column: few runs are gathered and
 * sorted; where there are many, the ids are gone through from the newest on.
 */
export async function newestFlowRuns(
  sql: Sql,
  scope: FlowRunScope,
  page: { limit: number; offset: number },
): Promise<Condition | undefined> {
  const [split] = scope.splits
  if (!split || split.values.length === 0) return undefined
  const among = isIn(`flow_run.${split.column}`, split.values)
  const probe = await sql.get<{ n: number }>(
    `select count(*) as n from (select 1 from flow_run where ${among.text} limit ?) probe`,
    [...among.params, GATHERED_RUNS_MAX + 1],
  )
  const isFew = Number(probe?.n ?? 0) <= GATHERED_RUNS_MAX
  // The planner does not know how many there are: it is told which way to go.
  const source = isFew || sql.dialect !== 'sqlite' ? 'flow_run' : 'flow_run indexed by sqlite_autoindex_flow_run_1'
  const key = isFew ? `(flow_run.id || '')` : 'flow_run.id'
  return {
    text: `flow_run.id in (select flow_run.id from ${source} where ${scope.where.text} order by ${key} desc limit ? offset ?)`,
    params: [...scope.where.params, page.limit, page.offset],
  }
}
