import { setTimeout as delay } from 'node:timers/promises'
import { linkSignals } from './link-signals.ts'

/** Where the SDK takes time from. Tests put a clock of their own in its place. */
export interface Clock {
  /** Microseconds since the epoch; every reading is later than the one before. */
  nowUs(): number
  /** Milliseconds on a clock that never jumps. */
  monotonicMs(): number
  /** @throws the reason of the signal when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls back once; the timer does not keep the process alive. Returns how to call it off. */
  after(ms: number, call: () => void): () => void
}

/** Longest time that Node's timers hold. */
export const TIMER_MAX_MS = 2 ** 31 - 1

/**
 * The recorder of task runs ignores a state that is not later than the one it has, and JavaScript's dates know only
 * milliseconds. So microseconds come from the high-resolution clock, and a tie is broken by one.
 */
export function systemClock(): Clock {
  let lastUs = 0
  return {
    nowUs() {
      const us = Math.round((performance.timeOrigin + performance.now()) * 1000)
      lastUs = us > lastUs ? us : lastUs + 1
      return lastUs
    },
    monotonicMs: () => performance.now(),
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      const untilMs = performance.now() + ms
      const link = signal && linkSignals([signal])
      try {
        for (let leftMs = ms; leftMs > 0; leftMs = untilMs - performance.now()) {
          await delay(Math.min(leftMs, TIMER_MAX_MS), undefined, link ? { signal: link.signal } : {})
        }
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        throw error
      } finally {
        link?.unlink()
      }
    },
    after(ms, call) {
      const timer = setTimeout(call, Math.min(ms, TIMER_MAX_MS))
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
