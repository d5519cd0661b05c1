import { allOf, always, around, columnLeaf, compileFilter, condition, dropped, isIn, never, tagsLeaf, timeLeaf } from './condition.ts'
import type { Condition, Filter, LeafCompiler } from './condition.ts'

/** The entity filters that list, count and paginate routes take together; each holds by existence of related rows. */
export interface EntityFilters {
  flows?: Filter | null | undefined
  flow_runs?: Filter | null | undefined
  task_runs?: Filter | null | undefined
  deployments?: Filter | null | undefined
  work_pools?: Filter | null | undefined
  work_pool_queues?: Filter | null | undefined
}

// --- What each entity's own filter says about its table ---

/** With both any_ and not_any_, or neither, Prefect drops the leaf, also out of an `or_`. */
function stateLeaf(column: string): LeafCompiler {
  const plain = columnLeaf(column)
  return (leaf) => {
    const hasAny = leaf['any_'] !== null && leaf['any_'] !== undefined
    const hasNotAny = leaf['not_any_'] !== null && leaf['not_any_'] !== undefined
    return hasAny === hasNotAny ? dropped : plain(leaf)
  }
}

function stateFilter(table: string): LeafCompiler {
  return (leaf) => compileFilter(leaf, { type: stateLeaf(`${table}.state_type`), name: stateLeaf(`${table}.state_name`) })
}

const flowLeaves: Record<string, LeafCompiler> = {
  id: columnLeaf('flow.id'),
  name: columnLeaf('flow.name'),
  tags: tagsLeaf('flow.tags'),
  deployment: (leaf) => {
    const isNull = leaf['is_null_']
    if (typeof isNull !== 'boolean') return undefined
    return condition(`${isNull ? 'not ' : ''}exists (select 1 from deployment d where d.flow_id = flow.id)`)
  },
}

const flowRunLeaves: Record<string, LeafCompiler> = {
  id: columnLeaf('flow_run.id'),
  name: columnLeaf('flow_run.name'),
  tags: tagsLeaf('flow_run.tags'),
  deployment_id: columnLeaf('flow_run.deployment_id'),
  work_queue_name: columnLeaf('flow_run.work_queue_name'),
  state: stateFilter('flow_run'),
  flow_version: columnLeaf('flow_run.flow_version'),
  start_time: timeLeaf('coalesce(flow_run.start_time, flow_run.expected_start_time)', 'flow_run.start_time'),
  end_time: timeLeaf('flow_run.end_time'),
  expected_start_time: timeLeaf('flow_run.expected_start_time'),
  next_scheduled_start_time: timeLeaf('flow_run.next_scheduled_start_time'),
  parent_flow_run_id: (leaf) => {
    const any = leaf['any_'] as string[] | null | undefined
    if (!any) return undefined
    if (any.length === 0) return never
    return around('exists (select 1 from task_run p where p.id = flow_run.parent_task_run_id and ', isIn('p.flow_run_id', any), ')')
  },
  parent_task_run_id: columnLeaf('flow_run.parent_task_run_id'),
  idempotency_key: columnLeaf('flow_run.idempotency_key'),
  created_by: (leaf) => {
    const conditions: Condition[] = []
    const ids = leaf['id_'] as string[] | null | undefined
    if (ids) conditions.push(ids.length === 0 ? never : isIn(`flow_run.created_by ->> 'id'`, ids))
    const types = leaf['type_'] as string[] | null | undefined
    if (types) conditions.push(types.length === 0 ? never : isIn(`flow_run.created_by ->> 'type'`, types))
    const isNull = leaf['is_null_']
    if (typeof isNull === 'boolean') conditions.push(condition(`flow_run.created_by is ${isNull ? '' : 'not '}null`))
    return allOf(conditions)
  },
}

const taskRunLeaves: Record<string, LeafCompiler> = {
  id: columnLeaf('task_run.id'),
  name: columnLeaf('task_run.name'),
  tags: tagsLeaf('task_run.tags'),
  state: stateFilter('task_run'),
  start_time: timeLeaf('task_run.start_time'),
  end_time: timeLeaf('task_run.end_time'),
  expected_start_time: timeLeaf('task_run.expected_start_time'),
  subflow_runs: (leaf) => {
    const exists = leaf['exists_']
    if (typeof exists !== 'boolean') return undefined
    return condition(`${exists ? '' : 'not '}exists (select 1 from flow_run c where c.parent_task_run_id = task_run.id)`)
  },
  // is_null_ is false by default here: the filter without any_ means "belongs to a flow run".
  flow_run_id: (leaf) => {
    const any = leaf['any_'] as string[] | null | undefined
    const isNull = leaf['is_null_'] === undefined ? false : (leaf['is_null_'] as boolean | null)
    if (isNull === true) return condition('task_run.flow_run_id is null')
    if (any) return any.length === 0 ? never : isIn('task_run.flow_run_id', any)
    return isNull === false ? condition('task_run.flow_run_id is not null') : undefined
  },
}

const deploymentLeaves: Record<string, LeafCompiler> = {
  id: columnLeaf('deployment.id'),
  name: columnLeaf('deployment.name'),
  flow_or_deployment_name: (leaf) => {
    const like = leaf['like_'] as string | null | undefined
    if (!like) return undefined
    return condition(
      `(lower(deployment.name) like lower(?) or exists (select 1 from flow f where f.id = deployment.flow_id and lower(f.name) like lower(?)))`,
      `%${like}%`,
      `%${like}%`,
    )
  },
  paused: columnLeaf('deployment.paused'),
  tags: tagsLeaf('deployment.tags'),
  work_queue_name: columnLeaf('deployment.work_queue_name'),
}

