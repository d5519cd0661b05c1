import { hostname } from 'node:os'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { formatIso } from '@spillway/core/wire/time'
import { durationMs, type Duration } from '../duration.ts'
import { asError, SpillwayError } from '../errors.ts'
import { defaultSession, type Remote, type Session } from '../session.ts'
import { drainOnSignals } from './drain-on-signals.ts'
import { Runner } from './runner.ts'
import type { RunProcessOptions } from './started-run.ts'

/** Which work a worker takes, and how. */
export interface WorkerOptions {
  /** The work pool, of type `process`; it is made when there is none. */
  readonly pool: string
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
  /** Ends the worker like a first signal. */
  readonly signal?: AbortSignal
}

const HEARTBEAT_SECONDS = 30
/** What stock workers start where a deployment says nothing else. */
const PYTHON_COMMAND = 'prefect flow-run execute'

/**
 * Runs the deployments of a work pool as processes on this machine, TypeScript ones and Python ones (those need the
 * `prefect` command). It starts also while the server is away, and goes on when it is back.
 */
export async function startWorker(options: WorkerOptions): Promise<void> {
  const session = defaultSession()
  const { remote } = session
  if (!remote) throw new SpillwayError('no-server', 'a worker needs a server: set PREFECT_API_URL')
  const name = options.name ?? `${hostname()}-${process.pid}`
  await ensurePool(session, remote, options.pool)
  const beat = (): void => {
    remote.client.workerHeartbeat(options.pool, name, HEARTBEAT_SECONDS).catch((error: unknown) => session.warn(`no heartbeat of the worker: ${asError(error).message}`))
  }
  beat()
  const heartbeat = setInterval(beat, HEARTBEAT_SECONDS * 1000)
  const runner = new Runner({
    session,
    due: async (limit) => {
      const before = formatIso((Date.now() + durationMs(options.prefetch ?? '10s')) * 1000)
      const runs = await remote.client.scheduledRunsOfPool(options.pool, { scheduled_before: before, limit, ...(options.queues ? { work_queue_names: [...options.queues] } : {}) })
      return runs.map(({ flow_run: run }) => run as unknown as FlowRunResponse)
    },
    launch: (run) => launchOf(remote, options.pool, name, run),
    isolate: 'process',
    limit: options.limit ?? 10,
    pollMs: durationMs(options.pollEvery ?? '10s'),
    graceMs: durationMs(options.grace ?? '30s'),
  })
  session.logSink({ name: 'spillway.worker', level: 20, message: `worker ${name} of the pool ${options.pool} has started`, timestampUs: session.clock.nowUs() })
  try {
    await drainOnSignals(runner, session, { drainMs: durationMs(options.drain ?? '5m'), beforeDrain: async () => {}, ...(options.signal ? { signal: options.signal } : {}) })
  } finally {
    clearInterval(heartbeat)
  }
}

async function ensurePool(session: Session, { client }: Remote, name: string): Promise<void> {
  for (;;) {
    try {
      const pool = await client.findWorkPool(name)
      if (!pool) await client.createWorkPool({ name, type: 'process' })
      else if (pool.type !== 'process') throw new SpillwayError('pool-of-other-type', `the work pool ${name} is of type ${pool.type}; this worker runs processes`)
      return
    } catch (error) {
      if (!(error instanceof SpillwayError) || !error.retryable) throw error
      session.warn(`the worker waits for the API (${error.message})`)
    }
  }
}

/** A run of ours in our process; any other by its command, or by that of the stock client. */
async function launchOf({ client }: Remote, pool: string, worker: string, run: FlowRunResponse): Promise<Pick<RunProcessOptions, 'entrypoint' | 'cwd' | 'env' | 'command'>> {
  if (run.deployment_id === null) throw new SpillwayError('deployment-missing', 'the run has no deployment')
  const deployment = await client.readDeployment(run.deployment_id)
  const variables = { ...deployment.job_variables, ...run.job_variables } as { env?: Record<string, string>; working_dir?: string; command?: string }
  await client.addFlowRunLabels(run.id, { 'prefect.worker.name': worker, 'prefect.worker.type': 'process', 'prefect.work-pool.name': pool }).catch(() => {})
  const cwd = variables.working_dir ?? deployment.path ?? undefined
  const isOurs = /\.[cm]?[jt]s:[^:]+$/.test(deployment.entrypoint ?? '')
  return {
    env: { ...variables.env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(isOurs ? { entrypoint: deployment.entrypoint! } : { command: variables.command ?? PYTHON_COMMAND }),
  }
}
