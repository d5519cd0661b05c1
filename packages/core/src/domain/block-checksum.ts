import { WrittenNumber, pythonCanonicalJson } from './python-json.ts'

type JsonObject = Readonly<Record<string, unknown>>

const REFERENCE_PREFIX = '#/definitions/'

/**
 * The checksum by which a block schema is known, `sha256:<hex>`: the same that Prefect's clients compute from the same
 * fields. Secret fields and the definitions of other blocks do not count.
 *
 * @param fields the schema's fields; parse them with `parseKeepingNumbers` when a default may be written as `1.0`
 * @param sha256Hex the hash of a text in UTF-8, as lower-case hex
 */
export function blockSchemaChecksum(fields: JsonObject, sha256Hex: (text: string) => string): string {
  return `sha256:${sha256Hex(pythonCanonicalJson([[fieldsForChecksum(fields)], {}]))}`
}

function fieldsForChecksum(fields: JsonObject): JsonObject {
  const counted = withoutSecretFields(fields) as JsonObject
  const { definitions, ...rest } = counted
  if (!isObject(definitions) || Object.keys(definitions).length === 0) return counted
  const kept = new Map<string, unknown>()
  const queue: unknown[] = [counted]
  while (queue.length > 0) {
    for (const reference of referencesIn(queue.pop())) {
      const name = reference.replace(REFERENCE_PREFIX, '')
      const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
      if (kept.has(name) || !isObject(definition) || definition['block_type_slug'] != null) continue
      kept.set(name, definition)
      queue.push(definition)
    }
  }
  return kept.size > 0 ? { ...rest, definitions: Object.fromEntries(kept) } : rest
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber)
}

/** Lists are left as they are: only nested objects are looked through. */
function withoutSecretFields(value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'secret_fields')
      .map(([key, member]) => [key, withoutSecretFields(member)]),
  )
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, member]) =>
    key === '$ref' && typeof member === 'string' ? [member] : referencesIn(member))
}