const workPoolLeaves: Record<string, LeafCompiler> = {
  id: columnLeaf('work_pool.id'),
  name: columnLeaf('work_pool.name'),
  type: columnLeaf('work_pool.type'),
}

const workQueueLeaves: Record<string, LeafCompiler> = {
  id: columnLeaf('work_queue.id'),
  name: columnLeaf('work_queue.name'),
}

const workerLeaves: Record<string, LeafCompiler> = {
  last_heartbeat_time: timeLeaf('worker.last_heartbeat_time'),
  status: columnLeaf('worker.status'),
}

export const flowFilter = (filter: Filter | null | undefined): Condition => compileFilter(filter, flowLeaves)
export const flowRunFilter = (filter: Filter | null | undefined): Condition => compileFilter(filter, flowRunLeaves)
export const taskRunFilter = (filter: Filter | null | undefined): Condition => compileFilter(filter, taskRunLeaves)
export const deploymentFilter = (filter: Filter | null | undefined): Condition => compileFilter(filter, deploymentLeaves)
export const workPoolFilter = (filter: Filter | null | undefined): Condition => compileFilter(filter, workPoolLeaves)
export const workQueueFilter = (filter: Filter | null | undefined): Condition => compileFilter(filter, workQueueLeaves)
export const workerFilter = (filter: Filter | null | undefined): Condition => compileFilter(filter, workerLeaves)

// --- How a filter on one entity restricts another ---

type Entity = keyof EntityFilters

/** For each listed entity: how to reach each other one from its row. `?` stands for that entity's condition. */
const reach: Record<'flow' | 'flow_run' | 'task_run' | 'deployment', Partial<Record<Entity, string>>> = {
  flow: {
    flow_runs: 'exists (select 1 from flow_run where flow_run.flow_id = flow.id and ?)',
    task_runs:
      'exists (select 1 from flow_run join task_run on task_run.flow_run_id = flow_run.id where flow_run.flow_id = flow.id and ?)',
    deployments: 'exists (select 1 from deployment where deployment.flow_id = flow.id and ?)',
    work_pools:
      'exists (select 1 from deployment join work_queue on work_queue.id = deployment.work_queue_id join work_pool on work_pool.id = work_queue.work_pool_id where deployment.flow_id = flow.id and ?)',
  },
  flow_run: {
    flows: 'exists (select 1 from flow where flow.id = flow_run.flow_id and ?)',
    task_runs: 'exists (select 1 from task_run where task_run.flow_run_id = flow_run.id and ?)',
    deployments: 'exists (select 1 from deployment where deployment.id = flow_run.deployment_id and ?)',
    work_pools:
      'exists (select 1 from work_queue join work_pool on work_pool.id = work_queue.work_pool_id where work_queue.id = flow_run.work_queue_id and ?)',
    work_pool_queues: 'exists (select 1 from work_queue where work_queue.id = flow_run.work_queue_id and ?)',
  },
  task_run: {
    flows:
      'exists (select 1 from flow_run join flow on flow.id = flow_run.flow_id where flow_run.id = task_run.flow_run_id and ?)',
    flow_runs: 'exists (select 1 from flow_run where flow_run.id = task_run.flow_run_id and ?)',
    deployments:
      'exists (select 1 from flow_run join deployment on deployment.id = flow_run.deployment_id where flow_run.id = task_run.flow_run_id and ?)',
    work_pools:
      'exists (select 1 from flow_run join work_queue on work_queue.id = flow_run.work_queue_id join work_pool on work_pool.id = work_queue.work_pool_id where flow_run.id = task_run.flow_run_id and ?)',
    work_pool_queues:
      'exists (select 1 from flow_run join work_queue on work_queue.id = flow_run.work_queue_id where flow_run.id = task_run.flow_run_id and ?)',
  },
  deployment: {
    flows: 'exists (select 1 from flow where flow.id = deployment.flow_id and ?)',
    flow_runs: 'exists (select 1 from flow_run where flow_run.deployment_id = deployment.id and ?)',
    task_runs:
      'exists (select 1 from flow_run join task_run on task_run.flow_run_id = flow_run.id where flow_run.deployment_id = deployment.id and ?)',
    work_pools:
      'exists (select 1 from work_queue join work_pool on work_pool.id = work_queue.work_pool_id where work_queue.id = deployment.work_queue_id and ?)',
    work_pool_queues: 'exists (select 1 from work_queue where work_queue.id = deployment.work_queue_id and ?)',
  },
}

const own: Record<keyof typeof reach, Entity> = {
  flow: 'flows',
  flow_run: 'flow_runs',
  task_run: 'task_runs',
  deployment: 'deployments',
}

const compilers: Record<Entity, (filter: Filter | null | undefined) => Condition> = {
  flows: flowFilter,
  flow_runs: flowRunFilter,
  task_runs: taskRunFilter,
  deployments: deploymentFilter,
  work_pools: workPoolFilter,
  work_pool_queues: workQueueFilter,
}

/**
 * The WHERE condition of a list of `table` under all given entity filters: that on its own rows, and for each other entity
 * that a related row exists for which its filter holds.
 */
export function listCondition(table: keyof typeof reach, filters: EntityFilters): Condition {
  const conditions: Condition[] = []
  for (const [entity, compile] of Object.entries(compilers) as [Entity, (typeof compilers)[Entity]][]) {
    const filter = filters[entity]
    if (!filter) continue
    const inner = compile(filter)
    if (entity === own[table]) {
      if (inner !== always) conditions.push(inner)
      continue
    }
    const path = reach[table][entity]
    // A filter without conditions still asks for a related row; where there always is one, it asks for nothing.
    if (!path || (inner === always && entity === 'flows' && table !== 'task_run')) continue
    const [before, after] = path.split('?') as [string, string]
    conditions.push(around(before, inner, after))
  }
  return allOf(conditions)
}
