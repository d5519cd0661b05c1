import { compile } from '@spillway/core/wire/validate'
import type { TSchema } from '@spillway/core/wire/schema'
import { Settings as SettingsSchema } from '@spillway/core/wire/settings/all'
import type { Settings } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface SettingForm {
  properties?: Record<string, TSchema>
  anyOf?: TSchema[]
  type?: string
  format?: string
  supported_environment_variables?: string[]
}

/** What stands for a secret that is set. */
const covered = '**********'

/**
 * Prefect's whole tree of settings as `/admin/settings` shows it: defaults, then what the environment says, then what
 * this server really uses. Secrets are covered.
 *
 * @param env Values that do not fit their setting are passed over; what this server obeys was checked at its start.
 */
export function describeSettings(env: Environment, settings: Settings, apiUrl: string): unknown {
  const defaults = compile(SettingsSchema)({})
  const tree = (defaults.ok ? defaults.value : {}) as Record<string, unknown>
  applyEnvironment(SettingsSchema, tree, env)
  set(tree, ['home'], settings.home)
  set(tree, ['profiles_path'], tree['profiles_path'] ?? `${settings.home}/profiles.toml`)
  set(tree, ['results', 'local_storage_path'], get(tree, 'results', 'local_storage_path') ?? `${settings.home}/storage`)
  set(tree, ['server', 'memo_store_path'], `${settings.home}/memo_store.toml`)
  set(tree, ['cloud', 'ui_url'], get(tree, 'cloud', 'ui_url') ?? 'https://app.prefect.cloud')
  set(tree, ['logging', 'config_path'], get(tree, 'logging', 'config_path') ?? `${settings.home}/logging.yml`)
  set(tree, ['server', 'analytics_enabled'], false)
  set(tree, ['server', 'api', 'host'], settings.host)
  set(tree, ['server', 'api', 'port'], settings.port)
  set(tree, ['server', 'api', 'keepalive_timeout'], settings.keepAliveSeconds)
  set(tree, ['server', 'api', 'default_limit'], settings.defaultLimit)
  set(tree, ['server', 'logs', 'stream_out_enabled'], settings.logs.streamOutEnabled)
  if (settings.services.retention.kinds.size === 0) set(tree, ['server', 'services', 'db_vacuum', 'enabled'], null)
  set(tree, ['server', 'database', 'connection_url'], covered)
  set(tree, ['server', 'ui', 'api_url'], settings.uiApiUrl ?? apiUrl)
  return tree
}

function applyEnvironment(schema: TSchema, tree: Record<string, unknown>, env: Environment): void {
  for (const [name, property] of Object.entries((schema as SettingForm).properties ?? {})) {
    const form = property as SettingForm
    if (form.properties) {
      applyEnvironment(property, tree[name] as Record<string, unknown>, env)
      continue
    }
    const variable = form.supported_environment_variables?.find((candidate) => env[candidate])
    const given = variable === undefined ? undefined : readSetting(property, env[variable]!)
    tree[name] = shown(form, given === undefined ? tree[name] : given)
  }
}

function shown(form: SettingForm, value: unknown): unknown {
  if (value === null || value === undefined) return isList(form) ? [] : null
  if (isSecret(form)) return covered
  return form.format === 'duration' && typeof value === 'number' ? isoDuration(value) : value
}

/** `PT1H30M`, `P90D`: durations among the settings are told in this form, unlike those of the rest of the API. */
function isoDuration(seconds: number): string {
  const parts = [
    ['Y', 365 * 86_400],
    ['D', 86_400],
    ['H', 3_600],
    ['M', 60],
  ] as const
  let rest = seconds
  let days = ''
  let time = ''
  for (const [letter, length] of parts) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count === 0) continue
    if (length >= 86_400) days += `${count}${letter}`
    else time += `${count}${letter}`
  }
  if (rest > 0 || (days === '' && time === '')) time += `${Math.round(rest * 1e6) / 1e6}S`
  return `P${days}${time === '' ? '' : `T${time}`}`
}

function isList(form: SettingForm): boolean {
  return form.type === 'array' || (form.anyOf ?? []).some((member) => isList(member as SettingForm))
}

/** Lists, sets and maps are JSON or, where that does not fit, texts between commas. */
function readSetting(schema: TSchema, text: string): unknown {
  const check = compile(schema)
  const readings = [() => text, () => JSON.parse(text) as unknown, () => text.split(',').map((part) => part.trim())]
  for (const read of readings) {
    try {
      const result = check(read())
      if (result.ok) return result.value
    } catch {
      // No JSON: the next reading may fit.
    }
  }
  return undefined
}

function isSecret(form: SettingForm): boolean {
  return form.format === 'password' || (form.anyOf ?? []).some((member) => isSecret(member as SettingForm))
}

function get(tree: Record<string, unknown>, section: string, name: string): unknown {
  return (tree[section] as Record<string, unknown> | undefined)?.[name]
}

function set(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path as [string, ...string[]]
  if (!(name in tree)) return
  if (rest.length === 0) tree[name] = value
  else set(tree[name] as Record<string, unknown>, rest, value)
}
