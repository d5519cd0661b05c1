import type { TSchema } from 'typebox'
import type { SchemaForm } from './schema-form.ts'

/** The members of a union without null, which makes it nullable instead. */
export function memberSchemas(members: readonly TSchema[]): { inner: TSchema[]; isNullable: boolean } {
  const inner = members.filter((member) => (member as SchemaForm).type !== 'null')
  return { inner, isNullable: inner.length < members.length }
}

const TEXT_FORMATS: Readonly<Record<string, string>> = { uuid: 'uuid', 'date-time': 'datetime', duration: 'timedelta' }

/** What pydantic calls a union's member in the place of an error. */
export function labelOf(schema: TSchema): string {
  const form = schema as SchemaForm
  if (form.label !== undefined) return form.label
  const name = form.$id ?? form.$ref
  if (name !== undefined) return name.replace(/-(?:In|Out)put$/, '')
  const members = form.anyOf ?? form.oneOf
  if (members !== undefined) return unionLabel(members)
  if (form.enum !== undefined) return `literal[${form.enum.map((value) => `'${String(value)}'`).join(',')}]`
  if ('const' in form) return `literal['${String(form.const)}']`
  switch (form.type) {
    case 'string':
      return TEXT_FORMATS[form.format ?? ''] ?? (isConstrained(form) ? 'constrained-str' : 'str')
    case 'integer':
      return isConstrained(form) ? 'constrained-int' : 'int'
    case 'number':
      return isConstrained(form) ? 'constrained-float' : 'float'
    case 'boolean':
      return 'bool'
    case 'null':
      return 'none'
    case 'array':
      return `${form.uniqueItems ? 'set' : 'list'}[${form.items === undefined ? 'any' : labelOf(form.items)}]`
    case 'object':
      return `dict[str,${typeof form.additionalProperties === 'object' ? labelOf(form.additionalProperties) : 'any'}]`
    default:
      return 'any'
  }
}

function unionLabel(members: readonly TSchema[]): string {
  const { inner, isNullable } = memberSchemas(members)
  const labels = inner.map(labelOf).join(',')
  const union = inner.length === 1 ? labels : `union[${labels}]`
  return isNullable ? `nullable[${union}]` : union
}

const LIMITS = [
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
] as const

function isConstrained(form: SchemaForm): boolean {
  return LIMITS.some((limit) => form[limit] !== undefined)
}
