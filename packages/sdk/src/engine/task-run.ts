import { randomUUID } from 'node:crypto'
import { formatIso } from '@spillway/core/wire/time'
import { newUuid7 } from '@spillway/core/wire/ids'
import { holdSlots } from '../concurrency/slots.ts'
import { durationMs } from '../duration.ts'
import { asError, CancelledError, describeError, ShutdownError, SpillwayError, TimeoutError, UpstreamFailedError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { linkSignals, type LinkedSignal } from '../link-signals.ts'
import type { Session } from '../session.ts'
import { inputsOf, isUntrackable, rememberOrigin, resolveFutures } from './arguments.ts'
import { cacheNameOf, prepareToKeep, readKept } from './cache.ts'
import { captureConsole } from './console-capture.ts'
import { inFrame, type RunFrame, type TaskRunInfo } from './context.ts'
import { RunFuture } from './future.ts'
import { letOthersIn } from './let-others-in.ts'
import { forEver, isNotToRun } from './loading.ts'
import type { ResultMetadata } from './result-record.ts'
import { nextAttempt, wireRetryDelay } from './retry-options.ts'
import { runLogger, type RunLogger } from './run-logger.ts'
import { settle } from './settle.ts'
import { aggregateState, errorOfState, makeState, ReturnedState, type NewState, type Outcome, type State } from './state.ts'
import { enterState, notBegun, type TaskRunRecord } from './task-run-events.ts'
import type { TaskDefinition } from './task.ts'
import { runInThread } from './task-thread.ts'
import { runHooks, type Transaction } from './transaction.ts'

export interface SubmitOptions {
  /** Runs that must have completed first, without their values being handed over. */
  readonly waitFor?: readonly RunFuture<unknown>[]
  /** A run that was made elsewhere and is gone on with here, from the state that the server has given it. */
  readonly adopted?: AdoptedTaskRun
  /** Aborts the run from outside. */
  readonly signal?: AbortSignal
}

export interface AdoptedTaskRun {
  readonly run: Pick<TaskRunRecord, 'id' | 'name' | 'dynamicKey' | 'tags' | 'inputs' | 'expectedStartUs' | 'state'>
  readonly flowRunId: string | undefined
  /** Resources that its events name; a server that makes task runs of events takes the flow run from there. */
  readonly related: readonly Readonly<Record<string, string>>[]
  readonly pending: State
  /** Why it cannot be run; it fails then. */
  readonly fault?: Error
}

/** Starts a run of a task at once, in the flow that this code is part of, or by itself. */
export function submitTask<Args extends unknown[], R>(
  session: Session,
  parent: RunFrame | undefined,
  definition: TaskDefinition<Args, R>,
  args: readonly unknown[],
  options: SubmitOptions = {},
): RunFuture<R> {
  const run = new TaskRun<Args, R>(session, parent, definition, args, options)
  const outcome = run.execute()
  const scope = parent?.flow
  if (scope) {
    scope.open.add(outcome)
    void outcome.finally(() => scope.open.delete(outcome))
  }
  return new RunFuture(run.record, outcome, (reason) => run.abort(reason), scope)
}

/** One run of a task from its first state to its last. */
class TaskRun<Args extends unknown[], R> {
  readonly record: TaskRunRecord
  readonly #session: Session
  readonly #parent: RunFrame | undefined
  readonly #definition: TaskDefinition<Args, R>
  readonly #given: readonly unknown[]
  readonly #options: SubmitOptions
  readonly #link: LinkedSignal
  #logger: RunLogger

  constructor(session: Session, parent: RunFrame | undefined, definition: TaskDefinition<Args, R>, args: readonly unknown[], options: SubmitOptions) {
    this.#session = session
    this.#parent = parent
    this.#definition = definition
    this.#given = args
    this.#options = options
    this.#link = linkSignals([...(parent ? [parent.signal] : []), ...(options.signal ? [options.signal] : [])])
    const dynamicKey = newUuid7(Date.now()) // Keys that rise cost the server's index of them a fraction of what random ones do.
    const { options: task } = definition
    this.record = {
      id: newUuid7(Date.now()),
      name: parent?.flow ? `${definition.name}-${dynamicKey.slice(-3)}` : definition.name,
      taskKey: definition.taskKey,
      dynamicKey,
      version: task.version,
      policy: { retries: task.retries ?? 0, retry_delay: wireRetryDelay(task.retryDelay), retry_jitter_factor: task.retryJitter ?? null },
      tags: [...new Set([...(task.tags ?? []), ...(parent?.tags ?? [])])],
      inputs: this.#inputs(),
      ...notBegun(session.clock.nowUs()),
      ...options.adopted?.run,
    }
    this.#logger = this.#makeLogger()
  }

  abort(reason: unknown): void {
    this.#link.abort(reason)
  }

  /** Never throws. */
  async execute(): Promise<Outcome<R>> {
    if (!this.#parent && isNotToRun()) return await forEver()
    try {
      if (this.#options.adopted) await this.#enterState(this.#options.adopted.pending)
      else await this.#enter({ type: 'PENDING' })
      if (this.#options.adopted?.fault) throw this.#options.adopted.fault
      return await this.#begin()
    } catch (error) {
      // A hook, an option or the storage threw: the run must not stay open.
      return await this.#fail(asError(error), { type: 'FAILED', message: failureMessage(error), details: { retriable: false } })
    } finally {
      this.#link.unlink()
      const turn = letOthersIn()
      if (turn) await turn
    }
  }

  async #begin(): Promise<Outcome<R>> {
    let args: Args
    try {
      for (const future of this.#options.waitFor ?? []) await resolveFutures(future)
      args = (await resolveFutures(this.#given)) as Args
    } catch (error) {
      if (!(error instanceof UpstreamFailedError)) throw error
      return await this.#fail(error, { type: 'PENDING', name: 'NotReady', message: error.message })
    }
    this.#nameAfter(args)
    const { options } = this.#definition
    const cacheName = cacheNameOf(options.cache, this.#definition.taskKey, args, (why) => this.#logger.warn(`${this.record.name}: ${why}`))
    const isRefreshed = options.cache !== 'inputs' && options.cache?.refresh === true
    const kept = cacheName === undefined || isRefreshed ? undefined : await readKept(this.#session, cacheName, this.#parent?.flow?.storage)
    if (kept) {
      // As stock clients do it, a hit is told as a run that took no time.
      await this.#enter({ type: 'RUNNING' })
      return await this.#succeed(kept.value as R, { type: 'COMPLETED', name: 'Cached', data: kept.metadata })
    }
    return await this.#attempts(args, cacheName)
  }

  async #attempts(args: Args, cacheName: string | undefined): Promise<Outcome<R>> {
    const { options } = this.#definition
    let isRunning = false
    for (let failed = 0; ; ) {
      if (this.#link.signal.aborted) return await this.#cancelled(this.#link.signal.reason)
      const attempt = await this.#attempt(args, cacheName, isRunning ? undefined : { type: 'RUNNING', ...(failed > 0 ? { name: 'Retrying' } : {}) })
      if (attempt.ok) return attempt
      failed++
      if (this.#link.signal.aborted) return await this.#cancelled(this.#link.signal.reason)
      const delayMs = await nextAttempt(options, attempt.error, failed, this.#session.random)
      if (delayMs === undefined) return await this.#fail(attempt.error, attempt.state)
      this.#logger.info(`Task run failed with ${describeError(attempt.error)} - Retry ${failed}/${options.retries} will start ${delayMs > 0 ? `${delayMs / 1000} second(s) from now` : 'immediately'}`)
      isRunning = delayMs === 0
      if (isRunning) await this.#enter({ type: 'RUNNING', name: 'Retrying' })
      else if (!(await this.#waitForRetry(delayMs))) return await this.#cancelled(this.#link.signal.reason)
    }
  }

  /** @returns false when the run was cancelled while it waited. */
  async #waitForRetry(delayMs: number): Promise<boolean> {
    const scheduled = formatIso(Math.round(this.#session.clock.nowUs() + delayMs * 1000))
    await this.#enter({ type: 'SCHEDULED', name: 'AwaitingRetry', details: { scheduled_time: scheduled } })
    return await this.#session.clock.sleep(delayMs, this.#link.signal).then(() => true, () => false)
  }

  async #attempt(args: Args, cacheName: string | undefined, begin: NewState | undefined): Promise<(Outcome<R> & { ok: true }) | { ok: false; error: Error; state: NewState }> {
    const { options } = this.#definition
    const attempt = linkSignals([this.#link.signal])
    const timeoutMs = options.timeout === undefined ? undefined : durationMs(options.timeout)
    const cancelTimer = { call: (): void => {} }
    let slots: AsyncDisposable | undefined
    let releaseConsole = (): void => {}
    try {
      slots = await holdSlots(this.#session, {
        names: slotNames(options.concurrency, args, this.record.tags),
        holder: { type: 'task_run', id: this.record.id },
        signal: attempt.signal,
        lost: (error) => attempt.abort(error),
        logger: this.#logger,
      })
      if (begin) await this.#enter(begin)
      if (timeoutMs !== undefined) {
        cancelTimer.call = this.#session.clock.after(timeoutMs, () => attempt.abort(new TimeoutError(`Task run exceeded timeout of ${pythonSeconds(timeoutMs)} second(s)`)))
      }
      const frame = this.#frame(attempt.signal)
      if (frame.logPrints) releaseConsole = captureConsole()
      const late = (): void => this.#logger.warn(`${this.record.name} went on after it was to stop; what it did then is ignored`)
      const settled = await settle(() => inFrame(frame, () => this.#call(args, frame)), attempt.signal, sdkLimits.taskAbortGraceMs, late)
      // Whoever swallows the abort and returns has run out of time all the same.
      if (attempt.signal.aborted) return failed(attempt.signal.reason, attempt.signal.reason instanceof TimeoutError)
      if (settled.kind === 'returned') return await this.#returned(settled.value, cacheName)
      return failed(settled.kind === 'threw' ? settled.error : attempt.signal.reason)
    } catch (error) {
      return failed(error)
    } finally {
      cancelTimer.call()
      attempt.unlink()
      releaseConsole()
      await slots?.[Symbol.asyncDispose]()
    }
  }

  #call(args: Args, frame: RunFrame): unknown {
    const { taskKey, name, fn, module } = this.#definition
    const mock = this.#session.mocks.get(taskKey) as ((...args: Args) => unknown) | undefined
    if (mock) return mock(...args)
    return module === undefined ? fn(...args) : runInThread({ module, taskKey, taskName: name }, args, frame)
  }

  async #returned(value: unknown, cacheName: string | undefined): Promise<(Outcome<R> & { ok: true }) | { ok: false; error: Error; state: NewState }> {
    const { options } = this.#definition
    if (value instanceof ReturnedState) {
      if (value.state.type !== 'COMPLETED') return { ok: false, error: errorOfState(makeState(value.state, 0), this.record.name), state: value.state }
      return await this.#succeed(undefined as R, value.state)
    }
    const futures = Array.isArray(value) && value.length > 0 && value.every((part) => part instanceof RunFuture) ? (value as RunFuture<unknown>[]) : undefined
    if (futures) {
      const aggregate = aggregateState(await Promise.all(futures.map((future) => future.state())))
      if (aggregate.type !== 'COMPLETED') return { ok: false, error: errorOfState(makeState(aggregate, 0), this.record.name), state: aggregate }
    }
    const plain = (await resolveFutures(value)) as R
    const kept = this.#prepare(plain, cacheName, options.result?.persist)
    const { transaction } = this.#parent ?? {}
    const run = { transaction, name: this.record.name, id: this.record.id }
    const { onCommit = [], onRollback = [] } = options
    if (!transaction) await kept?.write()
    const done = await this.#succeed(plain, { type: 'COMPLETED', data: kept?.metadata ?? null })
    if (!transaction) await runHooks(onCommit.map((hook) => () => hook(run)), this.#logger, 'a commit hook failed')
    await transaction?.add({
      // Kept with the transaction, or not at all.
      commit: async () => {
        await kept?.write()
        for (const hook of onCommit) await hook(run)
      },
      rollBack: async () => {
        await runHooks(onRollback.toReversed().map((hook) => () => hook(run)), this.#logger, 'a roll-back hook failed; what it was to undo may still be there')
        await this.#enter({ type: 'COMPLETED', name: 'RolledBack', message: 'Task rolled back as part of transaction' })
      },
    })
    return done
  }

  #prepare(value: unknown, cacheName: string | undefined, persist: boolean | undefined): { metadata: ResultMetadata; write: () => Promise<void> } | undefined {
    const ttl = this.#definition.options.cache === 'inputs' ? undefined : this.#definition.options.cache?.ttl
    // Whoever has left a run to others reads its result from storage.
    const isKept = persist ?? (cacheName !== undefined || this.#parent?.flow?.persistResults === true || this.#options.adopted !== undefined)
    return isKept ? prepareToKeep(this.#session, cacheName ?? randomUUID().replaceAll('-', ''), value, { ttl, storage: this.#parent?.flow?.storage }) : undefined
  }

  async #succeed(value: R, state: NewState): Promise<Outcome<R> & { ok: true }> {
    rememberOrigin(value, this.#parent?.flow?.run.id, this.record.id)
    const details = { ...state.details, ...(isUntrackable(value) ? { untrackable_result: true } : {}) }
    const last = await this.#enter({ ...state, details })
    this.#logger.info(`Finished in state ${last.name}()`)
    await this.#callHooks(this.#definition.options.onCompleted, last)
    return { ok: true, value, state: last }
  }

  async #fail(error: Error, state: NewState): Promise<Outcome<R>> {
    if (state.type !== 'PENDING') this.#logger.error(error)
    const last = await this.#enter(state)
    this.#logger.error(`Finished in state ${last.name}(${JSON.stringify(last.message ?? '')})`)
    if (last.type === 'FAILED') await this.#callHooks(this.#definition.options.onFailed, last)
    return { ok: false, error, state: last }
  }

  async #cancelled(reason: unknown): Promise<Outcome<R>> {
    const error = reason instanceof SpillwayError ? reason : new CancelledError()
    if (error instanceof ShutdownError) return await this.#fail(error, { type: 'CRASHED', message: error.message })
    if (error instanceof TimeoutError) return await this.#fail(error, { type: 'CANCELLED', message: 'its flow ran out of time' })
    return await this.#fail(error, { type: 'CANCELLED', message: error.message })
  }

  async #callHooks(hooks: readonly TaskHook[] | undefined, state: State): Promise<void> {
    for (const hook of hooks ?? []) {
      try {
        await hook({ name: this.record.name, id: this.record.id, state })
      } catch (error) {
        this.#logger.error('a hook failed', { error: describeError(error) })
      }
    }
  }

  async #enter(next: NewState): Promise<State> {
    return await this.#enterState(makeState(next, this.#session.clock.nowUs()))
  }

  async #enterState(state: State): Promise<State> {
    const event = enterState(this.record, state, this.#parent?.flow, this.#options.adopted?.related)
    // Only when memory and spill file are full is there something to wait for.
    const waiting = this.#session.emit(event, true)
    if (waiting) await waiting
    return state
  }

  #frame(signal: AbortSignal): RunFrame {
    const { record } = this
    const { timeout, logPrints } = this.#definition.options
    const task: TaskRunInfo = { id: record.id, name: record.name, taskName: this.#definition.name, tags: record.tags, runCount: record.runCount }
    return {
      session: this.#session, flow: this.#parent?.flow, task, signal, logger: this.#logger, tags: this.#parent?.tags ?? [], onCancel: this.#parent?.onCancel ?? [],
      transaction: this.#parent?.transaction,
      logPrints: logPrints ?? this.#parent?.logPrints ?? this.#session.settings.logPrints,
      deadlineMs: timeout === undefined ? this.#parent?.deadlineMs : this.#session.clock.nowUs() / 1000 + durationMs(timeout),
    }
  }

  #makeLogger(): RunLogger {
    return runLogger(this.#session, { name: 'prefect.task_runs', runName: `Task run '${this.record.name}'`, flowRunId: this.#parent?.flow?.run.id ?? this.#options.adopted?.flowRunId, taskRunId: this.record.id })
  }

  #nameAfter(args: Args): void {
    const { runName } = this.#definition.options
    if (runName === undefined) return
    this.record.name = typeof runName === 'function' ? runName(...args) : runName
    this.#logger = this.#makeLogger()
  }

  #inputs(): Record<string, readonly object[]> {
    const flowRunId = this.#parent?.flow?.run.id
    const inputs: Record<string, readonly object[]> = {}
    const names = this.#definition.argNames
    for (const [index, value] of this.#given.entries()) inputs[names[index] ?? `arg${index}`] = inputsOf(value, flowRunId)
    if (this.#parent?.task) inputs['__parents__'] = [{ input_type: 'task_run', id: this.#parent.task.id }]
    if (this.#options.waitFor?.length) inputs['wait_for'] = inputsOf(this.#options.waitFor, flowRunId)
    return inputs
  }
}

/** Told of the end of the transaction that a run is part of; outside of one there is none. */
export type TransactionHook = (run: { readonly transaction: Transaction | undefined; readonly name: string; readonly id: string }) => unknown

/** Told of a task run's last state. */
export type TaskHook = (run: { readonly name: string; readonly id: string; readonly state: State }) => unknown

function failed(thrown: unknown, isTimeout = false): { ok: false; error: Error; state: NewState } {
  const error = asError(thrown)
  if (isTimeout) return { ok: false, error, state: { type: 'FAILED', name: 'TimedOut', message: error.message } }
  return { ok: false, error, state: { type: 'FAILED', message: failureMessage(error), details: { retriable: false } } }
}

function failureMessage(error: unknown): string {
  return `Task run encountered an exception ${describeError(error)}`
}

/** Seconds as Python prints them: `20.0`. */
export function pythonSeconds(ms: number): string {
  const seconds = ms / 1000
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds)
}

/** Limits of its own first, then those of its tags, which may not exist. */
function slotNames<Args extends unknown[]>(
  own: string | readonly string[] | ((...args: Args) => string | readonly string[]) | undefined,
  args: Args,
  tags: readonly string[],
): { required: readonly string[]; tags: readonly string[] } {
  const named = typeof own === 'function' ? own(...args) : (own ?? [])
  return { required: typeof named === 'string' ? [named] : named, tags: tags.map((tag) => `tag:${tag}`) }
}
