import { isRequired } from '@spillway/core/wire/json-schema'
import type { TSchema } from '@spillway/core/wire/schema'
import type { SchemaForm } from '@spillway/core/wire/validation/schema-form'
import { bracketed, docComment, literalType, plain, propertyName, union, unknownType, type TypeText } from '../../packages/cli/src/generate/type-text.ts'

/** Which way a value goes: what may be left out is another question for whoever sends than for whoever reads. */
export type Direction = 'request' | 'answer'

/** The complaint about one field: it has what there is to say. */
const sparse = 'ValidationError'

/** What a named schema is called where it is referred to. */
export type NameOf = (component: string) => string

/** The declaration of a named schema: an interface where it has fields. */
export function declarationOf(schema: TSchema, name: string, direction: Direction, nameOf: NameOf): string {
  const form = schema as SchemaForm
  const fields = Object.keys(form.properties ?? {})
  if (fields.length > 0) return `export interface ${name} ${fieldsOf(form, direction, nameOf, '')}\n`
  return `export type ${name} = ${inPlace(form, direction, nameOf, '').text}\n`
}

/** The type of a schema in some place. */
export function typeOf(schema: TSchema, direction: Direction, nameOf: NameOf, indent = ''): TypeText {
  const form = schema as SchemaForm
  const name = form.$ref ?? form.$id
  const type = name === undefined ? inPlace(form, direction, nameOf, indent) : plain(nameOf(name))
  const isNullable = (form.anyOf ?? []).some((choice) => (choice as SchemaForm).type === 'null')
  return !isNullable && mayBeNull(form, direction) ? union([type, plain('null')]) : type
}

/** Null where the schema does not say so: the value of an absent field, and what empty inputs stand for. */
function mayBeNull(form: SchemaForm, direction: Direction): boolean {
  return direction === 'answer' ? 'default' in form && form.default === null : form.emptyIsNull === true
}

function inPlace(form: SchemaForm, direction: Direction, nameOf: NameOf, indent: string): TypeText {
  if (form.const !== undefined) return literalType(form.const)
  if (form.enum !== undefined) return union(form.enum.map(literalType))
  const choices = form.anyOf ?? form.oneOf
  if (choices !== undefined) return union(choices.map((choice) => typeOf(choice, direction, nameOf, indent)))
  switch (form.type) {
    case 'string':
      // Seconds go both ways; ISO 8601 is read too.
      if (form.format === 'duration') return direction === 'answer' ? plain('number') : union([plain('number'), plain('string')])
      return plain('string')
    case 'integer':
    case 'number':
      return plain('number')
    case 'boolean':
    case 'null':
      return plain(form.type)
    case 'array':
      return arrayOf(form, direction, nameOf, indent)
    case 'object':
      return objectOf(form, direction, nameOf, indent)
    default:
      return unknownType
  }
}

function arrayOf(form: SchemaForm, direction: Direction, nameOf: NameOf, indent: string): TypeText {
  const readonly = direction === 'request' ? 'readonly ' : ''
  if (form.prefixItems) return plain(`${readonly}[${form.prefixItems.map((item) => typeOf(item, direction, nameOf, indent).text).join(', ')}]`)
  const items = form.items === undefined ? unknownType : typeOf(form.items, direction, nameOf, indent)
  // `readonly` holds for the array, so a list of lists wants brackets.
  return plain(`${readonly}${items.text.startsWith('readonly ') ? `(${items.text})` : bracketed(items)}[]`)
}

function objectOf(form: SchemaForm, direction: Direction, nameOf: NameOf, indent: string): TypeText {
  if (Object.keys(form.properties ?? {}).length > 0) return plain(fieldsOf(form, direction, nameOf, indent))
  const values = typeof form.additionalProperties === 'object' ? typeOf(form.additionalProperties, direction, nameOf, indent) : unknownType
  return plain(`Record<string, ${values.text}>`)
}

function fieldsOf(form: SchemaForm, direction: Direction, nameOf: NameOf, indent: string): string {
  const inner = `${indent}  `
  const lines = Object.entries(form.properties ?? {}).map(([name, field]) => {
    const { description, deprecated } = field as { description?: string; deprecated?: boolean }
    const comment = docComment([...(description ? [description] : []), ...(deprecated ? ['@deprecated'] : [])], inner)
    return `${comment}${inner}${fieldOf(name, field, direction, nameOf, inner, form.$id === sparse)}\n`
  })
  if (form.additionalProperties === true) lines.push(`${inner}[key: string]: unknown\n`)
  return `{\n${lines.join('')}${indent}}`
}

/**
 * `name: type` of a field. Whoever sends may leave out what has a default; an answer holds it, since servers write whole models
 * (`test/sdk/typed-requests.ts` looks whether they do), but for those that are sparse.
 */
export function fieldOf(name: string, field: TSchema, direction: Direction, nameOf: NameOf, indent = '', isSparse = false): string {
  const type = typeOf(field, direction, nameOf, indent)
  if (direction === 'answer') return `${propertyName(name)}${isSparse && '~optional' in field ? '?' : ''}: ${type.text}`
  return isRequired(field) ? `${propertyName(name)}: ${type.text}` : `${propertyName(name)}?: ${union([type, plain('undefined')]).text}`
}
