import { bracketed, docComment, intersection, literalType, plain, propertyName, typeName, union, unknownType, type JsonSchema, type TypeText } from './type-text.ts'

/**
 * TypeScript declarations for a deployment's `parameter_openapi_schema`: the part of JSON Schema that pydantic and the schema
 * libraries of TypeScript write, in the words of draft 7 and of 2020-12. Whatever says nothing that a type can say becomes
 * `unknown`, so that a type never refuses what the server would take for a reason that is not in the schema.
 *
 * Definitions are named after the deployment and themselves, so that two deployments may both have an `Options`.
 */
export class SchemaTypes {
  readonly #definitions: ReadonlyMap<string, JsonSchema>
  readonly #names = new Map<string, string>()
  readonly #rootName: string
  readonly #taken: Set<string>
  readonly #declared: string[] = []

  /**
   * @param rootName of the type of all parameters
   * @param prefix of the names of definitions
   * @param taken names that are given away already; those of this schema are added
   */
  constructor(root: JsonSchema, rootName: string, prefix: string, taken: Set<string>) {
    this.#rootName = rootName
    this.#taken = taken
    taken.add(rootName)
    const definitions = { ...recordOf(root['definitions']), ...recordOf(root['$defs']) }
    this.#definitions = new Map(Object.entries(definitions).flatMap(([name, schema]) => (isSchema(schema) ? [[name, schema] as const] : [])))
    for (const name of this.#definitions.keys()) this.#names.set(name, this.#free(`${prefix}${typeName(name)}`))
    for (const [name, schema] of this.#definitions) {
      const comment = docComment(sentencesOf(schema, { withDefault: false }))
      const type = this.#meetsItself(name) ? unknownType : this.#typeOf(schema, '')
      this.#declared.push(`${comment}export type ${this.#names.get(name)} = ${type.text}\n`)
    }
    this.#declared.push(`export type ${rootName} = ${this.#objectOf(root, '', true).text}\n`)
  }

  /** The declarations, those that others refer to first. */
  get declarations(): readonly string[] {
    return this.#declared
  }

  #free(wanted: string): string {
    let name = wanted
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}${number}`
    this.#taken.add(name)
    return name
  }

  /** Whether a definition is nothing but itself again, which TypeScript refuses; through properties and items it may be. */
  #meetsItself(start: string): boolean {
    const seen = new Set<string>()
    const left: unknown[] = [this.#definitions.get(start)]
    for (let schema = left.pop(); schema !== undefined; schema = left.pop()) {
      if (!isSchema(schema)) continue
      const target = referenceOf(schema)
      if (target === start) return true
      if (target !== undefined && !seen.has(target)) {
        seen.add(target)
        left.push(this.#definitions.get(target))
      }
      left.push(...schemasIn(schema['anyOf']), ...schemasIn(schema['oneOf']), ...schemasIn(schema['allOf']))
    }
    return false
  }

  #typeOf(schema: unknown, indent: string): TypeText {
    // `true` takes everything, and `false` stands where nothing may be: neither comes from a parameter of a function.
    if (!isSchema(schema)) return unknownType
    const type = this.#withoutNull(schema, indent)
    return schema['nullable'] === true ? union([type, plain('null')]) : type
  }

  #withoutNull(schema: JsonSchema, indent: string): TypeText {
    if ('const' in schema) return literalType(schema['const'])
    if (Array.isArray(schema['enum'])) return union(schema['enum'].map(literalType))
    const parts: TypeText[] = []
    if (typeof schema['$ref'] === 'string') parts.push(this.#reference(schema))
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const choices = schemasIn(schema[keyword])
      if (choices.length > 0) parts.push(union(choices.map((choice) => this.#typeOf(choice, indent))))
    }
    parts.push(...schemasIn(schema['allOf']).map((part) => this.#typeOf(part, indent)))
    const kinds = Array.isArray(schema['type']) ? schema['type'] : [schema['type'] ?? impliedKind(schema)]
    // `type` beside a reference or a choice says nothing new, unless it brings properties of its own.
    if (parts.length === 0 || 'properties' in schema) parts.push(union(kinds.map((kind) => this.#kind(kind, schema, indent))))
    return intersection(parts)
  }

  #reference(schema: JsonSchema): TypeText {
    if (schema['$ref'] === '#') return plain(this.#rootName)
    const name = this.#names.get(referenceOf(schema) ?? '')
    return name === undefined ? unknownType : plain(name)
  }

  #kind(kind: unknown, schema: JsonSchema, indent: string): TypeText {
    switch (kind) {
      case 'string':
      case 'boolean':
      case 'null':
        return plain(kind)
      case 'integer':
      case 'number':
        return plain('number')
      case 'array':
        return this.#arrayOf(schema, indent)
      case 'object':
        return this.#objectOf(schema, indent, false)
      default:
        return unknownType
    }
  }

  /** Tuples are `prefixItems` and then `items`, or in draft 7 a list of `items` and then `additionalItems`. */
  #arrayOf(schema: JsonSchema, indent: string): TypeText {
    const isListed = Array.isArray(schema['items'])
    const places = (isListed ? schema['items'] : schema['prefixItems']) as unknown
    const rest = isListed ? schema['additionalItems'] : schema['items']
    if (!Array.isArray(places)) {
      // pydantic writes an empty tuple as a list that may hold nothing.
      if (schema['maxItems'] === 0) return plain('[]')
      return plain(`${bracketed(this.#typeOf(rest, indent))}[]`)
    }
    const needed = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0
    const isClosed = rest === false || (typeof schema['maxItems'] === 'number' && schema['maxItems'] <= places.length)
    const texts = places.map((place, index) => {
      const type = this.#typeOf(place, indent)
      return index < needed ? type.text : `${bracketed(type)}?`
    })
    if (!isClosed) texts.push(`...${bracketed(this.#typeOf(rest, indent))}[]`)
    return plain(`[${texts.join(', ')}]`)
  }

