#!/usr/bin/env node
// The process or thread of one flow run. A runner or worker starts it, ours or a stock one, with the id of the run in its environment.
import { isMainThread, workerData } from 'node:worker_threads'
import { beForOneRun } from '../engine/loading.ts'
import { asError, CancelledError, ShutdownError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { isThreadData, linkToRunner } from '../link/runner-link.ts'
import { Session, setDefaultSession } from '../session.ts'
import { executeFlowRun, reasonOfTermination } from './execute.ts'

// Stack traces of built code name the lines that were written.
process.setSourceMapsEnabled(true)
const given = isThreadData(workerData) ? workerData : { flowRunId: process.env['PREFECT__FLOW_RUN_ID'] ?? process.argv[2], entrypoint: process.env['SPILLWAY__ENTRYPOINT'] }
const { flowRunId, entrypoint } = given
if (flowRunId === undefined) {
  process.stderr.write('PREFECT__FLOW_RUN_ID is not set, and no id was given: this command is for runners and workers\n')
  process.exit(2)
}
// The module of the flow may be the program that serves it.
beForOneRun()
const controller = new AbortController()
const link = linkToRunner()
const session = new Session({ link })
setDefaultSession(session)

link?.onMessage((message) => {
  if (message.kind === 'cancel') controller.abort(new CancelledError(message.reason))
  if (message.kind === 'stop') controller.abort(new ShutdownError(message.reason))
})
// When the parent is gone nobody reads what is printed; the run goes on all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
if (isMainThread) {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void reasonOfTermination(flowRunId, signal).then((reason) => controller.abort(reason))
    })
  }
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (thrown: unknown) => {
    const error = asError(thrown)
    process.stderr.write(`${error.stack ?? error.message}\n`)
    controller.abort(new ShutdownError(`Execution was interrupted by an error outside of the flow: ${error.message}`))
    process.exitCode = 1
  })
}

const outcome = await executeFlowRun({ flowRunId, entrypoint, signal: controller.signal })
const left = await session.flush(sdkLimits.runFlushMs)
await session.close()
// User code may have left timers and sockets behind; the run has ended.
process.exit(outcome && left === 0 ? (process.exitCode ?? 0) : 1)
