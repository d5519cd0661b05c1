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
  return toPrefect(convert({ target: 'draft-07' }))
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
    { title: name, ...(withOwnReferences(property) as object), position },
  ])
  const needed = required.filter((name) => !('default' in (properties[name] ?? {})))
  const shared = { ...definitions, ...$defs }
  return {
    title: 'Parameters',
    type: 'object',
    properties: Object.fromEntries(placed) as Record<string, unknown>,
    ...(needed.length > 0 ? { required: needed } : {}),
    ...(Object.keys(shared).length > 0 ? { definitions: withOwnReferences(shared) as Record<string, unknown> } : {}),
  }
}

/** `#/$defs/X` becomes `#/definitions/X`, wherever it stands. */
function withOwnReferences(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withOwnReferences)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/definitions/') : withOwnReferences(value),
    ]),
  )
}
