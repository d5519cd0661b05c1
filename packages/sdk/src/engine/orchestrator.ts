import { randomUUID } from 'node:crypto'
import { generateName } from '@spillway/core/domain/names'
import { newUuid7 } from '@spillway/core/wire/ids'
import type { Clock } from '../clock.ts'
import type { FlowRunInfo } from './context.ts'
import { makeState, type NewState, type State } from './state.ts'

export interface FlowRunRequest {
  readonly flowName: string
  readonly parameters: Record<string, unknown>
  readonly tags: readonly string[]
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly retries: number
  /** Seconds; what the server waits between attempts of a flow is one whole number. */
  readonly retryDelaySeconds: number
  /** The run of this flow is a subflow of the run that has this tracking task. */
  readonly parent?: { readonly flowRunId: string; readonly key: string; readonly inputs: object } | undefined
  readonly signal?: AbortSignal
}

/** The answer to a proposed state. */
export interface Judgement {
  /** False: the run is in another state, which is `state`. */
  readonly accepted: boolean
  readonly state: State
}

/** Who decides on the states of a flow run: the server, or this process where there is none. */
export interface Orchestrator {
  create(request: FlowRunRequest): Promise<FlowRunInfo>
  rename(run: FlowRunInfo, name: string): Promise<void>
  /**
   * @throws {AbortedByServerError} when the run must not go on here.
   */
  propose(run: FlowRunInfo, state: NewState, options?: { force?: boolean; signal?: AbortSignal }): Promise<Judgement>
  /** The current state; undefined when it cannot be told. */
  current(run: FlowRunInfo): Promise<State | undefined>
  /** Resources that events of the run name. */
  related(run: FlowRunInfo): Promise<readonly Record<string, string>[]>
}

/** Runs without a server: everything is accepted, and failed runs are tried again as the flow asks. */
export class OfflineOrchestrator implements Orchestrator {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #runs = new Map<string, { state?: State; retriesLeft: number; delaySeconds: number }>()

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  async create(request: FlowRunRequest): Promise<FlowRunInfo> {
    const id = newUuid7(Date.now())
    this.#runs.set(id, { retriesLeft: request.retries, delaySeconds: request.retryDelaySeconds })
    return {
      id,
      name: request.name ?? generateName(this.#random),
      flowId: randomUUID(),
      flowName: request.flowName,
      deploymentId: undefined,
      parentTaskRunId: undefined,
      parentFlowRunId: request.parent?.flowRunId,
      flowVersion: request.version,
      jobVariables: {},
      tags: request.tags,
      parameters: request.parameters,
      runCount: 0,
      scheduledStartTime: undefined,
    }
  }

  async rename(run: FlowRunInfo, name: string): Promise<void> {
    run.name = name
  }

  async propose(run: FlowRunInfo, state: NewState): Promise<Judgement> {
    const known = this.#runs.get(run.id) ?? { retriesLeft: 0, delaySeconds: 0 }
    const isRetried = state.type === 'FAILED' && known.retriesLeft > 0 && run.runCount > 0
    if (isRetried) known.retriesLeft--
    const nowUs = this.#clock.nowUs()
    const next = isRetried ? awaitingRetry(nowUs, known.delaySeconds) : makeState(state, nowUs)
    if (next.type === 'RUNNING') run.runCount++
    this.#runs.set(run.id, { ...known, state: next })
    if (['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'].includes(next.type)) this.#runs.delete(run.id)
    return { accepted: !isRetried, state: next }
  }

  async current(run: FlowRunInfo): Promise<State | undefined> {
    return this.#runs.get(run.id)?.state
  }

  async related(): Promise<readonly Record<string, string>[]> {
    return []
  }
}

function awaitingRetry(nowUs: number, delaySeconds: number): State {
  const at = new Date(nowUs / 1000 + delaySeconds * 1000).toISOString()
  return makeState({ type: 'SCHEDULED', name: 'AwaitingRetry', details: { scheduled_time: at } }, nowUs)
}
