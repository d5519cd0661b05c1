import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parse, stringify } from 'smol-toml'
import { CommandError } from './exit-codes.ts'

type Environment = Readonly<Record<string, string | undefined>>
export type ProfileSettings = Readonly<Record<string, string>>

/** Profiles as they lie in a `profiles.toml`, in the form of the `prefect` command. */
export interface Profiles {
  /** Where they were read; undefined when there is no file yet. */
  readonly path: string | undefined
  readonly active: string | undefined
  readonly profiles: Readonly<Record<string, ProfileSettings>>
}

/** The profile that is active where no file names one. It is empty until something is set in it. */
export const DEFAULT_PROFILE = 'default'

/** Profiles that are there without a file, under the names that Prefect has for its own. */
export const builtInProfiles: Readonly<Record<string, ProfileSettings>> = {
  [DEFAULT_PROFILE]: {},
  ephemeral: {},
  test: {},
  local: { PREFECT_API_URL: 'http://127.0.0.1:4200/api' },
}

export function spillwayHome(env: Environment): string {
  return path.resolve(env['SPILLWAY_HOME'] || path.join(os.homedir(), '.spillway'))
}

/** Spillway's own file: the only one that is ever written. */
export function ownProfilesPath(env: Environment): string {
  return path.join(spillwayHome(env), 'profiles.toml')
}

/** Spillway's own profiles; as long as there are none, those of the Prefect installation of this user. */
export function readProfiles(env: Environment): Profiles {
  const prefect = env['PREFECT_PROFILES_PATH'] || path.join(env['PREFECT_HOME'] || path.join(os.homedir(), '.prefect'), 'profiles.toml')
  const found = [ownProfilesPath(env), prefect].find((file) => existsSync(file))
  if (found === undefined) return { path: undefined, active: undefined, profiles: {} }
  const { active, profiles } = parseToml(found) as { active?: unknown; profiles?: Record<string, Record<string, unknown>> }
  return {
    path: found,
    active: typeof active === 'string' ? active : undefined,
    profiles: Object.fromEntries(Object.entries(profiles ?? {}).map(([name, settings]) => [name, textsOf(settings)])),
  }
}

/** Writes Spillway's own file, readable by this user alone: there may be passwords in it. */
export function writeProfiles(env: Environment, { active, profiles }: Omit<Profiles, 'path'>): string {
  const file = ownProfilesPath(env)
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, stringify({ ...(active === undefined ? {} : { active }), profiles }), { mode: 0o600 })
  renameSync(unfinished, file)
  return file
}

/** @throws {CommandError} naming the file, and the place where it is no TOML. */
export function parseToml(file: string): Record<string, unknown> {
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new CommandError(`${file} cannot be read: ${(cause as Error).message.split('\n')[0]}`, { remedy: 'Correct it, or move it away.', cause })
  }
}

function textsOf(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, settingText(value)]))
}

/** A value out of a TOML file as an environment variable would hold it. */
export function settingText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
