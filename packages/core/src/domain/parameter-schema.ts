import { bestMatch } from './json-schema/best-match.ts'
import { isJsonObject, withRoundedNumbers, type JsonObject } from './json-schema/json-types.ts'
import { METASCHEMA } from './json-schema/metaschema.ts'
import {
  CircularSchemaError,
  SchemaTooComplexError,
  UnresolvableReferenceError,
  type PathPart,
  type SchemaError,
} from './json-schema/schema-error.ts'
import { VALUE_FAULT, ValueFault, schemaErrors } from './json-schema/validator.ts'
import { UnsettledValue } from './hydrate.ts'
import { reprString } from './python-repr.ts'

export { CircularSchemaError, ValueFault }

export interface ParameterCheckOptions {
  /** Null is allowed for optional fields also when they have a default: so for job variables. Default false. */
  allowNullWithDefault?: boolean
  /** Missing fields are no fault: so for defaults and overrides, which are parts of the whole. Default false. */
  ignoreRequired?: boolean
  /** The schema comes from `preprocessSchema` already. Default false. */
  isPreprocessed?: boolean
}

/**
 * Why values do not fit a schema, as `Validation failed for field 'a'. Failure reason: …`; undefined when they fit.
 * Of several faults the one that tells most is named. Formats do not count.
 *
 * @throws {CircularSchemaError} when the references of the schema go round without end
 */
export function parameterFault(
  values: unknown,
  schema: unknown,
  options: ParameterCheckOptions = {},
): string | undefined {
  const prepared = prepare(schema, options)
  let errors: SchemaError[]
  try {
    errors = schemaErrors(withRoundedNumbers(values), prepared)
  } catch (error) {
    return faultOfBrokenSchema(error, prepared)
  }
  const best = bestMatch(errors)
  if (!best) return undefined
  const path = jsonPath(best.path)
  const where =
    path === '$' ? 'Validation failed.' : `Validation failed for field ${reprString(path.replace('$.', ''))}.`
  return `${where} Failure reason: ${best.error.message}`
}

function prepare(schema: unknown, options: ParameterCheckOptions): unknown {
  const prepared = options.isPreprocessed ? schema : preprocessSchema(schema, options.allowNullWithDefault ?? false)
  return options.ignoreRequired ? withoutRequired(prepared) : prepared
}

/** A schema that is none shows when its keywords are applied; only then is the time spent to say what is wrong. */
function faultOfBrokenSchema(error: unknown, schema: unknown): string {
  if (error instanceof UnresolvableReferenceError || error instanceof SchemaTooComplexError) {
    return `Validation failed. Failure reason: ${error.message}`
  }
  if (error instanceof RangeError) throw new CircularSchemaError()
  const fault = error instanceof TypeError ? schemaFault(schema, { isPreprocessed: true }) : undefined
  if (fault === undefined) throw error
  return fault
}

/** Only objects are looked through, as Prefect does it: `required` inside lists of schemas stays. */
function withoutRequired(schema: unknown): unknown {
  if (!isJsonObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== 'required')
      .map(([key, value]) => [key, withoutRequired(value)]),
  )
}

const IDENTIFIER = /^[a-zA-Z_]\w*$/

