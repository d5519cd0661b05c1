import type { Settings } from '../settings.ts'
import { cancellationCleanupService } from './cancellation-cleanup.ts'
import { catchUpService } from './catch-up.ts'
import { foremanService } from './foreman.ts'
import { lateRunsService } from './late-runs.ts'
import { pauseExpirationsService } from './pause-expirations.ts'
import { repossessorService } from './repossessor.ts'
import { retentionService } from './retention.ts'
import { recentDeploymentsService, schedulerService } from './scheduler.ts'
import type { Service } from './service.ts'

/** The background services that the settings switch on. */
export function createServices(settings: Settings): readonly Service[] {
  const { services } = settings
  return [
    ...(services.recentDeployments.enabled ? [recentDeploymentsService(settings)] : []),
    ...(services.lateRuns.enabled ? [lateRunsService(settings), catchUpService(settings)] : []),
    ...(services.scheduler.enabled ? [schedulerService(settings)] : []),
    ...(services.pauseExpirations.enabled ? [pauseExpirationsService(settings)] : []),
    ...(services.cancellationCleanup.enabled ? [cancellationCleanupService(settings)] : []),
    ...(services.foreman.enabled ? [foremanService(settings)] : []),
    ...(services.repossessor.enabled ? [repossessorService(settings)] : []),
    ...(services.retention.kinds.size > 0 ? [retentionService(settings)] : []),
  ]
}
