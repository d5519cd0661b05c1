import type { TSchema } from 'typebox'
import { schemaNamed } from './schema.ts'
import type { SchemaForm } from './validation/schema-form.ts'

/** A schema as a document shows it. */
export type JsonSchema = { [keyword: string]: unknown }

/** Keywords that a document shows as they stand; all others are our own or need work. */
const PLAIN = [
  'title',
  'description',
  'type',
  'format',
  'const',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'propertyNames',
  'contentMediaType',
  'deprecated',
  'readOnly',
  'writeOnly',
  'supported_environment_variables',
] as const

/** Keywords that hold one schema, a list of schemas, and schemas by name. */
const ONE = ['items', 'additionalProperties'] as const
const LISTS = ['anyOf', 'oneOf', 'prefixItems'] as const

/**
 * Turns a schema into JSON Schema for a document. Named schemas inside it become references.
 *
 * @param refer makes the reference of a name; told of every name that is referred to
 */
export function toJsonSchema(schema: TSchema, refer: (name: string) => string): JsonSchema {
  const form = schema as SchemaForm
  const name = form.$ref ?? form.$id
  if (name !== undefined) return { $ref: refer(name), ...besideReference(form, name) }
  return withoutName(form, refer)
}

/** Turns a named schema into the JSON Schema of its component. */
export function toComponent(name: string, refer: (name: string) => string): JsonSchema {
  const schema = schemaNamed(name)
  if (schema === undefined) throw new Error(`There is no schema called ${name}`)
  return withoutName(schema as SchemaForm, refer)
}

/** What a place adds to the schema that it refers to. */
function besideReference(form: SchemaForm, name: string): JsonSchema {
  const own = form as unknown as JsonSchema
  const base = (schemaNamed(name) ?? {}) as JsonSchema
  const out: JsonSchema = {}
  for (const keyword of ['default', 'description', 'deprecated']) {
    const value = own[keyword]
    if (value !== undefined && value !== null && value !== base[keyword]) out[keyword] = withoutNulls(value)
  }
  return out
}

function withoutName(form: SchemaForm, refer: (name: string) => string): JsonSchema {
  const own = form as unknown as JsonSchema
  const out: JsonSchema = {}
  for (const keyword of PLAIN) {
    if (own[keyword] !== undefined) out[keyword] = own[keyword]
  }
  for (const keyword of ONE) {
    const inner = own[keyword]
    if (inner !== undefined) out[keyword] = typeof inner === 'boolean' ? inner : toJsonSchema(inner as TSchema, refer)
  }
  for (const keyword of LISTS) {
    const inner = own[keyword] as readonly TSchema[] | undefined
    if (inner !== undefined) out[keyword] = inner.map((member) => toJsonSchema(member, refer))
  }
  if (form.discriminator !== undefined) out['discriminator'] = form.discriminator
  if (form.properties !== undefined) {
    const fields = Object.entries(form.properties)
    out['properties'] = Object.fromEntries(fields.map(([key, field]) => [key, toJsonSchema(field, refer)]))
    const required = fields.filter(([, field]) => isRequired(field as SchemaForm)).map(([key]) => key)
    if (required.length > 0) out['required'] = required
  }
  if (form.default !== undefined && form.default !== null) out['default'] = withoutNulls(form.default)
  return out
}

/** Whether a field must be sent: it has no default of any kind. */
export function isRequired(field: TSchema): boolean {
  const form = field as SchemaForm
  return !('default' in form || '~optional' in form || form.makeDefault || form.absentIsEmpty)
}

/** Documents leave nulls out of objects, defaults included. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null)
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]))
}