function jsonPath(path: readonly PathPart[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return IDENTIFIER.test(part)
      ? `${text}.${part}`
      : `${text}['${part.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
  }, '$')
}

/** Why a schema is none, as `Invalid schema: …`, or undefined when it is one. */
export function schemaFault(schema: unknown, options: { isPreprocessed?: boolean } = {}): string | undefined {
  try {
    const prepared = options.isPreprocessed ? schema : preprocessSchema(schema)
    const [first] = checkAgainstMetaschema(prepared)
    return first && `Invalid schema: ${first.message}`
  } catch (error) {
    if (error instanceof SchemaTooComplexError || error instanceof CircularSchemaError)
      return `Invalid schema: ${error.message}`
    throw error
  }
}

function checkAgainstMetaschema(schema: unknown): SchemaError[] {
  return schemaErrors(schema, METASCHEMA, { checksFormats: true })
}

/**
 * All faults of values, formats included, for showing them at their fields. The schema has been checked with
 * `schemaFault`.
 *
 * @param values may hold `ValueFault` where a value could not be found, and `UnsettledValue` where it is not known yet
 * @returns a text when the schema cannot be applied, of the form `Validation failed. Failure reason: …`
 * @throws {CircularSchemaError} when the references of the schema go round without end
 */
export function validationErrors(
  values: unknown,
  schema: unknown,
  options: ParameterCheckOptions = {},
): SchemaError[] | string {
  const prepared = prepare(schema, options)
  try {
    return schemaErrors(withRoundedNumbers(values), prepared, { checksFormats: true })
  } catch (error) {
    return faultOfBrokenSchema(error, prepared)
  }
}

/** Faults at a key or an index, or a message about the value itself. */
export type ErrorNode = string | { property: string; errors: ErrorNode[] } | { index: number; errors: ErrorNode[] }

/**
 * Orders faults by where they are, as `POST /ui/schemas/validate` answers. A missing field's fault stands at the field.
 * Where a value could not be found, only that is said.
 */
export function validationErrorsTree(errors: readonly SchemaError[]): { errors: ErrorNode[]; valid: boolean } {
  const roots: ErrorNode[] = []
  for (const error of withValueFaultsFirst(errors)) {
    if (error.instance instanceof UnsettledValue) continue
    const path = [...error.path]
    if (error.keyword === 'required')
      path.push(error.message.slice(0, error.message.indexOf(' ')).replaceAll(/^'|'$/g, ''))
    const last = path.pop()
    if (last === undefined) {
      roots.push(error.message)
      continue
    }
    let siblings = roots
    for (const part of path) siblings = childrenAt(siblings, part)
    siblings.push(nodeOf(last, [error.message]))
  }
  return { errors: roots, valid: roots.length === 0 }
}

function nodeOf(part: PathPart, errors: ErrorNode[]): Exclude<ErrorNode, string> {
  return typeof part === 'number' ? { index: part, errors } : { property: part, errors }
}

function childrenAt(siblings: ErrorNode[], part: PathPart): ErrorNode[] {
  for (const node of siblings) {
    if (typeof node === 'object' && ('index' in node ? node.index : node.property) === part) return node.errors
  }
  const node = nodeOf(part, [])
  siblings.push(node)
  return node.errors
}

/** Groups errors by place, in the order in which places first occur; a value fault silences the others at its place. */
function withValueFaultsFirst(errors: readonly SchemaError[]): SchemaError[] {
  const places = new Map<string, SchemaError[]>()
  for (const error of errors) {
    const place = error.path.join('->')
    const group = places.get(place)
    if (group) group.push(error)
    else places.set(place, [error])
  }
  return [...places.values()].flatMap((group) => {
    const faults = group.filter((error) => error.keyword === VALUE_FAULT)
    return faults.length > 0 ? faults : group
  })
}

/**
 * Turns a schema as clients make it, some of them for older drafts, into one of draft 2020-12: optional fields may be
 * null, lists of `items` become `prefixItems`, and blocks may be given by reference.
 *
 * @param allowNullWithDefault see `ParameterCheckOptions`
 */
export function preprocessSchema(schema: unknown, allowNullWithDefault = false): unknown {
  if (!isJsonObject(schema)) return schema
  const processed: Record<string, unknown> = { ...schema }
  if (isJsonObject(schema['properties'])) {
    processed['properties'] = preprocessProperties(schema['properties'], schema['required'], allowNullWithDefault, 0)
  }
  if (isJsonObject(schema['definitions'])) {
    processed['definitions'] = preprocessDefinitions(schema['definitions'], allowNullWithDefault)
  }
  return processed
}

function preprocessDefinitions(definitions: JsonObject, allowNullWithDefault: boolean): JsonObject {
  const processed: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(definitions)) {
    processed[name] =
      !isJsonObject(definition) || !isJsonObject(definition['properties'])
        ? definition
        : {
            ...definition,
            properties: preprocessProperties(definition['properties'], definition['required'], allowNullWithDefault, 0),
          }
  }
  for (const definition of Object.values(processed)) {
    if (isJsonObject(definition) && 'block_type_slug' in definition && typeof definition['title'] === 'string') {
      processed[definition['title']] = { oneOf: [definition, BLOCK_REFERENCE] }
    }
  }
  return processed
}

/** `{"$ref": <id>}` or `{"$ref": {"block_document_id": <id>}}` in the place of a block. */
const BLOCK_REFERENCE: JsonObject = {
  type: 'object',
  properties: {
    $ref: {
      oneOf: [
        { type: 'string', format: 'uuid' },
        { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 },
      ],
    },
  },
  required: ['$ref'],
}

const NESTED_PROPERTIES_MAX = 100

function preprocessProperties(
  properties: JsonObject,
  required: unknown,
  allowNullWithDefault: boolean,
  depth: number,
): JsonObject {
  if (depth > NESTED_PROPERTIES_MAX) throw new CircularSchemaError()
  const isRequired = new Set(Array.isArray(required) ? required : [])
  return Object.fromEntries(
    Object.entries(properties).map(([key, property]) => {
      if (!isJsonObject(property)) return [key, property]
      const processed: Record<string, unknown> = { ...property }
      const { type } = property
      const hasDefault = 'default' in property && !allowNullWithDefault
      if (!isRequired.has(key) && type !== undefined && type !== 'null' && !hasDefault) {
        delete processed['type']
        processed['anyOf'] = [{ type }, { type: 'null' }]
      }
      const { items } = property
      if (Array.isArray(items) && items.length > 0 && !property['prefixItems']) {
        delete processed['items']
        processed['prefixItems'] = items
      }
      if (isJsonObject(property['properties'])) {
        processed['properties'] = preprocessProperties(
          property['properties'],
          property['required'],
          allowNullWithDefault,
          depth + 1,
        )
      }
      return [key, processed]
    }),
  )
}
