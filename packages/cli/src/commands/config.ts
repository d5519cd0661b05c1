import type { Command } from 'commander'
import { notFound, type Cli } from '../cli.ts'
import { confirmable, subcommand, withCli } from '../command.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { changeProfiles } from '../change-profiles.ts'
import { faultOf, findSetting, settingsCatalogue, type KnownSetting } from '../settings-catalogue.ts'
import type { SettingsLayer } from '../settings-sources.ts'

/** What stands for a secret. */
const covered = '********'
/** They say where the profiles are, so they cannot lie in one. */
const notInProfiles = ['PREFECT_HOME', 'PREFECT_PROFILES_PATH', 'PREFECT_PROFILE', 'SPILLWAY_HOME']

export function configCommands(group: Command): void {
  subcommand(group, 'view', 'Show the settings and where each comes from.', 'spillway config view --show-defaults', 'spillway config view --hide-sources --json')
    .option('--show-defaults', 'those that are not set, too')
    .option('--hide-defaults', 'only those that are set (default)')
    .option('--show-sources', 'name the source of each value (default)')
    .option('--hide-sources', 'do not')
    .option('--show-secrets', 'show passwords and keys')
    .option('--hide-secrets', 'cover them (default)')
    .action(withCli(view))
  subcommand(group, 'set', 'Set settings in the active profile.', 'spillway config set PREFECT_API_URL=http://127.0.0.1:4200/api')
    .argument('<settings...>', 'as NAME=value')
    .action(withCli(set))
  confirmable(subcommand(group, 'unset', 'Take settings out of the active profile.', 'spillway config unset PREFECT_API_URL --yes'))
    .argument('<names...>', 'names of settings')
    .action(withCli(unset))
  subcommand(group, 'validate', 'Check all settings, those of the server too.', 'spillway config validate').action(withCli(validate))
}

interface Shown {
  readonly name: string
  readonly value: string | null
  readonly source: string
}

interface ViewOptions {
  readonly showDefaults?: boolean
  readonly hideDefaults?: boolean
  readonly hideSources?: boolean
  readonly showSecrets?: boolean
  readonly hideSecrets?: boolean
}

async function view(cli: Cli, options: ViewOptions): Promise<void> {
  const { profile, layers } = await cli.settings()
  const showsSecrets = options.showSecrets === true && !options.hideSecrets
  const settings = settingsCatalogue.flatMap((setting): Shown[] => {
    const set = findValue(setting, layers)
    if (!set && (!options.showDefaults || options.hideDefaults)) return []
    const { value, source } = set ?? { value: setting.default, source: 'defaults' }
    return [{ name: setting.name, value: value === undefined ? null : setting.isSecret && !showsSecrets ? covered : value, source }]
  })
  if (cli.isJson) return cli.show({ profile: profile.name, settings: options.hideSources ? settings.map(({ name, value }) => ({ name, value })) : settings }, () => {})
  cli.print(`PREFECT_PROFILE='${profile.name}'`)
  for (const { name, value, source } of settings) {
    cli.print(`${name}=${value === null ? 'None' : `'${value}'`}${options.hideSources ? '' : cli.paint('dim', ` (from ${source})`)}`)
  }
}

/** The value that counts, and its source: with the variable, where that is an older name. */
function findValue({ name, aliases }: KnownSetting, layers: readonly SettingsLayer[]): { value: string; source: string } | undefined {
  for (const { source, values } of layers) {
    for (const variable of [name, ...aliases]) {
      const value = values[variable]
      if (value !== undefined) return { value, source: variable === name ? source : `${source} ${variable}` }
    }
  }
  return undefined
}

