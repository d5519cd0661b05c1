import { enumOf } from './schema.ts'
import type { Static } from './schema.ts'

export const DeploymentStatus = enumOf('DeploymentStatus', ['READY', 'NOT_READY'])
export type DeploymentStatus = Static<typeof DeploymentStatus>

export const WorkPoolStatus = enumOf('WorkPoolStatus', ['READY', 'NOT_READY', 'PAUSED'])
export type WorkPoolStatus = Static<typeof WorkPoolStatus>

export const WorkQueueStatus = enumOf('WorkQueueStatus', ['READY', 'NOT_READY', 'PAUSED'])
export type WorkQueueStatus = Static<typeof WorkQueueStatus>

export const WorkerStatus = enumOf('WorkerStatus', ['ONLINE', 'OFFLINE'])
export type WorkerStatus = Static<typeof WorkerStatus>
