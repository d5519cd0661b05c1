import type { Settings } from '../settings.ts'
import type { Service } from './service.ts'

/** Batches in one round; what is beyond waits for the next. */
const batchesPerRound = 50

/** Notes which workers, pools, deployments and queues nobody has heard of lately. */
export function foremanService(settings: Settings): Service {
  return {
    name: 'foreman',
    loopSeconds: settings.services.foreman.loopSeconds,
    async run({ store }) {
      let changed = 0
      for (let round = 0; round < batchesPerRound; round += 1) {
        const result = await store.write('noteAbsence', {})
        changed += result.changed
        if (!result.isFull) break
      }
      return changed
    },
  }
}
