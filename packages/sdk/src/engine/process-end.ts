import { asError, ShutdownError } from '../errors.ts'

type Name = 'SIGINT' | 'SIGTERM'

const open = new Set<(reason: ShutdownError) => void>()
let received: Name | undefined
let isBroken = false

/**
 * While runs are open, SIGINT and SIGTERM abort them, so that they end in the right state; the process ends by the signal
 * when the last one has. A second signal ends it at once. The same goes for an error that nobody catches, by which Node ends
 * the process, unless the program has a listener of its own for those.
 *
 * @returns how to take the run off the list.
 */
export function abortOnProcessEnd(abort: (reason: ShutdownError) => void): () => void {
  if (open.size === 0) {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
    process.on('uncaughtException', onUncaught)
  }
  open.add(abort)
  return () => {
    open.delete(abort)
    if (open.size > 0) return
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
    process.off('uncaughtException', onUncaught)
    if (isBroken) process.exit(1)
    if (received) process.kill(process.pid, received)
  }
}

function onSignal(name: Name): void {
  if (received) process.exit(name === 'SIGINT' ? 130 : 143)
  received = name
  for (const abort of open) abort(new ShutdownError(`Execution was interrupted by ${name}.`))
}

function onUncaught(thrown: unknown): void {
  if (process.listenerCount('uncaughtException') > 1) return
  isBroken = true
  const error = asError(thrown)
  process.stderr.write(`${error.stack ?? error.message}\n`)
  for (const abort of open) abort(new ShutdownError(`Execution was interrupted by an error outside of the flow: ${error.message}`))
}
