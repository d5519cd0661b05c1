import { randomUUID } from 'node:crypto'
import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { OrchestrationResult, State as WireState } from '@spillway/core/wire/states'
import { parseIso } from '@spillway/core/wire/time'
import type { ApiClient } from '../client/api.ts'
import type { BodyOf } from '../client/typed-call.ts'
import type { StateProposal } from '../client/types.ts'
import type { CallOptions } from '../client/rest.ts'
import type { Clock } from '../clock.ts'
import { AbortedByServerError, ApiError, ApiUnreachableError } from '../errors.ts'
import type { FlowRunInfo } from './context.ts'
import type { FlowRunRequest, Judgement, Orchestrator } from './orchestrator.ts'
import type { ResultMetadata } from './result-record.ts'
import { maskSecrets } from './secret.ts'
import { makeState, type NewState, type State } from './state.ts'

export interface RemoteOptions {
  readonly client: ApiClient
  readonly clock: Clock
  readonly patienceMs: number
  readonly warn: (message: string) => void
  /** Decides where the server could not be asked for longer than the patience. */
  readonly fallback: Orchestrator
}

/**
 * States by the server's rules. When it is away, a proposal waits as long as the patience lasts; then the run goes on as
 * if it had been accepted, and says so: user code never fails because its orchestrator does.
 */
export class RemoteOrchestrator implements Orchestrator {
  readonly #options: RemoteOptions
  readonly #flowIds = new Map<string, Promise<string>>()
  readonly #names = new Map<string, Promise<Record<string, string> | undefined>>()

  constructor(options: RemoteOptions) {
    this.#options = options
  }

  async create(request: FlowRunRequest): Promise<FlowRunInfo> {
    const { client } = this.#options
    const options = this.#patient(request.signal)
    return await this.#orElse('the run is not recorded', () => this.#options.fallback.create(request), async () => {
      const flowId = await this.#flowId(request.flowName, options)
      const tracking = request.parent && (await this.#trackingTask(request, options))
      const earlier = tracking && (await this.#earlierSubflow(tracking, options))
      if (earlier) return infoOf(earlier, request.flowName, request.parent?.flowRunId)
      const run = await client.createFlowRun({
        flow_id: flowId,
        parameters: request.parameters,
        tags: [...request.tags],
        state: { type: 'PENDING', name: 'Pending' },
        parent_task_run_id: tracking ?? null,
        idempotency_key: randomUUID(),
        empirical_policy: { retries: request.retries, retry_delay: request.retryDelaySeconds },
        ...(request.name === undefined ? {} : { name: request.name }),
        ...(request.version === undefined ? {} : { flow_version: request.version }),
      }, options)
      return infoOf(run, request.flowName, request.parent?.flowRunId)
    })
  }

  /** Takes over a run that a runner or worker has started this process for. */
  async adopt(id: string, policy: { retries: number; retryDelaySeconds: number; version?: string | undefined }): Promise<FlowRunInfo> {
    const { client } = this.#options
    const run = await client.readFlowRun(id, this.#patient())
    const flow = await client.readFlow(run.flow_id, this.#patient())
    await client.updateFlowRun(id, {
      ...(policy.version === undefined ? {} : { flow_version: policy.version }),
      empirical_policy: { ...run.empirical_policy, retries: policy.retries, retry_delay: policy.retryDelaySeconds },
    }, this.#patient())
    const parent = run.parent_task_run_id == null ? undefined : await client.readTaskRun(run.parent_task_run_id, this.#patient()).catch(() => undefined)
    return infoOf({ ...run, flow_version: policy.version ?? run.flow_version }, flow.name, parent?.flow_run_id ?? undefined)
  }

  async rename(run: FlowRunInfo, name: string): Promise<void> {
    run.name = name
    await this.#orElse(`the run is not called '${name}' there`, async () => {}, () => this.#options.client.updateFlowRun(run.id, { name }, this.#patient()))
  }

  async propose(run: FlowRunInfo, state: NewState, { force = false, signal }: { force?: boolean; signal?: AbortSignal } = {}): Promise<Judgement> {
    const { client, clock, fallback } = this.#options
    const proposal = toProposal(state)
    return await this.#orElse(`its state ${state.name ?? state.type} is not recorded`, () => fallback.propose(run, state), async () => {
      for (;;) {
        const answer = await client.setFlowRunState(run.id, proposal, force, this.#patient(signal))
        const { status, details, state: answered } = answer
        if (status === 'WAIT') {
          await clock.sleep((details as { delay_seconds: number }).delay_seconds * 1000, signal)
          // The same transition again would be answered as the one before.
          proposal.state_details = { ...proposal.state_details, transition_id: randomUUID() }
        } else if (status === 'ABORT') {
          throw new AbortedByServerError((details as { reason: string | null }).reason ?? 'the server ends this run here')
        } else {
          const accepted = isAccepted(answer, proposal)
          const known = answered ? fromWire(answered) : makeState(state, clock.nowUs())
          if (accepted && state.type === 'RUNNING') run.runCount++
          return { accepted, state: known }
        }
      }
    })
  }

  async current(run: FlowRunInfo): Promise<State | undefined> {
    try {
      const { state } = await this.#options.client.readFlowRun(run.id)
      return state ? fromWire(state) : undefined
    } catch {
      return undefined
    }
  }

  async related(run: FlowRunInfo): Promise<readonly Record<string, string>[]> {
    const { client } = this.#options
    const resources: Record<string, string>[] = [resource('flow-run', run.id, run.name), resource('flow', run.flowId, run.flowName)]
    if (run.deploymentId !== undefined) {
      const deployment = await this.#named(`deployment.${run.deploymentId}`, async () => resource('deployment', run.deploymentId!, (await client.readDeployment(run.deploymentId!)).name))
      if (deployment) resources.push(deployment)
    }
    for (const tag of run.tags.toSorted()) resources.push({ 'prefect.resource.id': `prefect.tag.${tag}`, 'prefect.resource.role': 'tag' })
    return resources
  }

  #patient(signal?: AbortSignal): CallOptions {
    return { patienceMs: this.#options.patienceMs, signal }
  }

  #flowId(name: string, options: CallOptions): Promise<string> {
    const known = this.#flowIds.get(name)
    if (known) return known
    const asked = this.#options.client.createFlow(name, options).then((flow) => flow.id)
    this.#flowIds.set(name, asked)
    asked.catch(() => this.#flowIds.delete(name))
    return asked
  }

  /** The task run that stands for a subflow in its parent. The same call in a second attempt finds the same one. */
  async #trackingTask({ parent, flowName }: FlowRunRequest, options: CallOptions): Promise<string> {
    const { flowRunId, key, inputs } = parent!
    const run = await this.#options.client.createTaskRun({
      name: `${flowName}-${key}`,
      flow_run_id: flowRunId,
      task_key: flowName,
      dynamic_key: key,
      state: { type: 'PENDING', name: 'Pending' },
      task_inputs: inputs as BodyOf<'POST /task_runs/'>['task_inputs'],
    }, options)
    return run.id
  }

