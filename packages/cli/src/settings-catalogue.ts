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

/** All settings of Prefect's client and server, and Spillway's own, by name. */
export const settingsCatalogue: readonly KnownSetting[] = [
  ...fieldsOf(Settings as unknown as Field, []),
  ...Object.entries(own).map(([name, value]) => ({ name, aliases: [], path: undefined, default: value, isSecret: false, type: undefined })),
].sort((a, b) => a.name.localeCompare(b.name))

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
    return [{
      name,
      aliases,
      path: where.join('.'),
      default: inner.default == null ? undefined : typeof inner.default === 'string' ? inner.default : JSON.stringify(inner.default),
      isSecret: forms.some(({ writeOnly }) => writeOnly === true),
      type: forms.map(({ type }) => type).filter((type) => type !== undefined && type !== 'null').length === 1 ? forms.find(({ type }) => type !== undefined && type !== 'null')!.type : undefined,
    }]
  })
}
