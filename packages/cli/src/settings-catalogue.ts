import { Settings } from '@spillway/core/wire/settings/all'

/** A setting that `config` knows. */
export interface KnownSetting {
  /** Its environment variable. */
  readonly name: string
  /** Older variables that still work. */
  readonly aliases: readonly string[]
  /** Where it stands in a `prefect.toml`: `api.url`. Spillway's own settings are variables only. */
  readonly path: string | undefined
  readonly default: string | undefined
  readonly isSecret: boolean
  /** What a value must be, as JSON Schema calls it: `boolean`, `integer`, `number`; undefined: anything. */
  readonly type: string | undefined
}

interface Field {
  readonly properties?: Readonly<Record<string, Field>>
  readonly supported_environment_variables?: readonly string[]
  readonly default?: unknown
  readonly type?: string
  readonly writeOnly?: boolean
  readonly anyOf?: readonly Field[]
}

/** Settings of Spillway's own, with what holds where they are not set. */
const own: Readonly<Record<string, string | undefined>> = {
  SPILLWAY_ALLOWED_HOSTS: undefined,
  SPILLWAY_API_PATIENCE: '600',
  SPILLWAY_DEBUG: '0',
  SPILLWAY_HEALTH_LISTEN: undefined,
  SPILLWAY_HEARTBEAT_SECONDS: '30',
  SPILLWAY_HOME: '~/.spillway',
  SPILLWAY_LIMITS: undefined,
  SPILLWAY_STREAM_TICKET_SECONDS: '3600',
  SPILLWAY_STRICT_FIELDS: 'false',
  SPILLWAY_TRUSTED_PROXIES: undefined,
}

/** Where Spillway's server goes by another default than Prefect's; `docs/settings.md` says why. */
const otherDefaults: Readonly<Record<string, string>> = {
  PREFECT_FLOWS_HEARTBEAT_FREQUENCY: '30',
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  PREFECT_SERVER_API_KEEPALIVE_TIMEOUT: '75',
  PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED: 'true',
}

/** Not secrets by themselves, but what is in them often is. */
const holdSecrets = new Set(['PREFECT_CLIENT_CUSTOM_HEADERS'])

/** All settings of Prefect's client and server, and Spillway's own, by name. */
export const settingsCatalogue: readonly KnownSetting[] = [
  ...fieldsOf(Settings as unknown as Field, []),
  ...Object.entries(own).map(([name, value]) => ({ name, aliases: [], path: undefined, default: value, isSecret: false, type: undefined })),
].sort((a, b) => a.name.localeCompare(b.name))

/** What is wrong with a value of a setting, in words that go on after its name; undefined: nothing. */
export function faultOf({ name, type }: KnownSetting, value: string): string | undefined {
  if (name === 'PREFECT_API_URL' && !/^https?:\/\/[^/]+/.test(value)) return 'must be an address such as http://127.0.0.1:4200/api'
  if (type === 'boolean' && !/^(1|true|t|yes|y|on|0|false|f|no|n|off)$/i.test(value)) return 'must be true or false'
  if (type === 'integer' && !/^[+-]?\d+$/.test(value.trim())) return 'must be a whole number'
  if (type === 'number' && !Number.isFinite(Number(value)) && !/^-?P/.test(value)) return 'must be a number'
  return undefined
}

/** The setting of a variable, by its name or an older one. */
export function findSetting(name: string): KnownSetting | undefined {
  return settingsCatalogue.find((setting) => setting.name === name || setting.aliases.includes(name))
}

function fieldsOf(field: Field, path: readonly string[]): KnownSetting[] {
  return Object.entries(field.properties ?? {}).flatMap(([key, inner]) => {
    const where = [...path, key]
    if (inner.properties) return fieldsOf(inner, where)
    const [name, ...aliases] = inner.supported_environment_variables ?? []
    if (name === undefined) return []
    const forms = [inner, ...(inner.anyOf ?? [])]
    const types = forms.flatMap(({ type }) => (type === undefined || type === 'null' ? [] : type))
    return [{
      name,
      aliases,
      path: where.join('.'),
      default: otherDefaults[name] ?? defaultText(inner.default),
      isSecret: holdSecrets.has(name) || forms.some(({ writeOnly }) => writeOnly),
      type: types.length === 1 ? types[0] : undefined,
    }]
  })
}

function defaultText(value: unknown): string | undefined {
  if (value == null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}
