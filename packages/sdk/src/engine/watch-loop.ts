import { sdkLimits } from '../limits.ts'
import type { RunLogger } from './run-logger.ts'

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
    const lateMs = performance.now() - lookedMs - sdkLimits.loopLookMs
    lookedMs = performance.now()
    if (lateMs < sdkLimits.loopBlockedMs || isTold) return
    isTold = true
    logger.warn(`the event loop was blocked for ${((lateMs + sdkLimits.loopLookMs) / 1000).toFixed(1)} s: this run could not be cancelled, and no other task went on; let long computations pause, or give them to a thread`)
  }
  const timer = setInterval(look, sdkLimits.loopLookMs)
  timer.unref()
  return () => {
    look()
    clearInterval(timer)
  }
}
