import type { ServerContext } from '../context.ts'
import type { Settings } from '../settings.ts'
import { sumOverChunks } from './in-chunks.ts'
import type { Service } from './service.ts'

/** Flow runs are heavy to delete: so few share one command. */
const flowRunsPerCommand = 10
/** Orphans are looked for once a day, whatever the loop. */
const orphansEveryMs = 86_400_000
/** Logs that one query looks through for orphans. */
const logSpan = 20_000

/**
 * Deletes what is older than its time, in small commands that let everybody else go first: events, and where the
 * settings say so finished flow runs and what deleted ones have left behind.
 */
export function retentionService(settings: Settings): Service {
  const { kinds, loopSeconds } = settings.services.retention
  let orphansDueMs = -Infinity
  return {
    name: 'retention',
    loopSeconds,
    async run(context) {
      let deleted = 0
      if (kinds.has('events')) deleted += await deleteEvents(context)
      if (kinds.has('flow_runs')) deleted += await deleteFlowRuns(context)
      if (kinds.has('orphans') && performance.now() >= orphansDueMs) {
        orphansDueMs = performance.now() + orphansEveryMs
        deleted += await deleteOrphans(context)
      }
      return deleted
    },
  }
}

async function deleteEvents({ store, settings }: ServerContext): Promise<number> {
  const beforeUs = (Date.now() - settings.events.retentionSeconds * 1000) * 1000
  const limit = settings.services.retention.batchSize
  let deleted = 0
  for (;;) {
    const count = await store.write('deleteOldEvents', { beforeUs, limit }, 'log')
    deleted += count
    if (count < limit) return deleted
  }
}

async function deleteFlowRuns({ store, settings }: ServerContext): Promise<number> {
  const { flowRunSeconds, batchSize: limit } = settings.services.retention
  const endedBeforeUs = (Date.now() - flowRunSeconds * 1000) * 1000
  let deleted = 0
  for (;;) {
    const ids = await store.read('findOldFlowRuns', { endedBeforeUs, limit }, 'scan')
    const count = await sumOverChunks(ids, flowRunsPerCommand, (chunk) =>
      store.write('deleteOldFlowRuns', { ids: chunk, endedBeforeUs }, 'log'),
    )
    deleted += count
    if (ids.length < limit || count === 0) return deleted
  }
}

async function deleteOrphans({ store, settings }: ServerContext): Promise<number> {
  const limit = settings.services.retention.batchSize
  let deleted = 0
  for (let afterSeq: number | null = 0; afterSeq !== null; ) {
    const found: { logs: number[]; nextSeq: number | null } = await store.read('findOrphanLogs', { afterSeq, span: logSpan }, 'scan')
    deleted += await sumOverChunks(found.logs, limit, (logs) => store.write('deleteOrphans', { logs, artifacts: [] }, 'log'))
    afterSeq = found.nextSeq
  }
  for (;;) {
    const artifacts = await store.read('findOrphanArtifacts', { limit }, 'scan')
    const count = artifacts.length === 0 ? 0 : await store.write('deleteOrphans', { logs: [], artifacts }, 'log')
    deleted += count
    if (artifacts.length < limit || count === 0) return deleted
  }
}
