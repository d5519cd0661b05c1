import { existsSync } from 'node:fs'
import type { Cli } from './cli.ts'
import { ownProfilesPath, readProfiles, writeProfiles, type Profiles, type ProfileSettings } from './profiles-file.ts'

/**
 * Changes the profiles. They are written to Spillway's own file; the first time it begins as a copy of Prefect's, which is
 * read as long as there is no own one and never written.
 */
export function changeProfiles(cli: Cli, change: (profiles: Readonly<Record<string, ProfileSettings>>, active: string | undefined) => Omit<Profiles, 'path'>): void {
  const before = readProfiles(cli.env)
  const isFirst = !existsSync(ownProfilesPath(cli.env))
  const file = writeProfiles(cli.env, change(before.profiles, before.active))
  if (isFirst && before.path !== undefined) cli.note(`The profiles are in ${file} from now on; those in ${before.path} were copied, and stay as they are.`)
}
