import type { Limits } from './limits.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import type { Settings } from './settings.ts'
import type { Readiness } from './storage/readiness.ts'
import type { Store } from './storage/store.ts'

/** What every part of a running server works with. Nothing here waits for a peer. */
export interface ServerContext {
  readonly store: Store
  readonly readiness: Readiness
  readonly settings: Settings
  readonly limits: Limits
  readonly metrics: Metrics
  readonly log: Logger
}
