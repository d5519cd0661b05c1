import type { Session } from '../session.ts'
import type { Runner } from './runner.ts'

export interface DrainOptions {
  readonly drainMs: number
  readonly beforeDrain: () => Promise<void>
  /** Counts as the first signal. */
  readonly signal?: AbortSignal
  /** Asks for runs only once, and ends when those have ended. */
  readonly once?: boolean
}

/** Lets a runner work until the process is told to end, and then end in order. */
export async function drainOnSignals(runner: Runner, session: Session, options: DrainOptions): Promise<void> {
  let signals = 0
  const onSignal = (): void => {
    signals++
    if (signals === 1) {
      session.warn(`no new runs from now on; waiting for ${runner.running} to end (again: stop them)`)
      runner.stopPolling()
    } else if (signals === 2) {
      session.warn('stopping runs (again: kill them)')
      runner.stopRuns('Execution was interrupted: its runner is ending.')
    } else {
      runner.kill()
    }
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  options.signal?.addEventListener('abort', onSignal, { once: true })
  if (options.signal?.aborted) onSignal()
  try {
    await runner.poll({ once: options.once ?? false })
    await options.beforeDrain()
    if ((await runner.drain(options.drainMs)) > 0) {
      runner.stopRuns('Execution was interrupted: its runner is ending.')
      await runner.drain(Infinity)
    }
    await session.flush()
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
    options.signal?.removeEventListener('abort', onSignal)
  }
}
