import { CircularSchemaError, parameterFault, schemaFault, validationErrors } from '@spillway/core/domain/parameter-schema'
import { reprString } from '@spillway/core/domain/python-repr'
import { normalizeUuid } from '@spillway/core/wire/ids'
import { httpError } from '../errors.ts'
import { decryptData } from '../storage/block-documents.ts'
import type { Tx } from '../storage/port.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'

export type JobVariables = Readonly<Record<string, unknown>> | null | undefined
type Template = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Checks the defaults in a new pool's job template against the template's own schema; defaults that name a block are checked
 * as the block's data.
 *
 * @throws 422 when a default or the schema is wrong, 404 when a block does not exist.
 */
export async function checkTemplateDefaults(tx: Tx, template: Template): Promise<void> {
  const fault = await variablesFault(tx, template, [], { ignoreRequired: true, keepInvalidDefaults: true })
  if (fault !== undefined) throw httpError(422, `Validation failed for work pool's job variable defaults: ${fault}`)
}

/** Checks a new deployment's variables; required ones may be missing. @throws 422 */
export async function checkDeploymentVariables(tx: Tx, pool: WorkPoolRow, variables: JobVariables): Promise<void> {
  if (!variables || Object.keys(variables).length === 0) return
  const fault = await variablesFault(tx, JSON.parse(pool.base_job_template), [variables], { ignoreRequired: true })
  if (fault !== undefined) throw httpError(422, `Error creating deployment: ${fault}`)
}

/** Checks the variables of a changed deployment, by themselves. @throws 409 */
export async function checkVariablesOfUpdate(_tx: Tx, pool: WorkPoolRow, variables: JobVariables): Promise<void> {
  const schema = JSON.parse(pool.base_job_template).variables
  if (!isObject(schema) || !variables) return
  const errors = validationErrors(variables, schema, { ignoreRequired: true })
  const [first] = errors
  if (first === undefined) return
  // Prefect prints the error object itself here.
  const shown = typeof first === 'string' ? errors : `<ValidationError: ${reprString(first.message)}>`
  throw httpError(409, `Error creating deployment: ${shown}`)
}

/**
 * Checks the variables that a run starts with: the pool's defaults, then the deployment's, then the run's own. Here nothing
 * may be missing.
 *
 * @throws 422
 */
export async function checkRunVariables(
  tx: Tx,
  pool: WorkPoolRow,
  deploymentVariables: JobVariables,
  runVariables: JobVariables,
  doing: 'creating' | 'updating' = 'creating',
): Promise<void> {
  const template = JSON.parse(pool.base_job_template)
  const fault = await variablesFault(tx, template, [deploymentVariables, runVariables], { ignoreRequired: false })
  if (fault !== undefined) throw httpError(422, `Error ${doing} flow run: ${fault}`)
}

async function variablesFault(
  tx: Tx,
  template: Template,
  overlays: readonly JobVariables[],
  options: { ignoreRequired: boolean; keepInvalidDefaults?: boolean },
): Promise<string | undefined> {
  const schema = template['variables']
  if (!isObject(schema) || Object.keys(schema).length === 0) return undefined
  const broken = schemaFault(schema, { isPreprocessed: true })
  if (broken !== undefined) throw httpError(422, broken)
  const { defaults, someInvalid } = await defaultsOf(tx, schema, options.keepInvalidDefaults ?? false)
  return faultOf(Object.assign({}, defaults, ...overlays.filter(isObject)), schema, {
    // What an invalid default would have supplied must not be asked of anybody.
    ignoreRequired: options.ignoreRequired || someInvalid,
    allowNullWithDefault: true,
  })
}

/** The template's defaults. Those that break their own schema do not count, unless they are what is checked. */
async function defaultsOf(
  tx: Tx,
  schema: Record<string, unknown>,
  keepInvalid: boolean,
): Promise<{ defaults: Record<string, unknown>; someInvalid: boolean }> {
  const defaults: Record<string, unknown> = {}
  let someInvalid = false
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property) || !('default' in property)) continue
    const value = await resolvedDefault(tx, property['default'])
    if (value === undefined) continue
    const isValid =
      keepInvalid ||
      parameterFault({ [name]: value }, schema, { ignoreRequired: true, isPreprocessed: true }) === undefined
    if (isValid) defaults[name] = value
    else someInvalid = true
  }
  return { defaults, someInvalid }
}

/** A default of the form `{"$ref": {"block_document_id": …}}` stands for the block's data; undefined when it names none. */
async function resolvedDefault(tx: Tx, value: unknown): Promise<unknown> {
  if (!isObject(value) || !('$ref' in value)) return value
  const reference = value['$ref']
  const given = isObject(reference) ? reference['block_document_id'] : undefined
  if (given === undefined || given === null) return undefined
  const id = typeof given === 'string' ? normalizeUuid(given) : undefined
  const row = id && (await tx.get<{ id: string; data: string }>('select id, data from block_document where id = ?', [id]))
  if (!row) throw httpError(404, 'Block not found.')
  return decryptData(tx, row)
}

function faultOf(
  variables: unknown,
  schema: unknown,
  options: { ignoreRequired: boolean; allowNullWithDefault: boolean },
): string | undefined {
  try {
    return parameterFault(variables, schema, options)
  } catch (error) {
    if (error instanceof CircularSchemaError) return 'Unable to validate schema with circular references.'
    throw error
  }
}
