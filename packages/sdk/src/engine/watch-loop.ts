import type { RunLogger } from './run-logger.ts'

const LOOK_MS = 500
/** Later than this, and something has kept the process from all else for so long. */
const BLOCKED_MS = 1000

/**
 * Tells once in a run's log when user code computes for long without a pause: meanwhile nothing else of the process happens, cancellation
 * included.
 *
 * @returns how to stop watching; looks a last time.
 */
export function watchLoop(logger: RunLogger): () => void {
  let isTold = false
  let lookedMs = performance.now()
  const look = (): void => {
    const lateMs = performance.now() - lookedMs - LOOK_MS
    lookedMs = performance.now()
    if (lateMs < BLOCKED_MS || isTold) return
    isTold = true
    logger.warn(`the event loop was blocked for ${((lateMs + LOOK_MS) / 1000).toFixed(1)} s: this run could not be cancelled, and no other task went on; let long computations pause, or give them to a thread`)
  }
  const timer = setInterval(look, LOOK_MS)
  timer.unref()
  return () => {
    look()
    clearInterval(timer)
  }
}
