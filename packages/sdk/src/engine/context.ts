import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { durationMs, type Duration } from '../duration.ts'
import { MissingContextError } from '../errors.ts'
import type { Session } from '../session.ts'
import type { ResultStorage } from './result-storage.ts'
import type { RunLogger } from './run-logger.ts'
import type { Transaction } from './transaction.ts'

/** A flow run, as its own code sees it. */
export interface FlowRunInfo {
  readonly id: string
  name: string
  readonly flowId: string
  readonly flowName: string
  readonly deploymentId: string | undefined
  readonly parentTaskRunId: string | undefined
  readonly flowVersion: string | undefined
  /** The flow run that started this one. */
  readonly parentFlowRunId: string | undefined
  readonly jobVariables: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  readonly parameters: Readonly<Record<string, unknown>>
  /** How often it has been started, this time included. */
  runCount: number
  readonly scheduledStartTime: string | undefined
}

/** A task run, as its own code sees it. */
export interface TaskRunInfo {
  readonly id: string
  readonly name: string
  readonly taskName: string
  readonly tags: readonly string[]
  runCount: number
}

/** What a flow run shares among its tasks. */
export interface FlowScope {
  readonly run: FlowRunInfo
  readonly signal: AbortSignal
  /** Resources that its events name beside the run itself. */
  readonly related: readonly Readonly<Record<string, string>>[]
  /** Runs that were submitted and have not ended. */
  readonly open: Set<Promise<unknown>>
  /** Failed runs whose outcome nobody looked at, by name. */
  readonly unread: Set<string>
  /** How often each subflow or deployment was called, so that a second attempt finds the runs of the first. */
  readonly calls: Map<string, number>
  /** How often the run was paused, so that each pause has a key of its own. */
  pauses: number
  /** Whether results of its tasks are kept, and where. */
  readonly persistResults: boolean
  readonly storage: ResultStorage
}

/** What AsyncLocalStorage carries. */
export interface RunFrame {
  readonly session: Session
  readonly flow: FlowScope | undefined
  readonly task: TaskRunInfo | undefined
  readonly signal: AbortSignal
  readonly logger: RunLogger
  readonly tags: readonly string[]
  readonly onCancel: ((reason: unknown) => unknown)[]
  /** Whether what is written by `console` goes to the log. */
  readonly logPrints: boolean
  readonly transaction: Transaction | undefined
  /** When the attempt runs out of time, in milliseconds since the epoch. */
  readonly deadlineMs: number | undefined
}

const key = Symbol.for('spillway.als.v1')
const shared = globalThis as { [key]?: AsyncLocalStorage<RunFrame> }
/** One for all copies of the package in a process. */
const storage = (shared[key] ??= new AsyncLocalStorage<RunFrame>())

export function currentFrame(): RunFrame | undefined {
  return storage.getStore()
}

export function inFrame<T>(frame: RunFrame, work: () => T): T {
  return storage.run(frame, work)
}

/** What user code sees of the run that it is part of. */
export interface RunContext {
  readonly flowRun: FlowRunInfo | undefined
  readonly taskRun: TaskRunInfo | undefined
  readonly parameters: Readonly<Record<string, unknown>>
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly tags: readonly string[]
  /** Aborts when the run is cancelled, runs out of time, or the process is told to end. Hand it on to whatever waits. */
  readonly signal: AbortSignal
  readonly logger: RunLogger
  /** The deployment whose run it is. */
  readonly deployment: { readonly id: string; readonly name: string } | undefined
  /** When the attempt runs out of time. */
  readonly deadline: Date | undefined
  /** Where people see the run. */
  readonly url: string | undefined
}

/** The run that this code is part of; undefined outside of one. */
export function tryGetRunContext(): RunContext | undefined {
  const frame = currentFrame()
  if (!frame) return undefined
  return contextOf(frame)
}

/** @internal */
export function contextOf({ session, flow, task, signal, logger, tags, deadlineMs }: RunFrame): RunContext {
  const deployment = flow?.related.find((resource) => resource['prefect.resource.role'] === 'deployment')
  return {
    flowRun: flow?.run,
    taskRun: task,
    parameters: flow?.run.parameters ?? {},
    attempt: (task ?? flow?.run)?.runCount ?? 1,
    tags,
    signal,
    logger,
    deployment: flow?.run.deploymentId === undefined ? undefined : { id: flow.run.deploymentId, name: deployment?.['prefect.resource.name'] ?? '' },
    deadline: deadlineMs === undefined ? undefined : new Date(deadlineMs),
    url: runUrl(session, task ? `task-run/${task.id}` : `flow-run/${flow?.run.id}`),
  }
}

function runUrl({ settings }: Session, path: string): string | undefined {
  const base = settings.uiUrl ?? settings.apiUrl?.replace(/\/api$/, '')
  return base === undefined ? undefined : `${base}/runs/${path}`
}

/** @throws {MissingContextError} outside of a run. */
export function getRunContext(): RunContext {
  const context = tryGetRunContext()
  if (!context) throw new MissingContextError('getRunContext()')
  return context
}

const never = new AbortController().signal

/** The signal of the run that this code is part of; outside of a run one that never aborts. */
export function abortSignal(): AbortSignal {
  return currentFrame()?.signal ?? never
}

/** Calls back when the run is cancelled; the run ends when these calls have ended, or their time is over. */
export function onCancel(call: (reason: unknown) => unknown): void {
  const frame = currentFrame()
  if (!frame) throw new MissingContextError('onCancel()')
  frame.onCancel.push(call)
}

/** Ties a callback to the run it is made in, for emitters and pools that call it from elsewhere. */
export function bindContext<F extends (...args: never[]) => unknown>(fn: F): F {
  return AsyncResource.bind(fn as never) as F
}

/** Runs made inside of `work` carry these tags too. */
export function tags<T>(names: readonly string[], work: () => T): T {
  const frame = currentFrame()
  if (!frame) throw new MissingContextError('tags()')
  return inFrame({ ...frame, tags: [...new Set([...frame.tags, ...names])] }, work)
}

/** Waits, and stops waiting when the run is cancelled. @throws the signal's reason then. */
export function sleep(duration: Duration): Promise<void> {
  const frame = currentFrame()
  const ms = durationMs(duration)
  return frame ? frame.session.clock.sleep(ms, frame.signal) : new Promise((resolve) => setTimeout(resolve, ms))
}
