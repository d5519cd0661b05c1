import type { Settings } from '../settings.ts'
import type { CatchUpCursor } from '../storage/catch-up.ts'
import { sumOverChunks } from './in-chunks.ts'
import type { Service } from './service.ts'

/** Runs that one command ends. */
const runsPerCommand = 50

/**
 * Ends late runs that their deployments do not want to start any more. Polls leave such runs out by themselves; this shows what became of
 * them, also where nobody polls. A round looks at a bounded number of waiting runs, and the next one goes on from there.
 */
export function catchUpService(settings: Settings): Service {
  let after: CatchUpCursor | null = null
  return {
    name: 'catch-up',
    loopSeconds: settings.services.lateRuns.loopSeconds,
    async run({ store, limits, metrics }) {
      const { ids, next } = await store.read('findRunsToSkip', { after, limit: limits.catchUpRuns })
      after = next
      if (next !== null) metrics.limitReached.inc({ limit: 'catchUpRuns' })
      const skipped = await sumOverChunks(ids, runsPerCommand, (chunk) => store.write('skipLateRuns', { ids: chunk }))
      metrics.runsSkipped.inc({}, skipped)
      return skipped
    },
  }
}
