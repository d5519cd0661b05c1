#!/usr/bin/env node
// The process of one flow run. A runner or worker starts it, ours or a stock one, with the id of the run in its environment.
import { CancelledError, ShutdownError } from '../errors.ts'
import { defaultSession } from '../session.ts'
import { executeFlowRun, reasonOfTermination } from './execute.ts'
import type { ToChild } from './flow-run-process.ts'

const flowRunId = process.env['PREFECT__FLOW_RUN_ID'] ?? process.argv[2]
if (flowRunId === undefined) {
  process.stderr.write('PREFECT__FLOW_RUN_ID is not set, and no id was given: this command is for runners and workers\n')
  process.exit(2)
}
const controller = new AbortController()

process.on('message', (message: ToChild) => {
  if (message.kind === 'cancel') controller.abort(new CancelledError(message.reason))
  else controller.abort(new ShutdownError(message.reason))
})
// When the parent is gone nobody reads what is printed; the run goes on all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
// The message must not keep the process alive, and a parent that is gone must not end the run.
process.channel?.unref()
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void reasonOfTermination(flowRunId, signal).then((reason) => controller.abort(reason))
  })
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    controller.abort(new ShutdownError(`Execution was interrupted by an error outside of the flow: ${error instanceof Error ? error.message : String(error)}`))
    process.exitCode = 1
  })
}

const outcome = await executeFlowRun({ flowRunId, entrypoint: process.env['SPILLWAY__ENTRYPOINT'], signal: controller.signal })
const left = await defaultSession().flush(30_000)
await defaultSession().close()
// User code may have left timers and sockets behind; the run has ended.
process.exit(outcome && left === 0 ? (process.exitCode ?? 0) : 1)
