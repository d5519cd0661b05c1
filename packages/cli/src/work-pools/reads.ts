import type { WorkPoolResponse } from '@spillway/core/wire/work-pools'
import type { ApiClient } from '@spillway/sdk'
import { notFound } from '../cli.ts'
import { found, readAll } from '../reads.ts'

interface WorkerType {
  readonly type: string
  readonly description?: string
  readonly default_base_job_configuration: object
}

/** The work pool of that name. @throws {CommandError} that names near ones */
export async function poolOf(client: ApiClient, name: string): Promise<WorkPoolResponse> {
  const names = async (): Promise<string[]> => (await readAll<WorkPoolResponse>(client, '/work_pools/filter')).map((pool) => pool.name)
  return await found(client.request('GET /work_pools/{name}', { path: { name } }), 'work pool', name, names, `Make it with: spillway work-pool create ${name} --type process`)
}

/** Types of workers that the server knows. */
export async function workerTypesOf(client: ApiClient): Promise<WorkerType[]> {
  const packages = await client.call<Record<string, Record<string, WorkerType>>>('GET', '/collections/views/aggregate-worker-metadata')
  return Object.values(packages).flatMap((types) => Object.values(types))
}

/** The template of jobs of a type. @throws {CommandError} that names near types */
export async function baseJobTemplateOf(client: ApiClient, type: string): Promise<object> {
  const types = await workerTypesOf(client)
  const one = types.find((candidate) => candidate.type === type)
  if (!one) throw notFound('type of work pool', type, types.map((candidate) => candidate.type), `There are: ${types.map((candidate) => candidate.type).join(', ')}.`)
  return one.default_base_job_configuration
}
