import type { ServerContext } from '../context.ts'
import type { Settings } from '../settings.ts'
import type { Service } from './service.ts'

/**
 * Keeps the runs of all active schedules coming: each schedule has its next runs in the database, at least an hour
 * ahead.
 */
export function schedulerService(settings: Settings): Service {
  return {
    name: 'scheduler',
    loopSeconds: settings.services.scheduler.loopSeconds,
    run: (context) => scheduleAll(context, null),
  }
}

/**
 * Does the same often, for deployments that were changed lately. A change schedules its first runs by itself; this
 * makes those that did not fit into it.
 */
export function recentDeploymentsService(settings: Settings): Service {
  const { loopSeconds } = settings.services.recentDeployments
  return {
    name: 'recent-deployments-scheduler',
    loopSeconds,
    // A little longer than the loop, for what changed while the last round ran.
    run: (context) => scheduleAll(context, loopSeconds + 1),
  }
}

async function scheduleAll({ store, settings }: ServerContext, recentSeconds: number | null): Promise<number> {
  let made = 0
  let afterId = ''
  for (;;) {
    const ids = await store.read('deploymentsToSchedule', { afterId, recentSeconds })
    let left: string[] = ids
    while (left.length > 0) {
      const round = await store.write('scheduleDeployments', { ids: left })
      made += round.made
      left = round.left
    }
    const last = ids.at(-1)
    if (last === undefined || ids.length < settings.store.scheduler.deploymentBatchSize) return made
    afterId = last
  }
}
