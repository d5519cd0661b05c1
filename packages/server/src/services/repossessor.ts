import type { Settings } from '../settings.ts'
import type { Service } from './service.ts'

const leasesPerCommand = 100
const commandsPerRound = 100

/** Takes back the slots of leases that ran out. */
export function repossessorService(settings: Settings): Service {
  return {
    name: 'repossessor',
    loopSeconds: settings.services.repossessor.loopSeconds,
    async run({ store }) {
      let reaped = 0
      for (let command = 0; command < commandsPerRound; command += 1) {
        const count = await store.write('reapExpiredLeases', { limit: leasesPerCommand })
        reaped += count
        if (count < leasesPerCommand) break
      }
      return reaped
    },
  }
}
