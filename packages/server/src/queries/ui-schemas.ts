import {
  CircularSchemaError, preprocessSchema, schemaFault, validationErrors, validationErrorsTree,
} from '@spillway/core/domain/parameter-schema'
import { httpError } from '../errors.ts'
import { ok } from '../storage/answers.ts'
import type { Answer, Sql } from '../storage/port.ts'
import { hydrateValues } from './hydration.ts'

/** All faults of values against a schema, for a form to show at its fields. */
async function validateValues(
  sql: Sql,
  args: { schema: Record<string, unknown>; values: Record<string, unknown> },
): Promise<Answer> {
  try {
    const schema = preprocessSchema(args.schema)
    const fault = schemaFault(schema, { isPreprocessed: true })
    if (fault !== undefined) throw httpError(422, fault)
    const errors = validationErrors(await hydrateValues(sql, args.values), schema, { isPreprocessed: true })
    if (typeof errors === 'string') throw httpError(422, `Invalid schema: ${errors}`)
    return ok(JSON.stringify(validationErrorsTree(errors)))
  } catch (error) {
    if (error instanceof CircularSchemaError) throw httpError(422, `Invalid schema: ${error.message}`)
    throw error
  }
}

export const uiSchemaQueries = { validateValues }
