import { durationMs, type Duration } from '../duration.ts'
import { ShutdownError, SpillwayError } from '../errors.ts'
import { forEver, isNotToServe } from '../engine/loading.ts'
import type { Task } from '../engine/task.ts'
import { sdkLimits } from '../limits.ts'
import { openHealth, WorkerHealth, type HealthOptions } from '../runner/worker-health.ts'
import { defaultSession } from '../session.ts'
import { TaskWorker } from './task-worker.ts'

/** How tasks are served. */
export interface ServeTasksOptions {
  /** Runs at a time. Default 10. */
  readonly limit?: number
  /** How long runs under way may take to end after the first signal. Default 5 min. */
  readonly drain?: Duration
  /** Where `GET /health`, `/ready` and `/metrics` are answered. Default: nowhere. */
  readonly health?: HealthOptions
  /** Ends the serving like a first signal. */
  readonly signal?: AbortSignal
}

/** What can be served: any task. */
export type AnyTask = Task<never, unknown>

/**
 * Runs what others leave to these tasks by `delay()`, in this process, until it is told to end: the first SIGINT or SIGTERM
 * takes no more runs and lets those under way end, the second aborts them. Python's `delay()` is served as well, where the
 * task there has the same key and `result_serializer="json"`.
 */
export async function serveTasks(tasks: AnyTask | readonly AnyTask[], options: ServeTasksOptions = {}): Promise<void> {
  if (isNotToServe()) return await forEver()
  const session = defaultSession()
  if (!session.remote) throw new SpillwayError('no-server', 'no tasks can be served without a server: set PREFECT_API_URL')
  const worker = new TaskWorker(session, session.remote, [tasks].flat(), options.limit ?? 10)
  // Nothing is polled here: the pings of its stream are answered.
  const health = new WorkerHealth(sdkLimits.streamPingMs, { isFull: () => false })
  const endpoint = await openHealth(session, health, () => worker, options.health)
  const stopping = new AbortController()
  const onSignal = (): void => {
    if (stopping.signal.aborted) return worker.abort(new ShutdownError('Execution was interrupted: its worker is ending.'))
    session.warn(`no new runs from now on; waiting for ${worker.running} to end (again: stop them)`)
    stopping.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  options.signal?.addEventListener('abort', onSignal, { once: true })
  if (options.signal?.aborted) onSignal()
  try {
    await worker.work(stopping.signal, health)
    if (!(await worker.drain(durationMs(options.drain ?? '5m')))) {
      worker.abort(new ShutdownError('Execution was interrupted: its worker is ending.'))
      await worker.drain(Infinity)
    }
    await session.flush()
  } finally {
    endpoint.close()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
    options.signal?.removeEventListener('abort', onSignal)
  }
}
