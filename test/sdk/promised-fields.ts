type Schema = Readonly<Record<string, unknown>>

/** As much of an OpenAPI document as is read here. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>> }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** Which fields of a route's answer, and of what is in it, are not there, by their places. */
export function missingFields(document: OpenApi, route: string, answer: unknown): string[] {
  const [method = '', path = ''] = route.split(' ')
  const responses = document.paths[`/api${path}`]?.[method.toLowerCase()]?.responses ?? {}
  const content = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content
  return missing(document, content!['application/json']!.schema, answer, route)
}

function missing(document: OpenApi, schema: Schema, value: unknown, place: string): string[] {
  if (typeof schema['$ref'] === 'string') return missing(document, document.components.schemas[schema['$ref'].split('/').at(-1)!]!, value, place)
  const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined
  // Of several forms the value has one: that which lacks least.
  if (choices) return choices.filter((choice) => mayHold(document, choice, value)).map((choice) => missing(document, choice, value, place)).toSorted((a, b) => a.length - b.length)[0] ?? []
  if (Array.isArray(value)) return value.flatMap((item, index) => missing(document, (schema['items'] ?? {}) as Schema, item, `${place}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).flatMap(([name, field]) =>
    name in value ? missing(document, field, (value as Record<string, unknown>)[name], `${place}.${name}`) : [`${place}.${name}`],
  )
}

function mayHold(document: OpenApi, schema: Schema, value: unknown): boolean {
  if (typeof schema['$ref'] === 'string') return mayHold(document, document.components.schemas[schema['$ref'].split('/').at(-1)!]!, value)
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return schema['type'] === undefined || schema['type'] === (type === 'number' && schema['type'] === 'integer' ? 'integer' : type)
}
