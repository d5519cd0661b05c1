import { parameterFault, schemaFault } from '@spillway/core/domain/parameter-schema'
import { validateSchedule } from '@spillway/core/domain/schedules'
import { setWireLimits } from '@spillway/core/wire/limits'
import { setCheck } from '@spillway/core/wire/registered-checks'
import type { Settings } from '../settings.ts'

/** Gives the wire schemas what they need from the domain and the settings. Called once, before requests are checked. */
export function registerWireChecks(settings: Settings): void {
  setWireLimits({
    parameterBytesMax: settings.maxParameterBytes,
    cacheKeyLengthMax: settings.store.maxCacheKeyLength,
    eventNameLengthMax: settings.events.maxNameLength,
    resourceLabelsMax: settings.events.maxLabels,
    relatedResourcesMax: settings.events.maxRelated,
  })
  setCheck('cron', (cron) => validateSchedule({ cron, timezone: 'UTC', day_or: true }))
  setCheck('rrule', (rrule) => validateSchedule({ rrule, timezone: 'UTC' }))
  setCheck('deploymentParameters', (deployment) => {
    const schema = deployment['parameter_openapi_schema']
    if (typeof schema !== 'object' || schema === null) return undefined
    const fault = schemaFault(schema)
    if (fault !== undefined) {
      return `The provided schema is not a valid json schema. Schema error: ${fault.replace(/^Invalid schema: /, '')}`
    }
    return parameterFault(deployment['parameters'] ?? {}, schema, { ignoreRequired: true })
  })
}
