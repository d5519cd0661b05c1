import type { FlowRunEventSubject, NamedThing } from '@spillway/core/domain/flow-run-event'
import type { Sql } from '../storage/port.ts'

/** Names and tags of what a flow run belongs to: what its events tell as related. Members are null where there is none. */
export interface FlowRunRelations {
  flow_name: string
  flow_tags: string
  flow_labels: string
  deployment_found: string | null
  deployment_name: string | null
  deployment_tags: string | null
  deployment_labels: string | null
  queue_name: string | null
  pool_id: string | null
  pool_name: string | null
  pool_type: string | null
  parent_found: string | null
  parent_name: string | null
  parent_tags: string | null
}

export const relationColumns = `f.name as flow_name, f.tags as flow_tags, f.labels as flow_labels,
  d.id as deployment_found, d.name as deployment_name, d.tags as deployment_tags, d.labels as deployment_labels,
  q.name as queue_name, p.id as pool_id, p.name as pool_name, p.type as pool_type,
  t.id as parent_found, t.name as parent_name, t.tags as parent_tags`

/** The relations of a run that is about to be made; undefined when there is no such flow. */
export function readRelations(
  sql: Sql,
  of: { flowId: string; deploymentId: string | null; workQueueId: string | null; parentTaskRunId: string | null },
) {
  return sql.get<FlowRunRelations>(
    `select ${relationColumns} from flow f
     left join deployment d on d.id = ?
     left join work_queue q on q.id = ?
     left join work_pool p on p.id = q.work_pool_id
     left join task_run t on t.id = ?
     where f.id = ?`,
    [of.deploymentId, of.workQueueId, of.parentTaskRunId, of.flowId],
  )
}

/** The run as its events tell of it. `runCount` is the count after the transition. */
export function eventSubject(
  run: {
    id: string
    name: string
    flow_id: string
    deployment_id: string | null
    work_queue_id: string | null
    parent_task_run_id: string | null
    tags: string
    created_by: string | null
  },
  relations: FlowRunRelations,
  runCount: number,
): FlowRunEventSubject {
  const named = (id: string | null, name: string | null, tags: string | null): NamedThing | null =>
    id === null || name === null ? null : { id, name, tags: tags === null || tags === '[]' ? [] : JSON.parse(tags) }
  return {
    id: run.id,
    name: run.name,
    runCount,
    tags: run.tags === '[]' ? [] : JSON.parse(run.tags),
    createdBy: run.created_by === null ? null : JSON.parse(run.created_by),
    flow: named(run.flow_id, relations.flow_name, relations.flow_tags),
    deployment: named(relations.deployment_found, relations.deployment_name, relations.deployment_tags),
    workQueue: named(run.work_queue_id, relations.queue_name, null),
    workPool:
      relations.pool_id === null
        ? null
        : { id: relations.pool_id, name: relations.pool_name ?? '', type: relations.pool_type ?? '' },
    parentTaskRun: named(relations.parent_found, relations.parent_name, relations.parent_tags),
  }
}
