import { pythonRepr } from '../python-repr.ts'
import { isJsonObject, type JsonObject } from './json-types.ts'
import { KEYWORDS } from './keywords.ts'
import { resolveReference } from './references.ts'
import { CircularSchemaError, SchemaTooComplexError, type PathPart, type SchemaError } from './schema-error.ts'

/** Schemas inside schemas inside values; Prefect's validator gives up a little earlier. */
const DEPTH_MAX = 400
const STEPS_MAX = 100_000

/** A fault that stands in the place of a value, such as a variable that does not exist; it breaks every schema. */
export class ValueFault {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

/** What a keyword needs to check what is below it. */
export interface Validation {
  readonly root: unknown
  readonly checksFormats: boolean
  /** Checks a value against a schema; `path` is where the value stands from the value at hand. */
  descend(instance: unknown, schema: unknown, path?: PathPart): SchemaError[]
  isValid(instance: unknown, schema: unknown): boolean
  resolve(reference: string): unknown
}

/**
 * Checks a value against a JSON schema of draft 2020-12 and returns all errors, in the order of the schema's keywords.
 *
 * @param options.checksFormats whether `format` counts. Default false.
 * @throws {CircularSchemaError} when references go round without end
 * @throws {UnresolvableReferenceError} when a reference leads nowhere
 * @throws {SchemaTooComplexError} after 100,000 steps
 */
export function schemaErrors(
  instance: unknown,
  schema: unknown,
  options: { checksFormats?: boolean } = {},
): SchemaError[] {
  let depth = 0
  let steps = 0

  function check(value: unknown, against: unknown): SchemaError[] {
    if (against === true) return []
    if (against === false) {
      const message = `False schema does not allow ${pythonRepr(value)}`
      return [{ message, path: [], keyword: undefined, schema: against, instance: value, context: [] }]
    }
    if (!isJsonObject(against)) return []
    if (++steps > STEPS_MAX) throw new SchemaTooComplexError()
    if (++depth > DEPTH_MAX) throw new CircularSchemaError()
    const errors: SchemaError[] = []
    for (const [keyword, expected] of Object.entries(against)) {
      const apply = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined
      if (!apply) continue
      for (const error of apply(expected as never, value, against, validation)) {
        errors.push(
          typeof error === 'string' ? leaf(error, keyword, against, value) : attributed(error, keyword, against, value),
        )
      }
    }
    if (value instanceof ValueFault) errors.push(leaf(value.message, VALUE_FAULT, against, value))
    depth--
    return errors
  }

  const validation: Validation = {
    root: schema,
    checksFormats: options.checksFormats ?? false,
    descend(value, against, path) {
      const errors = check(value, against)
      // Python's validator leaves the place out when a schema is plainly `false`, and so do its messages.
      if (path !== undefined && against !== false) for (const error of errors) error.path.unshift(path)
      return errors
    },
    isValid: (value, against) => check(value, against).length === 0,
    resolve: (reference) => resolveReference(schema, reference),
  }
  return check(instance, schema)
}

/** The keyword of an error that comes from a `ValueFault`. */
export const VALUE_FAULT = '(value)'

function leaf(message: string, keyword: string, schema: JsonObject, instance: unknown): SchemaError {
  return { message, path: [], keyword, schema, instance, context: [] }
}

/** An error from below keeps what it is about; one that a keyword made itself is about the value at hand. */
function attributed(error: SchemaError, keyword: string, schema: JsonObject, instance: unknown): SchemaError {
  if (error.keyword === undefined && error.schema === undefined) {
    return { ...error, keyword, schema, instance }
  }
  return error
}
