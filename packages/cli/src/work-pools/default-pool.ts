import type { Cli } from '../cli.ts'
import { readProfiles, writeProfiles } from '../profiles-file.ts'

const SETTING = 'PREFECT_DEFAULT_WORK_POOL_NAME'

/** Makes a pool the one of deployments that name none, in the active profile. @returns the file that says so now. */
export async function setDefaultPool(cli: Cli, pool: string): Promise<string> {
  const { name } = (await cli.settings()).profile
  const { active, profiles } = readProfiles(cli.env)
  return writeProfiles(cli.env, { active, profiles: { ...profiles, [name]: { ...profiles[name], [SETTING]: pool } } })
}

/** The pool of deployments that name none. */
export async function defaultPool(cli: Cli): Promise<string | undefined> {
  return (await cli.settings()).environment[SETTING]
}
