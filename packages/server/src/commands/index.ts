import { automationCommands } from './automations.ts'
import { retentionCommands } from './retention.ts'
import { leaseExpiryCommands } from './lease-expiry.ts'
import { foremanCommands } from './foreman.ts'
import { cancellationCommands } from './cancellation-cleanup.ts'
import { catchUpCommands } from './catch-up.ts'
import { lateRunCommands } from './late-runs.ts'
import { seedBlockCommands } from './seed-blocks.ts'
import { workerCommands } from './workers.ts'
import { workQueueCommands } from './work-queues.ts'
import { workPoolCommands } from './work-pools.ts'
import { schedulingCommands } from './scheduling.ts'
import { pollCommands } from './polls.ts'
import { deploymentScheduleCommands } from './deployment-schedules.ts'
import { deploymentRunCommands } from './deployment-runs.ts'
import { deploymentCommands } from './deployments.ts'
import { blockDocumentCommands } from './block-documents.ts'
import { blockSchemaCommands } from './block-schemas.ts'
import { blockTypeCommands } from './block-types.ts'
import { savedSearchCommands } from './saved-searches.ts'
import { flowRunInputCommands } from './flow-run-inputs.ts'
import { taskRunCommands } from './task-runs.ts'
import { adminCommands } from './admin.ts'
import { csrfCommands } from './csrf.ts'
import { flowRunCommands } from './flow-runs.ts'
import { flowRunResumeCommands } from './flow-run-resume.ts'
import { artifactCommands } from './artifacts.ts'
import { backgroundTaskCommands } from './background-tasks.ts'
import { eventCommands } from './events.ts'
import { flowCommands } from './flows.ts'
import { logCommands } from './logs.ts'
import { concurrencyLimitCommands } from './concurrency-limits.ts'
import { variableCommands } from './variables.ts'
import { workerChannelCommands } from './worker-channel.ts'

/** Every command by name; the writer thread looks operations up here. */
export const commands = {
  ...adminCommands,
  ...csrfCommands,
  ...flowRunCommands,
  ...savedSearchCommands,
  ...flowRunInputCommands,
  ...taskRunCommands,
  ...flowRunResumeCommands,
  ...backgroundTaskCommands,
  ...eventCommands,
  ...flowCommands,
  ...logCommands,
  ...concurrencyLimitCommands,
  ...variableCommands,
  ...artifactCommands,
  ...workerChannelCommands,
  ...blockTypeCommands,
  ...blockSchemaCommands,
  ...blockDocumentCommands,
  ...deploymentCommands,
  ...deploymentRunCommands,
  ...deploymentScheduleCommands,
  ...pollCommands,
  ...schedulingCommands,
  ...workPoolCommands,
  ...workQueueCommands,
  ...workerCommands,
  ...seedBlockCommands,
  ...lateRunCommands,
  ...catchUpCommands,
  ...cancellationCommands,
  ...foremanCommands,
  ...leaseExpiryCommands,
  ...retentionCommands,
  ...automationCommands,
}

export type Commands = typeof commands
