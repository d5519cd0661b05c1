import { setWireLimits } from '@spillway/core/wire/limits'
import type { Settings } from '../settings.ts'

/** Gives the wire schemas the bounds that the operator may change. Called once, before requests are checked. */
export function applyWireLimits(settings: Settings): void {
  setWireLimits({
    parameterBytesMax: settings.maxParameterBytes,
    cacheKeyLengthMax: settings.store.maxCacheKeyLength,
    eventNameLengthMax: settings.events.maxNameLength,
    resourceLabelsMax: settings.events.maxLabels,
    relatedResourcesMax: settings.events.maxRelated,
  })
}
