import { SpillwayError } from '../errors.ts'
import { defaultSession } from '../session.ts'
import { registerDeployment, type DeploymentSpec } from './deployment.ts'
import { checkNames } from './same-names.ts'

/** Where the runs of a deployment take place. */
export interface DeployOptions {
  /** The work pool whose workers run it. */
  readonly pool: string
  readonly queue?: string
  /** The folder on the workers that the entry point is relative to. Default: this one; for pools that run containers, the image's own. */
  readonly path?: string
  /**
   * What a worker starts for a run. Default: the command of this package, so that stock Python workers of any kind can run
   * it too; for containers also say `image` in `jobVariables`.
   */
  readonly command?: string
  readonly jobVariables?: Record<string, unknown>
}

/** What workers of any kind start for a run of a TypeScript deployment. */
export const FLOW_RUN_COMMAND = 'npx --no-install spillway-flow-run'

/**
 * Registers a deployment for the workers of a pool, ours or stock ones.
 *
 * @returns the deployment's id
 * @throws {SpillwayError} `pool-missing`, or `deployment-twice` when this process has deployed another flow under the same name
 */
export async function deploy(spec: DeploymentSpec, options: DeployOptions): Promise<string> {
  const session = defaultSession()
  const { remote } = session
  if (!remote) throw new SpillwayError('no-server', 'nothing can be deployed without a server: set PREFECT_API_URL')
  const pool = await remote.client.findWorkPool(options.pool)
  if (!pool) throw new SpillwayError('pool-missing', `there is no work pool '${options.pool}'; make it with: prefect work-pool create ${options.pool} --type process`)
  checkNames(session, [spec])
  const isHere = pool.type === 'process'
  // In an image the code is in its working folder.
  const folder = options.path ?? (isHere ? process.cwd() : null)
  return await registerDeployment(remote.client, spec, {
    workPool: options.pool,
    path: folder,
    jobVariables: { ...(isHere ? { working_dir: folder } : {}), ...options.jobVariables, command: options.command ?? FLOW_RUN_COMMAND },
    ...(options.queue === undefined ? {} : { workQueue: options.queue }),
  })
}
