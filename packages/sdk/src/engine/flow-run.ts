import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { parseIso } from '@spillway/core/wire/time'
import { durationMs } from '../duration.ts'
import { AbortedByServerError, ApiError, asError, CancelledError, describeError, ParameterValidationError, ShutdownError, SpillwayError, TimeoutError, UnreadFailureError, UpstreamFailedError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { linkSignals, type LinkedSignal } from '../link-signals.ts'
import { defaultSession, type Session } from '../session.ts'
import { inputsOf, resolveFutures } from './arguments.ts'
import { storageOfBlock } from './block-storage.ts'
import { keep } from './cache.ts'
import { captureConsole } from './console-capture.ts'
import { contextOf, currentFrame, inFrame, type FlowRunInfo, type FlowScope, type RunFrame } from './context.ts'
import type { FlowDefinition } from './flow.ts'
import { RunFuture } from './future.ts'
import { keepBeating } from './heartbeat.ts'
import { forEver, isLoading, isNotToRun } from './loading.ts'
import { orchestratorOf } from './orchestrators.ts'
import { SuspendSignal } from './pause.ts'
import type { Orchestrator } from './orchestrator.ts'
import { abortOnProcessEnd } from './process-end.ts'
import type { ResultStorage } from './result-storage.ts'
import { runLogger, type RunLogger } from './run-logger.ts'
import { settle, type Settled } from './settle.ts'
import { validateWith } from './standard-schema.ts'
import { aggregateState, errorOfState, isFinal, makeState, ReturnedState, type NewState, type Outcome, type State } from './state.ts'
import { readStateResult } from './state-result.ts'
import { watchLoop } from './watch-loop.ts'
import { pythonSeconds } from './task-run.ts'

export interface FlowCall {
  /** A run that exists already: a runner started this process for it. */
  readonly adopted?: FlowRunInfo
  /** Aborts the run from outside. */
  readonly signal?: AbortSignal
  readonly session?: Session
}

type Attempt<R> = { readonly state: NewState; readonly value: R } | { readonly state: NewState; readonly error: Error }
/** The process has nothing more to do for the run: its state is with the server already. */
type Suspended = { readonly suspended: SuspendSignal }

/** Runs a flow from its first state to its last. Never throws, but for a caller's mistakes that the API tells of (4xx). */
export async function runFlow<R>(definition: FlowDefinition<R>, input: unknown, call: FlowCall = {}): Promise<Outcome<R>> {
  const frame = currentFrame()
  const session = call.session ?? frame?.session ?? defaultSession()
  const run = new FlowRun(session, frame, definition, call)
  if (frame) return await run.execute(input)
  if (isNotToRun()) return await forEver()
  if (!call.adopted && isLoading()) session.warn(`the flow '${definition.name}' is run by its module whenever that is loaded, also for another run: write if (import.meta.main) in front of the call`)
  return await session.track(() => run.execute(input))
}

class FlowRun<R> {
  readonly #session: Session
  readonly #parent: RunFrame | undefined
  readonly #definition: FlowDefinition<R>
  readonly #call: FlowCall
  readonly #orchestrator: Orchestrator
  readonly #link: LinkedSignal

  constructor(session: Session, parent: RunFrame | undefined, definition: FlowDefinition<R>, call: FlowCall) {
    this.#session = session
    this.#parent = parent
    this.#definition = definition
    this.#call = call
    this.#orchestrator = orchestratorOf(session)
    this.#link = linkSignals([...(parent ? [parent.signal] : []), ...(call.signal ? [call.signal] : [])])
  }

  async execute(input: unknown): Promise<Outcome<R>> {
    // What a runner has started is told to end by its runner, or listens itself.
    const releaseSignals = this.#parent || this.#call.adopted ? (): void => {} : abortOnProcessEnd((reason) => this.#link.abort(reason))
    try {
      return await this.#recorded(input)
    } finally {
      this.#link.unlink()
      releaseSignals()
    }
  }

  async #recorded(input: unknown): Promise<Outcome<R>> {
    const given = parametersOf(input, this.#definition.name)
    let upstream: Error | undefined
    const parameters = (await resolveFutures(given).catch((error: unknown) => {
      if (!(error instanceof UpstreamFailedError)) throw error
      upstream = error
      return {}
    })) as Record<string, unknown>
    const info = this.#call.adopted ?? (await this.#create(given, parameters))
    const logger = runLogger(this.#session, { name: 'prefect.flow_runs', runName: `Flow run '${info.name}'`, flowRunId: info.id })
    logger.info(this.#session.settings.apiUrl === undefined ? `Beginning flow run '${info.name}' without a server` : `Beginning flow run '${info.name}' for flow '${info.flowName}'`)
    if (upstream) return await this.#end(info, logger, { state: { type: 'PENDING', name: 'NotReady', message: upstream.message }, error: upstream })
    const checked = await this.#check(parameters)
    if (!checked.ok) return await this.#end(info, logger, { state: { type: 'FAILED', message: `Validation of flow parameters failed with error: ${describeError(checked.error)}` }, error: checked.error })
    const { runName } = this.#definition.options
    if (runName !== undefined) await this.#orchestrator.rename(info, typeof runName === 'function' ? runName(checked.value as never) : runName)
    const begun = await this.#begin(info)
    if ('ended' in begun) return begun.ended
    const dropLease = this.#keepDeploymentLease(begun.running, logger)
    try {
      return await this.#attempts(info, logger, checked.value)
    } finally {
      dropLease()
    }
  }

  /** The slot of its deployment's limit is the run's as long as its lease is renewed. The server takes it back at the end. */
  #keepDeploymentLease(running: State, logger: RunLogger): () => void {
    const leaseId = running.details.deployment_concurrency_lease_id
    const { remote } = this.#session
    if (!leaseId || !remote) return () => {}
    remote.leases.keep(leaseId, sdkLimits.deploymentLeaseSeconds, (error) => {
      logger.error(error)
      this.#link.abort(new ShutdownError(`Execution was interrupted: ${error.message}`))
    })
    return () => remote.leases.drop(leaseId)
  }

  async #create(given: Record<string, unknown>, parameters: Record<string, unknown>): Promise<FlowRunInfo> {
    const { name, options } = this.#definition
    const scope = this.#parent?.flow
    return await this.#orchestrator.create({
      flowName: name,
      parameters,
      tags: [...new Set([...(options.tags ?? []), ...(this.#parent?.tags ?? [])])],
      version: options.version,
      retries: options.retries ?? 0,
      retryDelaySeconds: Math.ceil(durationMs(options.retryDelay ?? 0) / 1000),
      parent: scope && { flowRunId: scope.run.id, key: this.#callKey(scope), inputs: this.#trackingInputs(given, scope) },
      signal: this.#link.signal,
    })
  }

  /** In a flow calls are counted, so that a second attempt finds the subflow runs of the first; in a task order says nothing. */
  #callKey(scope: FlowScope): string {
    if (this.#parent?.task) return randomUUID()
    const count = scope.calls.get(this.#definition.name) ?? 0
    scope.calls.set(this.#definition.name, count + 1)
    return String(count)
  }

  #trackingInputs(given: Record<string, unknown>, scope: FlowScope): Record<string, readonly object[]> {
    const inputs: Record<string, readonly object[]> = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, inputsOf(value, scope.run.id)]))
    return this.#parent?.task ? { ...inputs, __parents__: [{ input_type: 'task_run', id: this.#parent.task.id }] } : inputs
  }

  async #check(parameters: Record<string, unknown>): Promise<{ ok: true; value: unknown } | { ok: false; error: Error }> {
    const { params } = this.#definition.options
    if (!params) return { ok: true, value: parameters }
    const result = await validateWith(params, parameters)
    return result.ok ? result : { ok: false, error: new ParameterValidationError(this.#definition.name, result.issues) }
  }

  /** Proposes Running until it is, or the run turns out to have ended elsewhere. */
  async #begin(info: FlowRunInfo): Promise<{ running: State } | { ended: Outcome<R> }> {
    for (;;) {
      if (this.#link.signal.aborted) return { ended: await this.#end(info, undefined, { state: stateOfAbort(this.#link.signal.reason), error: asError(this.#link.signal.reason) }) }
      try {
        const { accepted, state } = await this.#orchestrator.propose(info, { type: 'RUNNING' }, { signal: this.#link.signal })
        if (accepted) return { running: state }
        if (isFinal(state)) return { ended: await this.#outcomeElsewhere(state) }
        await this.#session.clock.sleep(waitMs(state, this.#session), this.#link.signal)
      } catch (error) {
        if (this.#link.signal.aborted) continue
        if (!(error instanceof AbortedByServerError)) throw error
        const state = (await this.#orchestrator.current(info)) ?? makeState({ type: 'CANCELLED', message: error.message }, this.#session.clock.nowUs())
        return { ended: { ok: false, state, error } }
      }
    }
  }

  async #attempts(info: FlowRunInfo, logger: RunLogger, parameters: unknown): Promise<Outcome<R>> {
    const calls = new Map<string, number>()
    const related = await this.#orchestrator.related(info)
    let storage: ResultStorage
    try {
      storage = await this.#storage()
    } catch (thrown) {
      const error = asError(thrown)
      return await this.#end(info, logger, { state: { type: 'FAILED', message: `Flow run encountered an exception: ${describeError(error)}` }, error })
    }
    const stopBeating = keepBeating(this.#session, this.#orchestrator, info, related, (reason) => this.#link.abort(reason))
    try {
      for (;;) {
        calls.clear()
        const attempt = await this.#attempt(info, logger, parameters, { calls, related, storage })
        if ('suspended' in attempt) return { ok: false, state: attempt.suspended.state, error: attempt.suspended }
        const outcome = await this.#end(info, logger, attempt)
        if (isFinal(outcome.state)) return outcome
        logger.info(`Received state '${outcome.state.name}' when proposing '${attempt.state.name ?? attempt.state.type}'; the flow is tried again`)
        await this.#session.clock.sleep(waitMs(outcome.state, this.#session), this.#link.signal).catch(() => {})
        const begun = await this.#begin(info)
        if ('ended' in begun) return begun.ended
      }
    } finally {
      stopBeating()
    }
  }

  async #attempt(info: FlowRunInfo, logger: RunLogger, parameters: unknown, shared: Pick<FlowScope, 'calls' | 'related' | 'storage'>): Promise<Attempt<R> | Suspended> {
    const { options, fn } = this.#definition
    const attempt = linkSignals([this.#link.signal])
    const scope: FlowScope = { run: info, signal: attempt.signal, ...shared, open: new Set(), unread: new Set(), pauses: 0, persistResults: options.result?.persist ?? false, storage: shared.storage }
    const timeoutMs = options.timeout === undefined ? undefined : durationMs(options.timeout)
    const frame: RunFrame = {
      session: this.#session,
      flow: scope,
      task: undefined,
      signal: attempt.signal,
      logger,
      tags: [...new Set([...(this.#parent?.tags ?? []), ...(options.tags ?? [])])],
      onCancel: [],
      transaction: this.#parent?.transaction,
      logPrints: options.logPrints ?? this.#parent?.logPrints ?? this.#session.settings.logPrints,
      deadlineMs: timeoutMs === undefined ? this.#parent?.deadlineMs : this.#session.clock.nowUs() / 1000 + timeoutMs,
    }
    const context = contextOf(frame)
    const releaseConsole = frame.logPrints ? captureConsole() : undefined
    const cancelTimer = timeoutMs === undefined ? undefined : this.#session.clock.after(timeoutMs, () => attempt.abort(new TimeoutError(`Flow run exceeded timeout of ${pythonSeconds(timeoutMs)} second(s)`)))
    try {
      const stopWatching = this.#parent ? (): void => {} : watchLoop(logger)
      const settled = await settle(() => inFrame(frame, () => fn(parameters as never, context)), attempt.signal, sdkLimits.flowAbortGraceMs).finally(stopWatching)
      if (attempt.signal.aborted) await this.#runCancelHooks(frame, logger)
      // A task that nobody waited for must not stay open when its flow has ended.
      while (scope.open.size > 0) await Promise.all(scope.open)
      if (attempt.signal.aborted) return { state: stateOfAbort(attempt.signal.reason), error: asError(attempt.signal.reason) }
      return await this.#judge(settled, scope, logger)
    } finally {
      cancelTimer?.()
      attempt.unlink()
      releaseConsole?.()
    }
  }

  /** Where the flow keeps results: as it says, as the flow around it does, or as the settings say. */
  async #storage(): Promise<ResultStorage> {
    const block = this.#definition.options.result?.storage
    if (block === undefined && this.#parent?.flow) return this.#parent.flow.storage
    const reference = block ?? (this.#session.remote ? this.#session.settings.resultsBlock : undefined)
    return reference === undefined ? this.#session.storage : await storageOfBlock(this.#session, reference)
  }

  async #judge(settled: Settled<unknown>, scope: FlowScope, logger: RunLogger): Promise<Attempt<R> | Suspended> {
    if (settled.kind === 'threw' && settled.error instanceof SuspendSignal) return { suspended: settled.error }
    try {
      if (settled.kind === 'threw') throw settled.error
      const value = settled.kind === 'returned' ? settled.value : undefined
      const attempt = await this.#returned(value, scope.storage)
      if (scope.unread.size === 0) return attempt
      const unread = `nobody looked at these runs, which did not complete: ${[...scope.unread].join(', ')}`
      logger.warn(unread)
      if (this.#definition.options.failOnUnread && !('error' in attempt)) throw new UnreadFailureError(unread)
      return attempt
    } catch (thrown) {
      const error = asError(thrown)
      logger.error(error)
      return { state: { type: 'FAILED', message: `Flow run encountered an exception: ${describeError(error)}` }, error }
    }
  }

  /** Prefect's rule: a returned state is the state, returned futures add up to one, and anything else has completed. */
  async #returned(value: unknown, storage: ResultStorage): Promise<Attempt<R>> {
    if (value instanceof ReturnedState) {
      if (value.state.type === 'COMPLETED') return { state: value.state, value: undefined as R }
      return { state: value.state, error: errorOfState(makeState(value.state, 0), this.#definition.name) }
    }
    const futures = value instanceof RunFuture ? [value] : Array.isArray(value) && value.length > 0 && value.every((part) => part instanceof RunFuture) ? (value as RunFuture<unknown>[]) : []
    const aggregate = futures.length > 0 ? aggregateState(await Promise.all(futures.map((future) => future.state()))) : undefined
    if (aggregate && aggregate.type !== 'COMPLETED') return { state: aggregate, error: errorOfState(makeState(aggregate, 0), this.#definition.name) }
    const plain = (await resolveFutures(value)) as R
    const data = this.#definition.options.result?.persist ? await keep(this.#session, randomUUID().replaceAll('-', ''), plain, { storage }) : null
    return { state: { ...(aggregate ?? { type: 'COMPLETED' }), data }, value: plain }
  }

  /** Reports how the run ended. The state of the outcome is not final when the server wants another attempt. */
  async #end(info: FlowRunInfo, logger: RunLogger | undefined, attempt: Attempt<R>): Promise<Outcome<R>> {
    const { remote, clock, settings } = this.#session
    const isForced = attempt.state.type === 'CANCELLED' || attempt.state.type === 'CRASHED'
    let state = makeState(attempt.state, clock.nowUs())
    if (logger) logger[state.type === 'COMPLETED' ? 'info' : 'error'](`Finished in state ${state.name}(${state.message === null ? '' : JSON.stringify(state.message)})`)
    // Whoever sees the last state should find what was logged and recorded before it.
    await Promise.all([remote?.logs.flush(sdkLimits.flowLogFlushMs), this.#parent ? undefined : remote?.events.flush(Math.min(sdkLimits.flowEventFlushMs, settings.patienceMs))])
    try {
      const judgement = await this.#orchestrator.propose(info, attempt.state, { force: isForced })
      state = judgement.state
      if (!judgement.accepted && isFinal(state) && state.type !== attempt.state.type) return await this.#outcomeElsewhere(state)
    } catch (error) {
      if (error instanceof AbortedByServerError) state = (await this.#orchestrator.current(info)) ?? state
      else if (error instanceof ApiError && error.status < 500) this.#session.warn(`the last state of ${info.name} is not recorded: ${error.message}`)
      else throw error
    }
    await this.#callHooks(state, info, logger)
    return 'error' in attempt ? { ok: false, state, error: attempt.error } : { ok: true, state, value: attempt.value }
  }

  async #callHooks(state: State, info: FlowRunInfo, logger: RunLogger | undefined): Promise<void> {
    const { onCompleted, onFailed, onCancelled, onCrashed } = this.#definition.options
    const hooks = { COMPLETED: onCompleted, FAILED: onFailed, CANCELLED: onCancelled, CRASHED: onCrashed }[state.type as string] ?? []
    for (const hook of hooks) {
      try {
        await hook({ flowRun: info, state })
      } catch (error) {
        logger?.error('a hook failed', { error: describeError(error) })
      }
    }
  }

  async #runCancelHooks({ onCancel, signal }: RunFrame, logger: RunLogger): Promise<void> {
    for (const hook of onCancel) {
      const settled = await settle(() => hook(signal.reason), AbortSignal.abort(), sdkLimits.hookTimeoutMs)
      if (settled.kind !== 'returned') logger.warn(settled.kind === 'threw' ? `a cancellation hook failed: ${describeError(settled.error)}` : 'a cancellation hook took too long')
    }
  }

  /** The run has ended without this process: its state and, where it was kept, its result. */
  async #outcomeElsewhere(state: State): Promise<Outcome<R>> {
    if (state.type !== 'COMPLETED') return { ok: false, state, error: errorOfState(state, this.#definition.name) }
    try {
      return { ok: true, state, value: (await readStateResult(this.#session, state)) as R }
    } catch (error) {
      return { ok: false, state, error: asError(error) }
    }
  }
}

/** Callers in JavaScript, and `days.map(nightly)`, may give anything. @throws {TypeError} */
function parametersOf(input: unknown, flow: string): Record<string, unknown> {
  if (input === undefined || input === null) return {}
  if (typeof input === 'object' && !Array.isArray(input)) return input as Record<string, unknown>
  throw new TypeError(`the flow '${flow}' takes one object of parameters, such as { day: '2026-01-01' }, and was given ${Array.isArray(input) ? 'an array' : inspect(input)}`)
}

function stateOfAbort(reason: unknown): NewState {
  if (reason instanceof TimeoutError) return { type: 'FAILED', name: 'TimedOut', message: reason.message }
  if (reason instanceof ShutdownError) return { type: 'CRASHED', message: reason.message }
  const message = reason instanceof SpillwayError || reason instanceof CancelledError ? reason.message : describeError(reason)
  return { type: 'CANCELLED', message: `Flow run was cancelled: ${message}` }
}

/** Until the time that the state is scheduled for, or until the next look. */
function waitMs(state: State, session: Session): number {
  const atUs = state.details.scheduled_time ? parseIso(state.details.scheduled_time) : undefined
  return atUs === undefined ? sdkLimits.waitingRunLookMs : Math.max(0, (atUs - session.clock.nowUs()) / 1000)
}
