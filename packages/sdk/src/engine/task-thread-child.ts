// The thread of one task run: loads the module of the task, and runs its function there.
import { parentPort, workerData } from 'node:worker_threads'
import { SerializationError, SpillwayError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { RunnerLink } from '../link/runner-link.ts'
import { Session, setDefaultSession } from '../session.ts'
import { captureConsole } from './console-capture.ts'
import { inFrame, type RunFrame } from './context.ts'
import { resolveFutures } from './arguments.ts'
import { beForOneTask, importForFlows, taskFunction } from './loading.ts'
import { runLogger } from './run-logger.ts'
import { ReturnedState } from './state.ts'
import type { FromTaskThread, TaskThreadData, ToTaskThread } from './task-thread.ts'
import { thrownFromParts, thrownToParts } from './thrown.ts'

process.setSourceMapsEnabled(true)
beForOneTask()
const { address, args, settings, flow, task, tags, logPrints, deadlineMs, hasServer } = workerData as TaskThreadData
const post = (message: FromTaskThread): void => parentPort!.postMessage(message)
const link = new RunnerLink((message, sent) => {
  post(message)
  sent()
})
const session = new Session({
  settings, link,
  logSink: (record) => post({ kind: 'said', record }),
  ...(hasServer ? {} : { onEvent: (event: object) => post({ kind: 'event', event }) }),
})
setDefaultSession(session)
const controller = new AbortController()
const onCancel: RunFrame['onCancel'] = []
parentPort!.on('message', (message: ToTaskThread) => {
  if (message.kind !== 'abort') return link.receive(message)
  const reason = thrownFromParts(message.reason)
  controller.abort(reason)
  for (const hook of onCancel) void (async () => await hook(reason))().catch((error: unknown) => frame.logger.error(error))
})

const { signal } = controller
const frame: RunFrame = {
  session, task, signal, tags, logPrints, deadlineMs, onCancel,
  flow: flow && { ...flow, signal, open: new Set(), unread: new Set(), calls: new Map(), pauses: 0, storage: session.storage },
  logger: runLogger(session, { name: 'prefect.task_runs', runName: `Task run '${task.name}'`, flowRunId: flow?.run.id, taskRunId: task.id }),
  transaction: undefined,
}
let answer: FromTaskThread
try {
  // Outside of the frame: what the module does beside defining its tasks is no part of this run.
  await importForFlows(address.module)
  answer = await answerOf(await inFrame(frame, run))
} catch (thrown) {
  answer = { kind: 'threw', thrown: thrownToParts(thrown) }
}
await session.flush(sdkLimits.runFlushMs)
try {
  post(answer)
} catch (cause) {
  post({ kind: 'threw', thrown: thrownToParts(new SerializationError(`the result of '${address.taskName}' cannot come back from its thread (${(cause as Error).message}): return plain data`, { cause })) })
}

async function run(): Promise<unknown> {
  const fn = taskFunction(address.taskKey)
  if (!fn) throw new SpillwayError('task-missing', `${address.module} does not define the task '${address.taskName}' when it is loaded, so its thread cannot find it: move it to the top level of the module, and leave taskKey as it is`)
  if (logPrints) captureConsole()
  const value = await fn(...args)
  if (frame.flow) await Promise.allSettled(frame.flow.open)
  return await resolveFutures(value)
}

async function answerOf(value: unknown): Promise<FromTaskThread> {
  return value instanceof ReturnedState ? { kind: 'returned-state', state: value.state } : { kind: 'returned', value }
}
