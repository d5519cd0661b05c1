import { randomUUID } from 'node:crypto'
import { newUuid7 } from '@spillway/core/wire/ids'
import type { BodyOf } from '../client/typed-call.ts'
import { durationMs, type Duration } from '../duration.ts'
import { asError, SpillwayError, TimeoutError } from '../errors.ts'
import { inputsOf, resolveFutures } from '../engine/arguments.ts'
import { currentFrame } from '../engine/context.ts'
import { fromWire } from '../engine/remote-orchestrator.ts'
import { wireRetryDelay } from '../engine/retry-options.ts'
import { isFinal, makeState, type Outcome, type State } from '../engine/state.ts'
import { readStateResult } from '../engine/state-result.ts'
import { enterState, notBegun, type TaskRunRecord } from '../engine/task-run-events.ts'
import type { TaskDefinition } from '../engine/task.ts'
import { sdkLimits } from '../limits.ts'
import { linkSignals } from '../link-signals.ts'
import { defaultSession, type Remote, type Session } from '../session.ts'
import { keepParameters } from './parameters.ts'

/** How long to wait for the end of a run. */
export interface WaitOptions {
  /** Default: as long as it takes. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** A task run that was left to another process. */
export class BackgroundRun<R = unknown> {
  readonly taskRunId: string
  readonly name: string
  readonly #session: Session
  readonly #remote: Remote
  #ended: State | undefined

  /** @internal */
  constructor(session: Session, remote: Remote, run: { id: string; name: string }) {
    this.#session = session
    this.#remote = remote
    this.taskRunId = run.id
    this.name = run.name
  }