async function set(cli: Cli, pairs: string[]): Promise<void> {
  const changes = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    if (at <= 0) throw new CommandError(`'${pair}' is no setting with a value.`, { remedy: 'Write NAME=value, as in: spillway config set PREFECT_API_URL=http://127.0.0.1:4200/api', exitCode: EXIT.usage })
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    const setting = knownSetting(name)
    if (notInProfiles.includes(setting.name)) throw new CommandError(`${name} cannot be set in a profile: it says where the profiles are.`, { remedy: `Set it in the environment: export ${name}=…`, exitCode: EXIT.usage })
    const fault = faultOf(setting, value)
    if (fault !== undefined) throw new CommandError(`${name} ${fault}.`, { exitCode: EXIT.usage })
    return [setting.name, value]
  })
  const { profile, layers } = await cli.settings()
  changeProfiles(cli, (profiles, active) => ({ active, profiles: { ...profiles, [profile.name]: { ...profiles[profile.name], ...Object.fromEntries(changes) } } }))
  const shown = changes.map(([name, value]) => [name, findSetting(name)?.isSecret ? covered : value] as const)
  cli.show({ profile: profile.name, set: Object.fromEntries(shown) }, () => {
    for (const [name, value] of shown) cli.print(`Set '${name}' to '${value}' in the profile '${profile.name}'.`)
  })
  for (const [name] of changes) {
    const stronger = layers.find(({ source, values }) => !source.startsWith('profile') && values[name] !== undefined)
    if (stronger) cli.note(`${name} is set in ${stronger.source}, too, and that one counts where no --profile is given.`)
  }
}

async function unset(cli: Cli, names: string[]): Promise<void> {
  const { profile, layers } = await cli.settings()
  const values = layers.find(({ source }) => source.startsWith('profile'))?.values ?? {}
  const keys = names.map((name) => {
    const setting = knownSetting(name)
    const key = [setting.name, ...setting.aliases].find((variable) => values[variable] !== undefined)
    if (key === undefined) throw new CommandError(`'${name}' is not set in the profile '${profile.name}'.`, { exitCode: EXIT.notFound })
    return key
  })
  await cli.confirm(`Take ${keys.join(', ')} out of the profile '${profile.name}'?`)
  changeProfiles(cli, (profiles, active) => ({
    active,
    profiles: { ...profiles, [profile.name]: Object.fromEntries(Object.entries(profiles[profile.name] ?? {}).filter(([name]) => !keys.includes(name))) },
  }))
  cli.show({ profile: profile.name, unset: keys }, () => {
    for (const key of keys) cli.print(`Unset '${key}' in the profile '${profile.name}'.`)
  })
}

async function validate(cli: Cli): Promise<void> {
  const { layers, environment } = await cli.settings()
  const faults: string[] = []
  const hints: string[] = []
  for (const { source, values } of layers) {
    for (const [name, value] of Object.entries(values)) {
      const setting = findSetting(name)
      // The environment holds variables for other programs, and for the processes of runs.
      if (!setting && !source.startsWith('env') && !notInProfiles.includes(name)) faults.push(`${name} (from ${source}) is no setting${nearest(name)}`)
      if (!setting) continue
      const fault = faultOf(setting, value)
      if (fault !== undefined) faults.push(`${name} (from ${source}) ${fault}`)
      if (setting.name !== name) hints.push(`${name} (from ${source}) is an older name of ${setting.name}`)
    }
  }
  if (faults.length === 0) faults.push(...(await serverFaults(environment)))
  for (const hint of hints) cli.note(hint)
  if (faults.length > 0) throw new CommandError(faults.join('\n'), { remedy: "Correct it, or take it out: 'spillway config unset NAME' for what comes from the profile." })
  cli.show({ valid: true, hints }, () => cli.print('The settings are valid.'))
}

/** What the server would refuse to start with. */
async function serverFaults(environment: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const [{ readSettings }, { readLimits }, { StartupError }] = await Promise.all([
    import('@spillway/server/settings'),
    import('@spillway/server/limits'),
    import('@spillway/server/errors'),
  ])
  try {
    readSettings(environment)
    readLimits(environment)
    return []
  } catch (error) {
    if (error instanceof StartupError) return [`${error.message} ${error.remedy}`]
    throw error
  }
}

function knownSetting(name: string): KnownSetting {
  const setting = findSetting(name)
  if (!setting) throw notFound('setting', name, settingsCatalogue.map((one) => one.name), "'spillway config view --show-defaults' lists all of them.")
  return setting
}

function nearest(name: string): string {
  const { remedy } = notFound('setting', name, settingsCatalogue.map((one) => one.name))
  return remedy === undefined ? '' : `; ${remedy.replace('Did', 'did')}`
}
