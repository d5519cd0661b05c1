import type { Settings } from '../settings.ts'
import { sumOverChunks } from './in-chunks.ts'
import type { Service } from './service.ts'

const runsPerRound = 400
const runsPerCommand = 50

/** Fails runs whose pause has run out. */
export function pauseExpirationsService(settings: Settings): Service {
  return {
    name: 'pause-expirations',
    loopSeconds: settings.services.pauseExpirations.loopSeconds,
    async run({ store }) {
      const ids = await store.read('findExpiredPauses', { limit: runsPerRound })
      return sumOverChunks(ids, runsPerCommand, (chunk) => store.write('failExpiredPauses', { ids: chunk }))
    },
  }
}
