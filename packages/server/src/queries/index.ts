import { automationQueries } from './automations.ts'
import { uiSchemaQueries } from './ui-schemas.ts'
import { housekeepingQueries } from './housekeeping.ts'
import { workerQueries } from './workers.ts'
import { workQueueQueries } from './work-queues.ts'
import { workPoolQueries } from './work-pools.ts'
import { scheduledRunQueries } from './scheduled-runs.ts'
import { deploymentQueries } from './deployments.ts'
import { uiQueries } from './ui.ts'
import { blockDocumentQueries } from './block-documents.ts'
import { blockSchemaQueries } from './block-schemas.ts'
import { savedSearchQueries } from './saved-searches.ts'
import { flowRunInputQueries } from './flow-run-inputs.ts'
import { runStateQueries } from './run-states.ts'
import { taskRunQueries } from './task-runs.ts'
import { adminQueries } from './admin.ts'
import { csrfQueries } from './csrf.ts'
import { flowRunGraphQueries } from './flow-run-graph.ts'
import { flowRunQueries } from './flow-runs.ts'
import { runHistoryQueries } from './run-history.ts'
import { artifactQueries } from './artifacts.ts'
import { eventQueries } from './events.ts'
import { streamQueries } from './streams.ts'
import { flowQueries } from './flows.ts'
import { logQueries } from './logs.ts'
import { concurrencyLimitQueries } from './concurrency-limits.ts'
import { variableQueries } from './variables.ts'

/** Every query by name; the reader threads look operations up here. */
export const queries = {
  ...adminQueries,
  ...csrfQueries,
  ...flowRunGraphQueries,
  ...flowRunQueries,
  ...uiSchemaQueries,
  ...uiQueries,
  ...savedSearchQueries,
  ...flowRunInputQueries,
  ...runStateQueries,
  ...taskRunQueries,
  ...runHistoryQueries,
  ...eventQueries,
  ...streamQueries,
  ...flowQueries,
  ...logQueries,
  ...concurrencyLimitQueries,
  ...variableQueries,
  ...artifactQueries,
  ...blockSchemaQueries,
  ...blockDocumentQueries,
  ...deploymentQueries,
  ...scheduledRunQueries,
  ...workPoolQueries,
  ...workQueueQueries,
  ...workerQueries,
  ...housekeepingQueries,
  ...automationQueries,
}

export type Queries = typeof queries
