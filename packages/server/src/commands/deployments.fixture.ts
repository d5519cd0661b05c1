import type { TestStore } from '../storage/sqlite/testing.ts'
import type { DeploymentRun } from './deployment-runs.ts'
import type { NewDeployment } from './deployments.ts'
import type { NewSchedule } from './deployment-schedules.ts'
import type { NewWorkPool } from './work-pools.ts'

/** A JSON answer's body. */
export const bodyOf = (answer: { json: string }): any => JSON.parse(answer.json)

export async function makeFlow(store: TestStore, name = 'tide'): Promise<string> {
  return bodyOf(await store.write('createFlow', { name, tags: [], labels: {} })).id
}

export async function makePool(store: TestStore, given: Partial<NewWorkPool> = {}): Promise<any> {
  const pool: NewWorkPool = {
    name: 'dock', description: null, type: 'process', base_job_template: {}, is_paused: false, concurrency_limit: null,
    storage_configuration: {}, ...given,
  }
  return bodyOf(await store.write('createWorkPool', { pool, oldClient: false }))
}

/** Makes or changes a deployment of the flow `tide`. */
export async function makeDeployment(store: TestStore, given: Partial<NewDeployment> = {}): Promise<any> {
  const deployment = { name: 'daily', flow_id: await makeFlow(store), ...given }
  return bodyOf(await store.write('createDeployment', { deployment, createdBy: null, updatedBy: null }))
}

export function everySeconds(interval: number, given: Partial<NewSchedule> = {}): NewSchedule {
  const schedule = { interval, anchor_date: '2026-01-01T00:00:00Z', timezone: 'UTC' }
  return { schedule, active: true, max_scheduled_runs: null, parameters: {}, slug: null, ...given }
}

/** A run that says nothing of itself. */
export const plainRun: DeploymentRun = {
  state: null, name: null, parameters: {}, enforce_parameter_schema: null, context: {}, infrastructure_document_id: null,
  empirical_policy: null, tags: [], idempotency_key: null, labels: null, parent_task_run_id: null, work_queue_name: null,
  job_variables: null,
}

export async function makeRun(store: TestStore, deploymentId: string, given: Partial<DeploymentRun> = {}): Promise<any> {
  const args = { id: deploymentId, run: { ...plainRun, ...given }, createdBy: null, clientVersion: null, apiVersion: null }
  return bodyOf(await store.write('createRunFromDeployment', args))
}

/** Names of the events told so far, oldest first. */
export function toldEvents(store: TestStore): string[] {
  return store.publications.flatMap((publication) => (publication.topic === 'event' ? publication.event : []))
}
