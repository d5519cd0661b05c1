import { automationRoutes } from './automations.ts'
import { collectionRoutes } from './collections.ts'
import { logDownloadRoutes } from './log-download.ts'
import { adminRoutes } from './admin.ts'
import { workQueueRoutes } from './work-queues.ts'
import { workPoolRoutes } from './work-pools.ts'
import { deploymentRoutes } from './deployments.ts'
import { registerDeploymentChecks } from './registered-checks.ts'
import { uiRoutes } from './ui.ts'
import { blockRoutes } from './blocks.ts'
import { savedSearchRoutes } from './saved-searches.ts'
import { flowRunInputRoutes } from './flow-run-inputs.ts'
import { runStateRoutes } from './run-states.ts'
import { taskRunRoutes } from './task-runs.ts'
import { flowRunRoutes } from './flow-runs.ts'
import type { Streams } from '../streams/index.ts'
import { artifactRoutes } from './artifacts.ts'
import { concurrencyLimitRoutes } from './concurrency-limits.ts'
import { eventRoutes } from './events.ts'
import { eventStreamRoutes } from './event-streams.ts'
import { flowRoutes } from './flows.ts'
import { logRoutes } from './logs.ts'
import { withOpenApi } from './openapi.ts'
import { rootRoutes } from './root.ts'
import { registerTemplateChecks } from './template-checks.ts'
import { templateRoutes } from './templates.ts'
import { taskWorkerRoutes } from './task-workers.ts'
import type { Route, RouteContext } from './route.ts'
import { variableRoutes } from './variables.ts'

/** The route table: everything the API answers over HTTP. */
export function createRoutes(_context: RouteContext, streams: Streams): readonly Route[] {
  registerDeploymentChecks()
  registerTemplateChecks()
  return withOpenApi([
    ...rootRoutes,
    ...flowRoutes,
    ...flowRunRoutes,
    ...logDownloadRoutes,
    ...uiRoutes,
    ...savedSearchRoutes,
    ...flowRunInputRoutes,
    ...runStateRoutes,
    ...taskRunRoutes,
    ...concurrencyLimitRoutes,
    ...logRoutes(streams),
    ...eventRoutes(streams),
    ...eventStreamRoutes(streams),
    ...taskWorkerRoutes(streams),
    ...variableRoutes,
    ...artifactRoutes,
    ...blockRoutes,
    ...deploymentRoutes,
    ...workPoolRoutes,
    ...workQueueRoutes,
    ...adminRoutes,
    ...automationRoutes,
    ...collectionRoutes,
    ...templateRoutes,
  ])
}