  /**
   * The last state, once the run has ended: the event stream tells of it, and the run is read now and then.
   *
   * @throws {TimeoutError}, or the signal's reason. The run goes on.
   */
  async state({ timeout, signal }: WaitOptions = {}): Promise<State> {
    if (this.#ended) return this.#ended
    const { clock, random, settings } = this.#session
    const untilMs = timeout === undefined ? Infinity : clock.monotonicMs() + durationMs(timeout)
    const link = linkSignals([currentFrame()?.signal, signal].filter((one) => one !== undefined))
    let isTold = false
    let lookMs = sdkLimits.taskPollFirstMs
    try {
      for (;;) {
        link.signal.throwIfAborted()
        const leftMs = untilMs - clock.monotonicMs()
        const pollMs = isTold ? sdkLimits.taskRecordedMs : lookMs * (1 + random() / 3)
        lookMs = Math.min(sdkLimits.taskPollLongestMs, lookMs * 2)
        const ended = this.#remote.taskWatcher.untilEnded(this.taskRunId, Math.max(0, Math.min(leftMs, pollMs)), link.signal)
        // Read after the watch has begun, or an end in between would be missed.
        const { state } = await this.#remote.client.readTaskRun(this.taskRunId, { patienceMs: settings.patienceMs, signal: link.signal })
        const known = state ? fromWire(state) : undefined
        if (known && isFinal(known)) return (this.#ended = known)
        if (leftMs <= 0) throw new TimeoutError(`the background run ${this.name} has not ended in time; it is ${known?.name ?? 'unknown'}. Does somebody serve the task?`)
        isTold = (await ended) || isTold
      }
    } finally {
      // Takes the watch back that is still waiting.
      link.abort(undefined)
    }
  }

  /**
   * The value, once the run has ended.
   *
   * @throws {FailedRunError} when it did not complete; {MissingResultError} when its result cannot be read here.
   */
  async result(options?: WaitOptions): Promise<R> {
    return (await readStateResult(this.#session, await this.state(options), `the background run ${this.name}`)) as R
  }

  /** Last state with value or error. Throws for nothing but time and signal. */
  async outcome(options?: WaitOptions): Promise<Outcome<R>> {
    const state = await this.state(options)
    try {
      return { ok: true, state, value: await this.result() }
    } catch (error) {
      return { ok: false, state, error: asError(error) }
    }
  }
}

/** @internal What `task.delay()` does. */
export async function delayTask<R>(definition: Pick<TaskDefinition<never, unknown>, 'name' | 'taskKey' | 'argNames' | 'options'>, args: readonly unknown[]): Promise<BackgroundRun<R>> {
  const { argNames, options } = definition
  const named = Object.fromEntries(args.map((value, index) => [argNames[index] ?? `arg${index}`, value]))
  return await submit(definition.taskKey, named, {
    name: definition.name,
    tags: options.tags ?? [],
    version: options.version,
    policy: { retries: options.retries ?? 0, retry_delay: wireRetryDelay(options.retryDelay), retry_jitter_factor: options.retryJitter ?? null },
  })
}

/** Of a run that is left to whoever serves the task. */
export interface RunTaskOptions {
  /** Default: the task's key. */
  readonly name?: string
  readonly tags?: readonly string[]
}

/**
 * Leaves a run of any task to whichever process serves it, also one of Python: `prefect task serve`. The Python task needs
 * `result_serializer="json"` for its result to be read here.
 *
 * @param taskKey in Python `my_task.task_key`
 * @param parameters by the names of the function's arguments
 */
export async function runBackgroundTask<R = unknown>(taskKey: string, parameters: Readonly<Record<string, unknown>> = {}, options: RunTaskOptions = {}): Promise<BackgroundRun<R>> {
  return await submit(taskKey, parameters, { name: options.name ?? taskKey, tags: options.tags ?? [], version: undefined, policy: { retries: 0, retry_delay: 0, retry_jitter_factor: null } })
}

interface Submission extends Pick<TaskRunRecord, 'name' | 'policy' | 'version'> {
  readonly tags: readonly string[]
}

async function submit<R>(taskKey: string, given: Readonly<Record<string, unknown>>, { name, tags, version, policy }: Submission): Promise<BackgroundRun<R>> {
  const frame = currentFrame()
  const session = frame?.session ?? defaultSession()
  const { remote, clock, settings } = session
  if (!remote) throw new SpillwayError('no-server', `nobody could take over a run of '${name}' without a server: set PREFECT_API_URL`)
  const parametersId = await keepParameters(session, (await resolveFutures(given)) as Record<string, unknown>)
  const flowRunId = frame?.flow?.run.id
  const dynamicKey = randomUUID()
  const state = makeState({ type: 'SCHEDULED', details: { deferred: true, task_parameters_id: parametersId } }, clock.nowUs())
  const record: TaskRunRecord = {
    id: newUuid7(Date.now()),
    name: frame?.flow ? `${name}-${dynamicKey.slice(0, 3)}` : name,
    taskKey,
    dynamicKey: frame?.flow ? dynamicKey : `${taskKey}-${dynamicKey}`,
    version,
    policy,
    tags: [...new Set([...tags, ...(frame?.tags ?? [])])],
    inputs: {
      ...Object.fromEntries(Object.entries(given).map(([key, value]) => [key, inputsOf(value, flowRunId)])),
      ...(frame?.task ? { __parents__: [{ input_type: 'task_run', id: frame.task.id }] } : {}),
    },
    ...notBegun(clock.nowUs()),
  }
  const run = await remote.client.createTaskRun({
    id: record.id,
    name: record.name,
    flow_run_id: flowRunId ?? null,
    task_key: taskKey,
    dynamic_key: record.dynamicKey,
    tags: [...record.tags],
    task_inputs: record.inputs as BodyOf<'POST /task_runs/'>['task_inputs'],
    empirical_policy: policy,
    state: { type: state.type, name: state.name, state_details: { ...state.details } },
    ...(version === undefined ? {} : { task_version: version }),
  }, { signal: frame?.signal, patienceMs: settings.patienceMs })
  // As stock clients tell of it; the state itself is with the server already.
  if (run.state) void session.emit(enterState(record, fromWire(run.state), frame?.flow), true)
  return new BackgroundRun<R>(session, remote, { id: run.id, name: record.name })
}
