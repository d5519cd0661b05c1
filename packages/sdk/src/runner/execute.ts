import { parseEntrypoint } from '../deployments/deployment.ts'
import { remoteOrchestratorOf } from '../engine/orchestrators.ts'
import { loadFlow } from '../engine/registry.ts'
import { durationMs } from '../duration.ts'
import { asError, CancelledError, describeError, ShutdownError, SpillwayError } from '../errors.ts'
import { defaultSession } from '../session.ts'
import { toProposal } from '../engine/remote-orchestrator.ts'
import { explainLoadError } from './load-error.ts'
import type { Outcome } from '../engine/state.ts'

export interface ExecuteOptions {
  readonly flowRunId: string
  /** `file:flow`; default: what the run's deployment says. */
  readonly entrypoint?: string | undefined
  /** Aborts the run. */
  readonly signal: AbortSignal
}

/**
 * Runs a flow run that somebody has scheduled: loads its module, takes the run over, and reports how it ends. A module
 * that cannot be loaded crashes this run only, with the reason in its state.
 */
export async function executeFlowRun(options: ExecuteOptions): Promise<Outcome<unknown> | undefined> {
  const session = defaultSession()
  const orchestrator = remoteOrchestratorOf(session)
  const { client } = session.remote!
  const patience = { patienceMs: session.settings.patienceMs }
  try {
    const run = await client.readFlowRun(options.flowRunId, patience)
    const deployment = run.deployment_id === null ? undefined : await client.readDeployment(run.deployment_id, patience)
    const entrypoint = options.entrypoint ?? deployment?.entrypoint
    if (entrypoint == null) throw new SpillwayError('entrypoint-unknown', `the run ${String(run.name)} has no deployment that says where its flow is`)
    const { url, name } = parseEntrypoint(entrypoint, options.entrypoint === undefined ? (deployment?.path ?? undefined) : undefined)
    const flow = await loadFlow(url, name).catch((error: unknown) => {
      throw explainLoadError(error, url)
    })
    const adopted = await orchestrator.adopt(options.flowRunId, {
      retries: flow.options.retries ?? 0,
      retryDelaySeconds: Math.ceil(durationMs(flow.options.retryDelay ?? 0) / 1000),
      version: flow.options.version,
    })
    return await flow.run(adopted.parameters, { adopted, signal: options.signal })
  } catch (error) {
    session.warn(`the run ${options.flowRunId} could not be started: ${describeError(error)}`)
    const state = toProposal({ type: 'CRASHED', message: `Flow run could not be started: ${describeError(error)}` })
    await client.setFlowRunState(options.flowRunId, state, true, patience)
    return undefined
  }
}

/** Why a run was told to end by SIGTERM: whoever cancels it has said so to the server before. */
export async function reasonOfTermination(flowRunId: string, signal: string): Promise<Error> {
  try {
    const { state_type: type } = await defaultSession().remote!.client.readFlowRun(flowRunId, { timeoutMs: 5000 })
    if (type === 'CANCELLING' || type === 'CANCELLED') return new CancelledError('somebody cancelled it')
  } catch (error) {
    defaultSession().warn(`it cannot be told whether the run was cancelled: ${asError(error).message}`)
  }
  return new ShutdownError(`Execution was interrupted by ${signal}.`)
}
