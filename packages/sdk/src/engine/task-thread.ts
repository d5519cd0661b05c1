import { Worker } from 'node:worker_threads'
import type { FromRun, ToRun } from '../link/messages.ts'
import { sdkLimits } from '../limits.ts'
import { RunRelay } from '../link/run-relay.ts'
import { SerializationError, SpillwayError } from '../errors.ts'
import type { SdkSettings } from '../settings.ts'
import type { FlowScope, RunFrame, TaskRunInfo } from './context.ts'
import type { LogSink } from './console-sink.ts'
import { ReturnedState, type NewState } from './state.ts'
import { thrownFromParts, thrownToParts, type ThrownParts } from './thrown.ts'

/** Where a thread finds the function of a task. */
export interface TaskAddress {
  /** The module that defines it. */
  readonly module: string
  readonly taskKey: string
  readonly taskName: string
}

/** What the thread of a task run is started with. */
export interface TaskThreadData {
  readonly address: TaskAddress
  readonly args: readonly unknown[]
  readonly settings: SdkSettings
  readonly flow: Pick<FlowScope, 'run' | 'related' | 'persistResults'> | undefined
  readonly task: TaskRunInfo
  readonly tags: readonly string[]
  readonly logPrints: boolean
  readonly deadlineMs: number | undefined
  /** Without a server, events are for the session alone. */
  readonly hasServer: boolean
}

/** From the thread of a task run, beside what a run tells its runner. */
export type FromTaskThread =
  | FromRun
  | { readonly kind: 'said'; readonly record: Parameters<LogSink>[0] }
  | { readonly kind: 'event'; readonly event: object }
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'returned-state'; readonly state: NewState }
  | { readonly kind: 'threw'; readonly thrown: ThrownParts }

export type ToTaskThread = ToRun | { readonly kind: 'abort'; readonly reason: ThrownParts }

const file = new URL(import.meta.url.endsWith('.ts') ? './task-thread-child.ts' : './task-thread-child.js', import.meta.url)

let threads = 0
const waiting: (() => void)[] = []

/**
 * Runs the function of a task in a thread of its own: what computes for long there holds up nothing else, and is stopped when it does not
 * stop by itself. What it logs, and runs that it starts, go by this process's connections.
 *
 * @throws what the function throws; the signal's reason; {SerializationError} when arguments or result cannot be copied
 */
export async function runInThread(address: TaskAddress, args: readonly unknown[], frame: RunFrame): Promise<unknown> {
  await aPlace(frame.signal)
  try {
    return await inWorker(startWorker(address, args, frame), address, frame)
  } finally {
    const next = waiting.shift()
    if (next) next()
    else threads--
  }
}

async function aPlace(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (threads < sdkLimits.taskThreads) return void threads++
  await new Promise<void>((resolve, reject) => {
    const go = (): void => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }
    const giveUp = (): void => {
      waiting.splice(waiting.indexOf(go), 1)
      reject(signal.reason as Error)
    }
    waiting.push(go)
    signal.addEventListener('abort', giveUp, { once: true })
  })
}

function startWorker(address: TaskAddress, args: readonly unknown[], { session, flow, task, tags, logPrints, deadlineMs }: RunFrame): Worker {
  const data: TaskThreadData = {
    address, args, settings: session.settings, task: task!, tags, logPrints, deadlineMs,
    hasServer: session.remote !== undefined,
    flow: flow && { run: flow.run, related: flow.related, persistResults: flow.persistResults },
  }
  try {
    return new Worker(file, { name: `task ${address.taskName}`, workerData: data })
  } catch (cause) {
    if ((cause as Error).name !== 'DataCloneError') throw cause
    throw new SerializationError(`the arguments of '${address.taskName}' cannot go to its thread (${(cause as Error).message}): hand over plain data`, { cause })
  }
}

async function inWorker(worker: Worker, { taskName }: TaskAddress, { session, signal }: RunFrame): Promise<unknown> {
  const tell = (message: ToTaskThread): void => worker.postMessage(message)
  const relay = session.remote && new RunRelay(session.remote, tell)
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    tell({ kind: 'abort', reason: thrownToParts(signal.reason) })
    timer = setTimeout(() => void worker.terminate(), sdkLimits.taskThreadGraceMs)
  }
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: FromTaskThread) => {
        if (message.kind === 'returned') resolve(message.value)
        else if (message.kind === 'returned-state') resolve(new ReturnedState(message.state))
        else if (message.kind === 'threw') reject(thrownFromParts(message.thrown))
        else if (message.kind === 'said') session.logSink(message.record)
        else if (message.kind === 'event') void session.emit(message.event, true)
        else relay?.receive(message)
      })
      worker.once('error', reject)
      worker.once('exit', (code) => {
        const reason = signal.aborted ? (signal.reason as Error) : new SpillwayError('thread-ended', `the thread of '${taskName}' ended with code ${code} before its function did`)
        reject(reason)
      })
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(timer)
    await worker.terminate()
    relay?.close()
  }
}
