import type { Settings } from '../settings.ts'
import { sumOverChunks } from './in-chunks.ts'
import type { Service } from './service.ts'

const runsPerRound = 500
const runsPerCommand = 50

/**
 * Cleans up behind cancellations: what is left under a cancelled flow run is cancelled too, and a run whose process
 * never answered the cancellation is marked as cancelled.
 */
export function cancellationCleanupService(settings: Settings): Service {
  const { loopSeconds, cancellingTimeoutSeconds } = settings.services.cancellationCleanup
  return {
    name: 'cancellation-cleanup',
    loopSeconds,
    async run({ store }) {
      const taskRuns = await store.read('findLeftTaskRuns', { limit: runsPerRound })
      let changed = await sumOverChunks(taskRuns, runsPerCommand, (ids) => store.write('cancelLeftTaskRuns', { ids }))
      const subflows = await store.read('findLeftSubflowRuns', { limit: runsPerRound })
      changed += await sumOverChunks(subflows, runsPerCommand, (ids) => store.write('cancelLeftSubflowRuns', { ids }))
      const sinceBeforeUs = (Date.now() - cancellingTimeoutSeconds * 1000) * 1000
      const stuck = await store.read('findTimedOutCancellations', { sinceBeforeUs, limit: runsPerRound })
      return (
        changed +
        (await sumOverChunks(stuck, runsPerCommand, (ids) => store.write('endTimedOutCancellations', { ids, sinceBeforeUs })))
      )
    },
  }
}
