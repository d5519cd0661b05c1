import { formatIso } from '@spillway/core/wire/time'
import type { ApiClient } from '../client/api.ts'
import { addressOf, registerDeployment, type DeploymentSpec } from '../deployments/deployment.ts'
import { checkNames } from '../deployments/same-names.ts'
import { durationMs, type Duration } from '../duration.ts'
import { forEver, isNotToServe } from '../engine/loading.ts'
import { SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { defaultSession, type Session } from '../session.ts'
import { drainOnSignals } from './drain-on-signals.ts'
import { Runner } from './runner.ts'
import type { Isolation } from './started-run.ts'
import { openHealth, WorkerHealth, type HealthOptions } from './worker-health.ts'

/** How `serve()` runs what it serves. */
export interface ServeOptions {
  /**
   * Where runs happen. `process` (default): each in its own, which can be killed and has memory of its own; `thread`: each in a
   * thread of this process, quicker to start, and killed too when it does not stop; `none`: among this process's own code, for tests and
   * debuggers.
   */
  readonly isolate?: Isolation
  /** Runs at a time. Default 10. */
  readonly limit?: number
  /** How often runs are asked for. Default 10 s. */
  readonly pollEvery?: Duration
  /** How long runs under way may take to end after the first signal. Default 5 min. */
  readonly drain?: Duration
  /** Between telling a run to stop and killing its process. Default 30 s. */
  readonly grace?: Duration
  /** Whether the schedules of the deployments rest while nobody serves them. Default true. */
  readonly pauseOnShutdown?: boolean
  /** Where `GET /health`, `/ready` and `/metrics` are answered. Default: nowhere. */
  readonly health?: HealthOptions
  /** Ends the serving like a first signal. */
  readonly signal?: AbortSignal
}

/**
 * Registers deployments and runs them, each run in a process of its own unless told otherwise, until the process is told to end: the first
 * SIGINT or SIGTERM stops new runs and lets those under way end, the second stops them, the third kills them. In the process of a
 * run, which loads the module too, it serves nothing and never returns.
 *
 * @throws {SpillwayError} `no-server`, `deployment-twice` when two of the deployments have the same name, or `health-port`
 */
export async function serve(deployments: DeploymentSpec | readonly DeploymentSpec[], options: ServeOptions = {}): Promise<void> {
  const specs = [deployments].flat()
  if (isNotToServe(new Map(specs.map(({ flow, entrypoint }) => [addressOf(entrypoint), flow])))) return await forEver()
  const session = defaultSession()
  if (!session.remote) throw new SpillwayError('no-server', 'nothing can be served without a server: set PREFECT_API_URL')
  checkNames(session, specs)
  const { client } = session.remote
  const limit = options.limit ?? 10
  const pollMs = durationMs(options.pollEvery ?? '10s')
  let runner: Runner | undefined
  const health = new WorkerHealth(pollMs, { isFull: () => (runner?.running ?? 0) >= limit, isApiInTrouble: () => client.isInTrouble })
  const endpoint = await openHealth(session, health, () => runner, options.health)
  try {
    const byId = await register(session, client, specs)
    const ids = [...byId.keys()]
    const dueBefore = (): string => formatIso((Date.now() + sdkLimits.servePrefetchMs) * 1000)
    runner = new Runner({
      session,
      due: (free) => health.asking(client.scheduledRunsOfDeployments({ deployment_ids: ids, scheduled_before: dueBefore(), limit: free })),
      launch: async (run) => ({ entrypoint: byId.get(run.deployment_id ?? '')!.entrypoint, cwd: process.cwd(), env: {} }),
      filter: { deployments: { id: { any_: ids } } },
      isolate: options.isolate ?? 'process',
      limit,
      pollMs,
      graceMs: durationMs(options.grace ?? '30s'),
    })
    const paused = async (): Promise<void> => {
      if (options.pauseOnShutdown === false) return
      await Promise.all(ids.map((id) => client.updateDeployment(id, { paused: true }, { patienceMs: 10_000 }).catch(() => {})))
    }
    await drainOnSignals(runner, session, { drainMs: durationMs(options.drain ?? '5m'), beforeDrain: paused, ...(options.signal ? { signal: options.signal } : {}) })
  } finally {
    endpoint.close()
  }
}

/** @returns the deployments by their ids. */
async function register(session: Session, client: ApiClient, specs: readonly DeploymentSpec[]): Promise<ReadonlyMap<string, DeploymentSpec>> {
  const byId = new Map<string, DeploymentSpec>()
  for (const spec of specs) {
    byId.set(await registerDeployment(client, spec), spec)
    session.logSink({ name: 'spillway.serve', level: 20, message: `serving ${spec.flow.flowName}/${spec.name} (${spec.entrypoint})`, timestampUs: session.clock.nowUs() })
  }
  return byId
}
