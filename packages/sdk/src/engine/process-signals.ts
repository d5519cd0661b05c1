import { ShutdownError } from '../errors.ts'

type Name = 'SIGINT' | 'SIGTERM'

const open = new Set<(reason: ShutdownError) => void>()
let received: Name | undefined

/**
 * While runs are open, SIGINT and SIGTERM abort them, so that they end in the right state; the process ends by the signal
 * when the last one has. A second signal ends it at once.
 *
 * @returns how to take the run off the list.
 */
export function abortOnProcessSignals(abort: (reason: ShutdownError) => void): () => void {
  if (open.size === 0) for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  open.add(abort)
  return () => {
    open.delete(abort)
    if (open.size > 0) return
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
    if (received) process.kill(process.pid, received)
  }
}

function onSignal(name: Name): void {
  if (received) process.exit(name === 'SIGINT' ? 130 : 143)
  received = name
  for (const abort of open) abort(new ShutdownError(`Execution was interrupted by ${name}.`))
}
