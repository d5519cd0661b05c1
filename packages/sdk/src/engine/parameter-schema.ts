import type { StandardSchema } from './standard-schema.ts'

/** A deployment's `parameter_openapi_schema`, as Prefect's server and UI expect it. */
export interface ParameterSchema {
  title: 'Parameters'
  type: 'object'
  properties: Record<string, unknown>
  required?: string[]
  definitions?: Record<string, unknown>
}

/**
 * The schema of what a caller must send. Where a library gives no JSON Schema, the form is empty and everything passes
 * to the flow, which checks it itself.
 */
export function parameterSchemaOf(schema: StandardSchema | undefined): ParameterSchema {
  const convert = schema?.['~standard'].jsonSchema?.input
  if (!convert) return { title: 'Parameters', type: 'object', properties: {} }
  return toPrefect(withDefaults(convert({ target: 'draft-07' }), schema))
}

/** arktype does not show defaults in its JSON Schema, but in its properties. */
function withDefaults(converted: Record<string, unknown>, schema: StandardSchema | undefined): Record<string, unknown> {
  const { props } = schema as { props?: readonly { key: unknown; default?: unknown }[] }
  if (schema?.['~standard'].vendor !== 'arktype' || !Array.isArray(props)) return converted
  const properties = { ...(converted['properties'] as Record<string, object>) }
  for (const prop of props as { key: string; default?: unknown }[]) {
    if (!('default' in prop) || !properties[prop.key]) continue
    properties[prop.key] = { ...properties[prop.key], default: typeof prop.default === 'function' ? (prop.default as () => unknown)() : prop.default }
  }
  return { ...converted, properties }
}

function toPrefect(schema: Record<string, unknown>): ParameterSchema {
  const { properties = {}, required = [], $defs, definitions } = schema as {
    properties?: Record<string, Record<string, unknown>>
    required?: string[]
    $defs?: Record<string, unknown>
    definitions?: Record<string, unknown>
  }
  const placed = Object.entries(properties).map(([name, property], position) => [
    name,
    // `position` is the order in the form.
    { title: name, ...(normal(property) as object), position },
  ])
  const needed = required.filter((name) => !('default' in (properties[name] ?? {})))
  const shared = { ...definitions, ...$defs }
  return {
    title: 'Parameters',
    type: 'object',
    properties: Object.fromEntries(placed) as Record<string, unknown>,
    ...(needed.length > 0 ? { required: needed } : {}),
    ...(Object.keys(shared).length > 0 ? { definitions: normal(titled(shared)) as Record<string, unknown> } : {}),
  }
}

/** Definitions are called by their names. */
function titled(definitions: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, { title: name, ...(definition as object) }]))
}

/** Bounds that some libraries give every whole number, because JavaScript holds no others exactly. */
const SAFE_BOUNDS: Readonly<Record<string, number>> = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
/** What is said of a value as a whole, whichever of its types it has. */
const OF_THE_WHOLE = new Set(['title', 'description', 'default', 'examples', 'deprecated'])

/** Puts a schema into the words of pydantic, which Prefect's forms are made for, wherever it stands. */
function normal(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(normal)
  if (typeof part !== 'object' || part === null) return part
  const members = Object.entries(part)
    .filter(([key, value]) => key !== '$schema' && !(key in SAFE_BOUNDS && value === SAFE_BOUNDS[key]))
    .map(([key, value]) => [key, key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/definitions/') : key === 'default' || key === 'enum' ? value : normal(value)] as const)
  const whole = Object.fromEntries(members)
  if (Array.isArray(whole['type'])) return eachTypeApart(whole, whole['type'])
  if (Array.isArray(whole['enum']) && whole['type'] === undefined && whole['enum'].every((value) => typeof value === 'string')) return { ...whole, type: 'string' }
  return whole
}

/** `type: [a, b]` becomes `anyOf`. */
function eachTypeApart(whole: Record<string, unknown>, types: readonly unknown[]): Record<string, unknown> {
  const outside = Object.entries(whole).filter(([key]) => OF_THE_WHOLE.has(key))
  const inside = Object.entries(whole).filter(([key]) => key !== 'type' && !OF_THE_WHOLE.has(key))
  return { anyOf: types.map((type) => (type === 'null' ? { type } : { ...Object.fromEntries(inside), type })), ...Object.fromEntries(outside) }
}
