import type { NewEvent, Tx } from '../storage/port.ts'
import type { DeploymentRow } from '../storage/rows/deployments.ts'
import { relatedPool, updatePayload, type ChangedFields } from './work-pool-events.ts'

/** Tells of a deployment, with its flow, queue, pool, blocks and limit as related. */
export async function emitDeploymentEvent(
  tx: Tx,
  event: string,
  deployment: DeploymentRow,
  changed?: ChangedFields,
): Promise<void> {
  const told: NewEvent = {
    event,
    resource: {
      'prefect.resource.id': `prefect.deployment.${deployment.id}`,
      'prefect.resource.name': deployment.name,
    },
    related: await relatedResources(tx, deployment),
  }
  if (changed) told.payload = updatePayload(changed)
  await tx.emit(told)
}

async function relatedResources(tx: Tx, deployment: DeploymentRow): Promise<Record<string, string>[]> {
  const related: Record<string, string>[] = []
  const flow = await tx.get<{ name: string }>('select name from flow where id = ?', [deployment.flow_id])
  if (flow) related.push(resource('flow', deployment.flow_id, 'flow', flow.name))
  const place = deployment.work_queue_id === null ? undefined : await readPlace(tx, deployment.work_queue_id)
  if (place) {
    related.push(resource('work-queue', place.queue_id, 'work-queue', place.queue_name))
    related.push(relatedPool({ id: place.pool_id, name: place.pool_name, type: place.pool_type }))
  }
  if (deployment.storage_document_id) related.push(resource('block-document', deployment.storage_document_id, 'storage'))
  if (deployment.infrastructure_document_id) {
    related.push(resource('block-document', deployment.infrastructure_document_id, 'infrastructure'))
  }
  if (deployment.concurrency_limit_id) {
    related.push(resource('concurrency-limit', deployment.concurrency_limit_id, 'concurrency-limit'))
  }
  return related
}

function readPlace(tx: Tx, queueId: string) {
  return tx.get<{ queue_id: string; queue_name: string; pool_id: string; pool_name: string; pool_type: string }>(
    `select q.id as queue_id, q.name as queue_name, p.id as pool_id, p.name as pool_name, p.type as pool_type
     from work_queue q join work_pool p on p.id = q.work_pool_id where q.id = ?`,
    [queueId],
  )
}

function resource(kind: string, id: string, role: string, name?: string): Record<string, string> {
  return {
    'prefect.resource.id': `prefect.${kind}.${id}`,
    ...(name !== undefined && { 'prefect.resource.name': name }),
    'prefect.resource.role': role,
  }
}
