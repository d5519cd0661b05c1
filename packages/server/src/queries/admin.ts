import { ok } from '../storage/answers.ts'
import { defaultStorageJson } from '../storage/default-storage.ts'
import type { Answer, Sql } from '../storage/port.ts'

async function readDefaultResultStorage(sql: Sql): Promise<Answer> {
  return ok(await defaultStorageJson(sql))
}

/** True when the store answers. */
async function pingStore(sql: Sql): Promise<boolean> {
  return (await sql.get<{ one: number }>('select 1 as one'))?.one === 1
}

export const adminQueries = { readDefaultResultStorage, pingStore }
