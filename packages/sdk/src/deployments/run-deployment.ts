import { randomUUID } from 'node:crypto'
import { formatIso } from '@spillway/core/wire/time'
import type { DeploymentResponse } from '@spillway/core/wire/deployments'
import { durationMs, type Duration } from '../duration.ts'
import { inputsOf, resolveFutures } from '../engine/arguments.ts'
import { currentFrame, type RunFrame } from '../engine/context.ts'
import type { CallInput, Flow } from '../engine/flow.ts'
import { fromWire } from '../engine/remote-orchestrator.ts'
import { validateWith } from '../engine/standard-schema.ts'
import { readStateResult } from '../engine/state-result.ts'
import { isFinal, type State } from '../engine/state.ts'
import { ParameterValidationError, SpillwayError, TimeoutError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { linkSignals } from '../link-signals.ts'
import { defaultSession, type Remote, type Session } from '../session.ts'
import type { MissingName, MissingParameters } from './missing-arguments.ts'

/** How a run of a deployment is made, and how it is waited for. */
export interface RunDeploymentOptions {
  /** Whether to wait until the run has ended. Default true. */
  readonly wait?: boolean
  /** Longest wait. Default: none. The run goes on when it is over. */
  readonly timeout?: Duration
  /** The same key twice is the same run. Default: a key of this call alone, so that a repeated request makes no second run. */
  readonly idempotencyKey?: string
  readonly scheduledAt?: Date
  readonly name?: string
  readonly tags?: readonly string[]
  readonly jobVariables?: Record<string, unknown>
  readonly workQueue?: string
  /** Whether the run shows as part of the flow that this code is part of. Default true. */
  readonly asSubflow?: boolean
  /** Whether the run goes on when the run that this code is part of is cancelled. Default false. */
  readonly detach?: boolean
  /** Between two looks at the run, beside the event stream. Default 15 s, spread by a third. */
  readonly pollEvery?: Duration
}

/** A run of a deployment. */
export class DeploymentRun<R = unknown> {
  readonly id: string
  readonly name: string
  readonly #session: Session
  readonly #remote: Remote
  readonly #pollMs: number
  #state: State | undefined

  /** @internal */
  constructor(session: Session, remote: Remote, run: { id: string; name: string }, pollMs: number) {
    this.id = run.id
    this.name = run.name
    this.#session = session
    this.#remote = remote
    this.#pollMs = pollMs
  }

  /** The last state that is known here. */
  get state(): State | undefined {
    return this.#state
  }

  /** Reads the current state. */
  async refresh(): Promise<State> {
    const { state } = await this.#remote.client.readFlowRun(this.id, { patienceMs: this.#session.settings.patienceMs })
    if (!state) throw new SpillwayError('run-without-state', `the run ${this.name} has no state`)
    return (this.#state = fromWire(state))
  }

  /**
   * Waits for the end of the run: the event stream tells of it, and the state is read now and then, so that a blocked
   * stream costs some seconds and no more.
   *
   * @throws {TimeoutError}, or the signal's reason. The run goes on.
   */
  async wait(options: { readonly timeout?: Duration; readonly signal?: AbortSignal } = {}): Promise<State> {
    const { clock, random } = this.#session
    const untilMs = options.timeout === undefined ? Infinity : clock.monotonicMs() + durationMs(options.timeout)
    const link = linkSignals(options.signal ? [options.signal] : [])
    try {
      for (;;) {
        options.signal?.throwIfAborted()
        const leftMs = untilMs - clock.monotonicMs()
        const pollMs = this.#remote.watcher.isDeaf ? Math.min(this.#pollMs, sdkLimits.deafPollMs) : this.#pollMs
        const ended = this.#remote.watcher.untilEnded(this.id, Math.max(0, Math.min(leftMs, pollMs * (1 + random() / 3))), link.signal)
        // Read after the watch has begun, or an end in between would be missed.
        const state = await this.refresh()
        if (isFinal(state)) return state
        if (leftMs <= 0) throw new TimeoutError(`the run ${this.name} has not ended in time; it is ${state.name}`)
        await ended
      }
    } finally {
      // Takes the watch back that is still waiting.
      link.abort(undefined)
    }
  }

  /**
   * The value, once the run has ended.
   *
   * @throws {FailedRunError} when it did not complete; {MissingResultError} when its result was not kept or is not JSON.
   */
  async result(): Promise<R> {
    const state = this.#state && isFinal(this.#state) ? this.#state : await this.wait()
    return (await readStateResult(this.#session, state, `the run ${this.name}`)) as R
  }

  /** Asks for the run to be stopped; it ends Cancelled some time later. */
  async cancel(): Promise<void> {
    await this.#remote.client.setFlowRunState(this.id, { type: 'CANCELLING', name: 'Cancelling', state_details: { transition_id: randomUUID() } })
  }
}

/**
 * Starts a run of a deployment, and waits for its end unless told otherwise.
 *
 * @param target `flow/deployment` by name (also of a Python flow), or the deployment's id
 * @throws {SpillwayError} `deployment-missing` when there is no such deployment
 */
export async function runDeployment<R = unknown>(target: string, parameters?: Record<string, unknown>, options?: RunDeploymentOptions): Promise<DeploymentRun<R>>
/** The same, with the types of a flow of this program, and its name. */
export async function runDeployment<Input, R>(
  flow: Flow<Input, R>,
  deployment: string,
  ...call: CallInput<Input> extends [unknown] ? [parameters: Input, options?: RunDeploymentOptions] : [parameters?: Input, options?: RunDeploymentOptions]
): Promise<DeploymentRun<R>>
/** Does not compile: the name of the deployment is missing. */
export async function runDeployment(flow: MissingName): Promise<never>
/** Does not compile: the flow has parameters that must be given, and the compiler says which. */
export async function runDeployment<Input>(flow: Flow<Input, unknown>, deployment: MissingParameters<Input>): Promise<never>
export async function runDeployment(first: string | Flow<never, unknown>, ...rest: unknown[]): Promise<DeploymentRun> {
  if (typeof first === 'string') return await start(first, undefined, rest[0] as Record<string, unknown> | undefined, rest[1] as RunDeploymentOptions | undefined)
  return await start(`${first.flowName}/${String(rest[0])}`, first, rest[1] as Record<string, unknown> | undefined, rest[2] as RunDeploymentOptions | undefined)
}

async function start(target: string, flow: Flow<never, unknown> | undefined, given: Record<string, unknown> = {}, options: RunDeploymentOptions = {}): Promise<DeploymentRun> {
  const frame = currentFrame()
  const session = frame?.session ?? defaultSession()
  const { remote } = session
  if (!remote) throw new SpillwayError('no-server', `the deployment '${target}' cannot be run without a server: set PREFECT_API_URL`)
  const parameters = (await resolveFutures(given)) as Record<string, unknown>
  if (flow?.options.params) {
    const checked = await validateWith(flow.options.params, parameters)
    if (!checked.ok) throw new ParameterValidationError(flow.flowName, checked.issues)
  }
  const calls = { signal: frame?.signal, patienceMs: session.settings.patienceMs }
  const deployment = await findDeployment(remote, target, calls)
  const parent = options.asSubflow === false ? undefined : await trackingTask(remote, frame, target, deployment, given, calls)
  const created = await remote.client.createFlowRunFromDeployment(deployment.id, {
    // What a caller sends is what the flow's schema takes in; values that it makes of that never travel.
    parameters,
    state: { type: 'SCHEDULED', name: 'Scheduled', state_details: { scheduled_time: formatIso((options.scheduledAt?.getTime() ?? Date.now()) * 1000) } },
    tags: [...(options.tags ?? [])],
    idempotency_key: options.idempotencyKey ?? randomUUID(),
    parent_task_run_id: parent ?? null,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.jobVariables === undefined ? {} : { job_variables: options.jobVariables }),
    ...(options.workQueue === undefined ? {} : { work_queue_name: options.workQueue }),
  }, calls)
  const run = new DeploymentRun(session, remote, { id: created.id, name: String(created.name) }, durationMs(options.pollEvery ?? '15s'))
  if (options.wait !== false) await waitFor(run, frame, options)
  return run
}

/** Whoever waits for a run and is cancelled cancels it, unless it is detached. */
async function waitFor(run: DeploymentRun, frame: RunFrame | undefined, options: RunDeploymentOptions): Promise<void> {
  const link = linkSignals(frame ? [frame.signal] : [])
  try {
    await run.wait({ ...(options.timeout === undefined ? {} : { timeout: options.timeout }), signal: link.signal })
  } catch (error) {
    if (link.signal.aborted && !options.detach) await run.cancel().catch(() => {})
    throw error
  } finally {
    link.unlink()
  }
}

async function findDeployment(remote: Remote, target: string, calls: object): Promise<DeploymentResponse> {
  const [flowName = '', ...name] = target.split('/')
  if (name.length === 0 && !/^[0-9a-f-]{32,36}$/i.test(target)) throw new TypeError(`'${target}' is no deployment: write flow/deployment, such as nightly/prod, or its id`)
  const found = name.length === 0 ? await remote.client.readDeployment(target, calls) : await remote.client.findDeployment(flowName, name.join('/'), calls)
  if (!found) throw new SpillwayError('deployment-missing', `there is no deployment '${target}'; the ones there are: prefect deployment ls`)
  return found
}

/** The task run that stands for the run in the graph of the flow that called it, as the stock client makes it. */
async function trackingTask(
  remote: Remote,
  frame: RunFrame | undefined,
  target: string,
  deployment: DeploymentResponse,
  given: Record<string, unknown>,
  calls: object,
): Promise<string | undefined> {
  const scope = frame?.flow
  if (!frame || !scope) return undefined
  const slug = target.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  const key = `run-deployment.${slug}`
  const count = scope.calls.get(key) ?? 0
  scope.calls.set(key, count + 1)
  const inputs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, inputsOf(value, scope.run.id)]))
  const run = await remote.client.createTaskRun({
    name: `${target}-${count}`,
    flow_run_id: scope.run.id,
    task_key: `prefect.deployments.flow_runs.run_deployment.${slug}`,
    dynamic_key: frame.task ? randomUUID() : String(count),
    task_inputs: frame.task ? { ...inputs, __parents__: [{ input_type: 'task_run', id: frame.task.id }] } : inputs,
    state: { type: 'PENDING', name: 'Pending' },
    ...(deployment.version === null ? {} : { task_version: deployment.version }),
  }, calls)
  return run.id
}
