import { normalizeUuid } from '../wire/ids.ts'
import { isJsonObject, type JsonObject } from './json-schema/json-types.ts'
import { parameterFault, schemaFault, validationErrors } from './parameter-schema.ts'

/** A default that is a block: `{"$ref": {"block_document_id": …}}`. */
export interface BlockDefault {
  variable: string
  /** normalised; undefined when what is given is no uuid, for which there is no block */
  blockDocumentId: string | undefined
}

function variablesSchema(template: JsonObject): JsonObject | undefined {
  const { variables } = template
  return isJsonObject(variables) && Object.keys(variables).length > 0 ? variables : undefined
}

function defaultsOf(schema: JsonObject): [variable: string, value: unknown][] {
  const { properties } = schema
  if (!isJsonObject(properties)) return []
  return Object.entries(properties).flatMap(([variable, property]): [string, unknown][] =>
    isJsonObject(property) && 'default' in property ? [[variable, property['default']]] : [])
}

function isReference(value: unknown): value is JsonObject {
  return isJsonObject(value) && '$ref' in value
}

/**
 * The blocks that a base job template has as defaults. Load them before checking variables; one that does not exist is
 * answered with 404 `Block not found.`
 */
export function blockDefaults(template: JsonObject): BlockDefault[] {
  return defaultsOf(variablesSchema(template) ?? {}).flatMap(([variable, value]) => {
    const id = isReference(value) && isJsonObject(value['$ref']) ? value['$ref']['block_document_id'] : undefined
    if (id === undefined || id === null) return []
    return [{ variable, blockDocumentId: typeof id === 'string' ? normalizeUuid(id) : undefined }]
  })
}

export interface JobVariablesCheck {
  template: JsonObject
  /** Variables in the order in which they override each other: the deployment's, then the run's. */
  layers: readonly (JsonObject | null | undefined)[]
  /** the data of the blocks that `blockDefaults` named, by variable */
  blocks: ReadonlyMap<string, unknown>
  /** True for templates and deployments, which are parts of the whole; false for a run. */
  ignoreRequired: boolean
  /** True for deployments and runs: what is wrong in the template is not their fault. */
  ignoreInvalidDefaults: boolean
}

/**
 * Why job variables do not fit a work pool's base job template, as `Validation failed …` or `Invalid schema: …`, or
 * undefined when they fit or there is nothing to fit. The variables are the defaults with every layer over them.
 *
 * @throws {CircularSchemaError} when the references of the schema go round without end
 */
export function jobVariablesFault(check: JobVariablesCheck): string | undefined {
  const schema = variablesSchema(check.template)
  if (!schema) return undefined
  const broken = schemaFault(schema, { isPreprocessed: true })
  if (broken !== undefined) return broken
  const { defaults, hasInvalid } = usableDefaults(schema, check)
  const variables = Object.assign({}, defaults, ...check.layers.filter(isJsonObject)) as JsonObject
  return parameterFault(variables, schema, {
    // Without the invalid defaults, what they would have given is missing through no fault of the caller.
    ignoreRequired: check.ignoreRequired || hasInvalid,
    allowNullWithDefault: true,
  })
}

function usableDefaults(
  schema: JsonObject,
  { blocks, ignoreInvalidDefaults }: JobVariablesCheck,
): { defaults: JsonObject; hasInvalid: boolean } {
  const defaults: Record<string, unknown> = {}
  let hasInvalid = false
  for (const [variable, value] of defaultsOf(schema)) {
    if (isReference(value) && !blocks.has(variable)) continue
    const given = isReference(value) ? blocks.get(variable) : value
    const isValid =
      !ignoreInvalidDefaults ||
      validationErrors({ [variable]: given }, schema, { isPreprocessed: true, ignoreRequired: true }).length === 0
    if (isValid) defaults[variable] = given
    else hasInvalid = true
  }
  return { defaults, hasInvalid }
}
