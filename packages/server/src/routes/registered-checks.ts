import { CircularSchemaError, parameterFault, schemaFault } from '@spillway/core/domain/parameter-schema'
import { validateSchedule } from '@spillway/core/domain/schedules'
import { setCheck } from '@spillway/core/wire/registered-checks'

/** Supplies the checks of request bodies that need the domain: schedules, and a deployment's parameters by its schema. */
export function registerDeploymentChecks(): void {
  setCheck('cron', (cron) => validateSchedule({ cron, timezone: null, day_or: true }))
  setCheck('rrule', (rrule) => validateSchedule({ rrule, timezone: null }))
  setCheck('deploymentParameters', deploymentParametersFault)
}

function deploymentParametersFault(body: Record<string, unknown>): string | undefined {
  const schema = body['parameter_openapi_schema']
  if (schema === undefined || schema === null) return undefined
  const invalid = schemaFault(schema, { isPreprocessed: true })
  if (invalid !== undefined) {
    return `The provided schema is not a valid json schema. Schema error: ${invalid.replace(/^Invalid schema: /, '')}`
  }
  try {
    return parameterFault(body['parameters'] ?? {}, schema, { ignoreRequired: true, isPreprocessed: true })
  } catch (error) {
    if (error instanceof CircularSchemaError) return 'Invalid schema: Unable to validate schema with circular references.'
    throw error
  }
}