  async #earlierSubflow(trackingId: string, options: CallOptions): Promise<FlowRunResponse | undefined> {
    const [earlier] = await this.#options.client.filterFlowRuns({
      flow_runs: { parent_task_run_id: { any_: [trackingId] } },
      sort: 'EXPECTED_START_TIME_DESC',
      limit: 1,
    }, options)
    // One that has ended is history; only one that is still open is gone on with.
    return earlier?.state_type && !['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'].includes(earlier.state_type) ? earlier : undefined
  }

  #named(key: string, ask: () => Promise<Record<string, string>>): Promise<Record<string, string> | undefined> {
    const known = this.#names.get(key) ?? ask().catch(() => undefined)
    this.#names.set(key, known)
    return known
  }

  /** Does without the server when it could not be asked in time; errors of the caller (4xx) come through. */
  async #orElse<T>(consequence: string, without: () => Promise<T>, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      const isAway = error instanceof ApiUnreachableError || (error instanceof ApiError && error.status >= 500)
      if (!isAway) throw error
      this.#options.warn(`gave up on the API after ${this.#options.patienceMs / 1000} s (${error.message}): ${consequence}`)
      return await without()
    }
  }
}

/**
 * Whether the run is in the state that was proposed. When the answer to the first try was lost, the second is told that this
 * transition was made already, which is a refusal by its status.
 */
export function isAccepted({ status, state }: OrchestrationResult, proposal: StateProposal): boolean {
  const transition = proposal.state_details?.transition_id
  return status === 'ACCEPT' || (status === 'REJECT' && transition != null && state?.state_details.transition_id === transition)
}

export function toProposal(state: NewState): StateProposal {
  return {
    type: state.type,
    ...(state.name === undefined ? {} : { name: state.name }),
    message: state.message == null ? null : maskSecrets(state.message),
    data: state.data ?? null,
    state_details: { ...state.details, transition_id: randomUUID() },
  }
}

export function fromWire(state: WireState): State {
  const set = Object.entries(state.state_details).filter(([, value]) => value !== null && value !== false)
  return {
    id: state.id,
    type: state.type,
    name: state.name ?? state.type,
    message: state.message,
    timestampUs: parseIso(String(state.timestamp)) ?? 0,
    details: Object.fromEntries(set),
    data: (state.data as ResultMetadata | null) ?? null,
  }
}

export function infoOf(run: FlowRunResponse, flowName: string, parentFlowRunId?: string): FlowRunInfo {
  return {
    id: run.id,
    name: String(run.name),
    flowId: run.flow_id,
    flowName,
    deploymentId: run.deployment_id ?? undefined,
    parentTaskRunId: run.parent_task_run_id ?? undefined,
    parentFlowRunId,
    flowVersion: run.flow_version ?? undefined,
    jobVariables: (run.job_variables as Record<string, unknown> | null) ?? {},
    tags: run.tags,
    parameters: run.parameters as Record<string, unknown>,
    runCount: run.run_count,
    scheduledStartTime: run.expected_start_time === null ? undefined : String(run.expected_start_time),
  }
}

function resource(kind: string, id: string, name: string): Record<string, string> {
  return { 'prefect.resource.id': `prefect.${kind}.${id}`, 'prefect.resource.role': kind, 'prefect.resource.name': name }
}
