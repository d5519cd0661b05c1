import { firstValueFault } from '@spillway/core/domain/hydrate'
import { CircularSchemaError, parameterFault } from '@spillway/core/domain/parameter-schema'
import { httpError } from '../errors.ts'
import { hydrateValues } from '../queries/hydration.ts'
import type { Tx } from '../storage/port.ts'
import type { DeploymentRow } from '../storage/rows/deployments.ts'

/**
 * Parameters with every reference in them resolved: JSON texts, templates and workspace variables.
 *
 * @throws 400 `<prefix>: <what is wrong>`
 */
export async function hydrateOrRefuse(
  tx: Tx,
  parameters: Record<string, unknown>,
  prefix: string,
): Promise<Record<string, unknown>> {
  const hydrated = await hydrateValues(tx, parameters, {})
  const fault = firstValueFault(hydrated)
  if (fault) throw httpError(400, `${prefix}: ${fault.message}`)
  return hydrated as Record<string, unknown>
}

/** Why parameters do not fit a deployment's schema. */
export type ParameterRefusal = { kind: 'no-schema' } | { kind: 'circular' } | { kind: 'fault'; text: string }

/** @param schema As stored or sent; anything but an object counts as none. */
export function refusalOf(parameters: unknown, schema: unknown, ignoreRequired: boolean): ParameterRefusal | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return { kind: 'no-schema' }
  try {
    const text = parameterFault(parameters, schema, { ignoreRequired })
    return text === undefined ? undefined : { kind: 'fault', text }
  } catch (error) {
    if (error instanceof CircularSchemaError) return { kind: 'circular' }
    throw error
  }
}

/** The answer to a refusal of one deployment's change or one run. */
export function refusalError(refusal: ParameterRefusal, prefix: string): Error {
  switch (refusal.kind) {
    case 'no-schema':
      return httpError(
        409,
        'Error updating deployment: Cannot update parameters because parameter schema enforcement is enabled and the' +
          ' deployment does not have a valid parameter schema.',
      )
    case 'circular':
      return httpError(422, 'Invalid schema: Unable to validate schema with circular references.')
    case 'fault':
      return httpError(409, `${prefix}: ${refusal.text}`)
  }
}

/**
 * Checks the parameters that a deployment will have after an update against the schema that it will have, where it
 * enforces it. Required ones may be missing: runs supply them.
 */
export function enforceStoredParameters(
  before: DeploymentRow,
  changes: {
    parameters?: Record<string, unknown> | null
    parameter_openapi_schema?: Record<string, unknown> | null
    enforce_parameter_schema?: boolean | null
  },
): void {
  if (!(changes.enforce_parameter_schema ?? before.enforce_parameter_schema === 1)) return
  const stored = before.parameter_openapi_schema
  const schema = changes.parameter_openapi_schema ?? (stored === null ? null : JSON.parse(stored))
  const parameters = changes.parameters ?? JSON.parse(before.parameters)
  const refusal = refusalOf(parameters, schema, true)
  if (refusal) throw refusalError(refusal, 'Error updating deployment')
}
