import type { Settings } from '../settings.ts'
import { sumOverChunks } from './in-chunks.ts'
import type { Service } from './service.ts'

/** Runs that one round marks. */
const runsPerRound = 400
/** Runs that one command marks. */
const runsPerCommand = 50

/** Names runs Late that have not started some seconds after they should have. */
export function lateRunsService(settings: Settings): Service {
  const { loopSeconds, afterSeconds } = settings.services.lateRuns
  return {
    name: 'late-runs',
    loopSeconds,
    async run({ store }) {
      const dueBeforeUs = (Date.now() - afterSeconds * 1000) * 1000
      const ids = await store.read('findLateRuns', { dueBeforeUs, limit: runsPerRound })
      return sumOverChunks(ids, runsPerCommand, (chunk) => store.write('markRunsLate', { ids: chunk, dueBeforeUs }))
    },
  }
}
