import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { CommandError, EXIT } from './exit-codes.ts'
import { nearNames } from './near-names.ts'
import { builtInProfiles, DEFAULT_PROFILE, parseToml, readProfiles, settingText, type ProfileSettings } from './profiles-file.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** One place that settings come from. */
export interface SettingsLayer {
  /** As people are told: `env`, `.env file`, `prefect.toml`, `profile`. */
  readonly source: string
  /** By environment variable. */
  readonly values: ProfileSettings
}

export interface ResolvedSettings {
  readonly profile: { readonly name: string; readonly path: string | undefined }
  /** The places in which something is set, those that win first. */
  readonly layers: readonly SettingsLayer[]
  /** The environment with what profile and files add to it. */
  readonly environment: Environment
}

const ours = /^(PREFECT|SPILLWAY)_/

/**
 * Reads all places that settings come from, in Prefect's order: the environment, `.env`, `prefect.toml` and `pyproject.toml`
 * of the working directory, the active profile. A profile that is named for this command comes before all of them.
 *
 * @throws {CommandError} when a profile is asked for that is not there
 */
export async function resolveSettings(env: Environment, { profile }: { profile?: string | undefined } = {}): Promise<ResolvedSettings> {
  const { name, path, settings } = activeProfile(env, profile)
  const ofProfile = { source: `profile ${name}`, values: settings }
  const layers = [
    ...(profile === undefined ? [] : [ofProfile]),
    { source: 'env', values: chosen(env) },
    { source: '.env file', values: existsSync('.env') ? chosen(parseEnv(readFileSync('.env', 'utf8'))) : {} },
    { source: 'prefect.toml', values: existsSync('prefect.toml') ? await byVariable(parseToml('prefect.toml')) : {} },
    { source: 'pyproject.toml', values: existsSync('pyproject.toml') ? await byVariable(prefectTool(parseToml('pyproject.toml'))) : {} },
    ...(profile === undefined ? [ofProfile] : []),
  ]
  const environment = Object.assign({}, ...layers.map(({ values }) => values).reverse()) as Record<string, string>
  return { profile: { name, path }, layers: layers.filter(({ values }) => Object.keys(values).length > 0), environment: { ...env, ...environment } }
}

function activeProfile(env: Environment, wanted: string | undefined): { name: string; path: string | undefined; settings: ProfileSettings } {
  const { path, active, profiles } = readProfiles(env)
  const asked = wanted ?? (env['PREFECT_PROFILE'] || undefined)
  const name = asked ?? active ?? DEFAULT_PROFILE
  const settings = profiles[name] ?? builtInProfiles[name]
  if (asked !== undefined && settings === undefined) {
    const [near] = nearNames(asked, Object.keys(profiles))
    const remedy = near === undefined ? "'spillway profile ls' lists the ones there are." : `Did you mean '${near}'?`
    throw new CommandError(`There is no profile '${asked}'.`, { remedy, exitCode: EXIT.notFound })
  }
  return { name, path, settings: settings ?? {} }
}

/** Variables of ours that have a value; an empty one counts as unset. */
function chosen(env: Environment): ProfileSettings {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => ours.test(entry[0]) && !!entry[1]))
}

function prefectTool(project: Record<string, unknown>): Record<string, unknown> {
  return ((project['tool'] as Record<string, unknown> | undefined)?.['prefect'] as Record<string, unknown> | undefined) ?? {}
}

/** Dotted keys of a TOML file as environment variables; keys that are no settings are passed over. */
async function byVariable(file: Record<string, unknown>): Promise<ProfileSettings> {
  if (Object.keys(file).length === 0) return {}
  // Loaded only here: it is large, and few folders have such a file.
  const { settingsCatalogue } = await import('./settings-catalogue.ts')
  const values = settingsCatalogue.flatMap(({ name, path }) => {
    const value = path?.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], file)
    return value === undefined ? [] : [[name, settingText(value)] as const]
  })
  return Object.fromEntries(values)
}