  /** @param isRoot whether these are the parameters themselves, which are closed and ordered by their `position` */
  #objectOf(schema: JsonSchema, indent: string, isRoot: boolean): TypeText {
    const fields = Object.entries(propertiesOf(schema))
    if (isRoot) fields.sort(([, a], [, b]) => positionOf(a) - positionOf(b))
    const open = isRoot ? undefined : this.#openFields(schema, fields.length > 0, indent)
    if (fields.length === 0) return plain(open ?? '{ [key: string]: unknown }')
    const required = requiredOf(schema)
    const inner = `${indent}  `
    const lines = fields.map(([name, field]) => {
      const comment = isSchema(field) ? docComment(sentencesOf(field, { withDefault: true }), inner) : ''
      return `${comment}${inner}${propertyName(name)}${required.has(name) ? '' : '?'}: ${this.#typeOf(field, inner).text}\n`
    })
    if (open !== undefined) lines.push(`${inner}[key: string]: unknown\n`)
    return plain(`{\n${lines.join('')}${indent}}`)
  }

  /** The type of an object's further fields; undefined when it has none, or none that the schema speaks of. */
  #openFields(schema: JsonSchema, isBesideOthers: boolean, indent: string): string | undefined {
    const { additionalProperties: further } = schema
    const patterns = Object.values(recordOf(schema['patternProperties']))
    if (further === undefined && patterns.length === 0) return undefined
    if (further === false && patterns.length === 0) return isBesideOthers ? undefined : '{ [key: string]: never }'
    const types = [...patterns, ...(further === false || (further === undefined && patterns.length > 0) ? [] : [further])]
    return `{ [key: string]: ${union(types.map((type) => this.#typeOf(type, indent))).text} }`
  }
}

/** Names of the properties that must be given: what has a default need not be, whatever `required` says. */
export function requiredOf(schema: JsonSchema): ReadonlySet<string> {
  const properties = propertiesOf(schema)
  return new Set(Object.keys(properties).filter((name) => schemasIn(schema['required']).includes(name) && !('default' in recordOf(properties[name]))))
}

/** What a schema tells people: its description, its format, and the value that is taken when there is none. */
function sentencesOf(schema: JsonSchema, { withDefault }: { withDefault: boolean }): string[] {
  const sentences: string[] = []
  if (typeof schema['description'] === 'string' && schema['description'].trim() !== '') sentences.push(schema['description'].trim())
  if (typeof schema['format'] === 'string') sentences.push(`Format: ${schema['format']}.`)
  const isSecret = schema['writeOnly'] === true || schema['format'] === 'password'
  if (withDefault && 'default' in schema && schema['default'] !== null && !isSecret) sentences.push(`Default: ${JSON.stringify(schema['default'])}`)
  return sentences
}

function impliedKind(schema: JsonSchema): string | undefined {
  if ('properties' in schema || 'additionalProperties' in schema || 'patternProperties' in schema) return 'object'
  return 'items' in schema || 'prefixItems' in schema ? 'array' : undefined
}

function referenceOf(schema: JsonSchema): string | undefined {
  const reference = schema['$ref']
  const match = typeof reference === 'string' ? /^#\/(?:definitions|\$defs)\/([^/]+)$/.exec(reference) : null
  // JSON pointers write `~` and `/` as `~0` and `~1`, and addresses escape what is no letter.
  return match ? unescapeUri(match[1]!).replaceAll('~1', '/').replaceAll('~0', '~') : undefined
}

function unescapeUri(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function positionOf(field: unknown): number {
  const position = isSchema(field) ? field['position'] : undefined
  return typeof position === 'number' ? position : Number.MAX_SAFE_INTEGER
}

/** The properties, those included that are required and not described. */
function propertiesOf(schema: JsonSchema): Record<string, unknown> {
  const properties = recordOf(schema['properties'])
  const undescribed = Object.keys(properties).length === 0 ? [] : schemasIn(schema['required']).filter((name) => typeof name === 'string' && !Object.hasOwn(properties, name))
  return { ...properties, ...Object.fromEntries(undescribed.map((name) => [name as string, {}])) }
}

function schemasIn(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : []
}

function recordOf(value: unknown): Record<string, unknown> {
  return isSchema(value) ? value : {}
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
