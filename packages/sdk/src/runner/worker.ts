import { hostname } from 'node:os'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { formatIso } from '@spillway/core/wire/time'
import { durationMs, type Duration } from '../duration.ts'
import { forEver, isNotToServe } from '../engine/loading.ts'
import { ApiError, asError, isPassing, PoolTypeError, SpillwayError } from '../errors.ts'
import { defaultSession, type Remote, type Session } from '../session.ts'
import { drainOnSignals } from './drain-on-signals.ts'
import { jobOf } from './job-template.ts'
import { folderOf, isOurs, pythonCommand, type Job } from './run-place.ts'
import { Runner } from './runner.ts'
import type { RunProcessOptions } from './started-run.ts'
import { openHealth, WorkerHealth, type HealthOptions } from './worker-health.ts'

/** Which work a worker takes, and how. */
export interface WorkerOptions {
  /** The work pool, of type `process`. */
  readonly pool: string
  /** Whether a pool that is not there is made. Default true. */
  readonly createPool?: boolean
  /** The template of jobs of a pool that is made here. */
  readonly baseJobTemplate?: object
  readonly queues?: readonly string[]
  /** Default: the machine's name and the process id. */
  readonly name?: string
  /** Runs at a time. Default 10. */
  readonly limit?: number
  readonly pollEvery?: Duration
  /** How far ahead runs are taken; each waits for its time in its own process. Default 10 s. */
  readonly prefetch?: Duration
  readonly drain?: Duration
  readonly grace?: Duration
  /** Between two heartbeats of the worker. Default 30 s. */
  readonly heartbeat?: Duration
  /** Asks for runs only once, and ends when those have ended. */
  readonly once?: boolean
  /** Where `GET /health`, `/ready` and `/metrics` are answered, also while the worker still waits for the API. Default: nowhere. */
  readonly health?: HealthOptions
  /** Ends the worker like a first signal. */
  readonly signal?: AbortSignal
}

/**
 * Runs the deployments of a work pool as processes on this machine, TypeScript ones and Python ones (those need the
 * `prefect` command). It starts also while the server is away, and goes on when it is back.
 */
export async function startWorker(options: WorkerOptions): Promise<void> {
  if (isNotToServe()) return await forEver()
  const session = defaultSession()
  const { remote } = session
  if (!remote) throw new SpillwayError('no-server', 'a worker needs a server: set PREFECT_API_URL')
  const name = options.name ?? `${hostname()}-${process.pid}`
  const say = (message: string): void => session.logSink({ name: 'spillway.worker', level: 20, message, timestampUs: session.clock.nowUs() })
  const pollMs = durationMs(options.pollEvery ?? '10s')
  const limit = options.limit ?? 10
  let runner: Runner | undefined
  const health = new WorkerHealth(pollMs, { isFull: () => (runner?.running ?? 0) >= limit, isApiInTrouble: () => remote.client.isInTrouble })
  const endpoint = await openHealth(session, health, () => runner, options.health)
  let heartbeat: NodeJS.Timeout | undefined
  try {
    if (!(await ensurePool(session, remote, options, { health, pollMs }))) return
    const heartbeatMs = durationMs(options.heartbeat ?? '30s')
    const beat = (): void => {
      remote.client.workerHeartbeat(options.pool, name, Math.max(1, Math.round(heartbeatMs / 1000))).catch((error: unknown) => {
        health.failed(error)
        session.warn(`no heartbeat of the worker: ${asError(error).message}`)
      })
    }
    beat()
    heartbeat = setInterval(beat, heartbeatMs)
    runner = new Runner({
      session,
      due: async (free) => {
        const before = formatIso((Date.now() + durationMs(options.prefetch ?? '10s')) * 1000)
        const query = { scheduled_before: before, limit: free, ...(options.queues ? { work_queue_names: [...options.queues] } : {}) }
        const runs = await health.asking(remote.client.scheduledRunsOfPool(options.pool, query))
        return runs.map(({ flow_run: run }) => run as unknown as FlowRunResponse)
      },
      launch: (run) => launchOf(remote, options.pool, name, run),
      filter: { work_pools: { name: { any_: [options.pool] } } },
      isolate: 'process',
      limit,
      pollMs,
      graceMs: durationMs(options.grace ?? '30s'),
    })
    say(`worker ${name} of the pool ${options.pool} has started`)
    const ending = { drainMs: durationMs(options.drain ?? '5m'), beforeDrain: async () => {}, once: options.once ?? false }
    await drainOnSignals(runner, session, { ...ending, ...(options.signal ? { signal: options.signal } : {}) })
  } finally {
    clearInterval(heartbeat)
    endpoint.close()
  }
}

/** @returns false when the worker is told to end before the API has answered. */
async function ensurePool(session: Session, { client }: Remote, options: WorkerOptions, { health, pollMs }: { health: WorkerHealth; pollMs: number }): Promise<boolean> {
  const { pool: name, createPool = true, baseJobTemplate, signal } = options
  while (!signal?.aborted) {
    try {
      const pool = await client.findWorkPool(name)
      if (!pool && !createPool) throw new SpillwayError('pool-missing', `there is no work pool '${name}'; make it with: spillway work-pool create ${name} --type process`)
      if (!pool) await client.createWorkPool({ name, type: 'process', ...(baseJobTemplate ? { base_job_template: { ...baseJobTemplate } } : {}) })
      else if (pool.type !== 'process') throw new PoolTypeError(name, pool.type)
      if (pool?.is_paused) session.warn(`the work pool ${name} is paused: no run is started until it is resumed`)
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) continue // Another worker has made it meanwhile.
      if (!isPassing(error)) throw error
      health.failed(error)
      session.warn(`the worker waits for the API (${asError(error).message})`)
      await session.clock.sleep(pollMs, signal).catch(() => {})
    }
  }
  return false
}

/** A run of ours in our process; any other by its command, or by that of the stock client. */
async function launchOf({ client }: Remote, pool: string, worker: string, run: FlowRunResponse): Promise<Pick<RunProcessOptions, 'entrypoint' | 'cwd' | 'env' | 'command'>> {
  if (run.deployment_id === null) throw new SpillwayError('deployment-missing', 'the run has no deployment')
  // The run has been claimed; an API that is away now must not make it crash.
  const patience = { patienceMs: Infinity }
  const [deployment, { base_job_template: template }] = await Promise.all([client.readDeployment(run.deployment_id, patience), client.readWorkPool(pool, patience)])
  const filled = (await jobOf(client, template, [deployment.job_variables ?? {}, run.job_variables ?? {}])) as Omit<Job, 'env'> & { env?: Record<string, unknown> }
  const env = Object.fromEntries(Object.entries(filled.env ?? {}).filter(([, value]) => value !== null).map(([key, value]) => [key, String(value)]))
  const job: Job = { ...filled, env }
  await client.addFlowRunLabels(run.id, { 'prefect.worker.name': worker, 'prefect.worker.type': 'process', 'prefect.work-pool.name': pool }).catch(() => {})
  const cwd = folderOf(job, deployment)
  return {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...(isOurs(deployment.entrypoint) ? { entrypoint: deployment.entrypoint } : { command: job.command ?? pythonCommand(job, deployment) }),
  }
}
