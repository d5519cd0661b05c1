import type { WorkPoolResponse } from '@spillway/core/wire/work-pools'
import type { ApiClient } from '@spillway/sdk'
import type { Prompts } from '../cli.ts'
import { readAll } from '../reads.ts'
import { makePool } from './make-pool.ts'
import { workerTypesOf } from './reads.ts'

/**
 * Lets the user choose a work pool, or make one where there is none.
 *
 * @param type only pools of this type
 */
export async function askForPool({ choose, askFor }: Prompts, client: ApiClient, type?: string): Promise<string> {
  const pools = (await readAll<WorkPoolResponse>(client, '/work_pools/filter')).filter((pool) => pool.type !== 'prefect-agent' && (type === undefined || pool.type === type))
  if (pools.length > 0) return await choose('Which work pool?', pools.map((pool) => ({ value: pool.name, hint: pool.type })))
  const name = await askFor(`There is no work pool${type === undefined ? '' : ` of type ${type}`} yet. How shall the new one be called?`, 'local')
  await makePool(client, name, type ?? 'process')
  return name
}

/** Lets the user choose among the types of work pools that the server knows. */
export async function askForType({ choose }: Prompts, client: ApiClient): Promise<string> {
  const types = await workerTypesOf(client)
  const first = types.toSorted((a, b) => Number(b.type === 'process') - Number(a.type === 'process'))
  return await choose('How shall its workers run things?', first.map(({ type, description }) => ({ value: type, ...(description === undefined ? {} : { hint: description }) })))
}
