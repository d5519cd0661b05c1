import type { Clock } from '../clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** A clock that stands still while something happens, and jumps when everybody waits for it. */
export interface FakeClock extends Clock {
  /** Milliseconds that have passed on it. */
  elapsedMs(): number
  /** Lets so much time pass; whoever waits for less wakes up. */
  advance(ms: number): Promise<void>
}

/** Turns of the event loop without news after which everybody is taken to be waiting. */
const QUIET_TURNS = 5

/**
 * Delays of retries, back-off and schedules pass at once, in their order: the clock jumps to the next one when nothing else
 * happens. Time-outs are kept, and come due only when the clock passes them. What user code waits for by itself (timers,
 * sockets) takes its own time.
 */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs
  let ticks = 0
  let isWatching = false
  let sleepers: Sleeper[] = []
  const timeouts = new Set<Sleeper>()

  const passTo = (atMs: number): void => {
    nowMs = Math.max(nowMs, atMs)
    const due = [...sleepers, ...timeouts].filter((sleeper) => sleeper.atMs <= nowMs).sort((a, b) => a.atMs - b.atMs)
    sleepers = sleepers.filter((sleeper) => sleeper.atMs > nowMs)
    for (const sleeper of due) {
      timeouts.delete(sleeper)
      sleeper.wake()
    }
  }
  const watch = async (): Promise<void> => {
    if (isWatching) return
    isWatching = true
    while (sleepers.length > 0) {
      const before = sleepers
      for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise(setImmediate)
      if (before === sleepers && sleepers.length > 0) passTo(Math.min(...sleepers.map((sleeper) => sleeper.atMs)))
    }
    isWatching = false
  }

  return {
    // Every reading is later than the one before, without moving the milliseconds.
    nowUs: () => nowMs * 1000 + (ticks = (ticks + 1) % 1000),
    monotonicMs: () => nowMs - startMs,
    elapsedMs: () => nowMs - startMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const sleeper = { atMs: nowMs + ms, wake: () => resolve() }
        sleepers = [...sleepers, sleeper]
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          reject(signal.reason as Error)
        }, { once: true })
        void watch()
      }),
    after(ms, call) {
      const timeout = { atMs: nowMs + ms, wake: call }
      timeouts.add(timeout)
      return () => timeouts.delete(timeout)
    },
    async advance(ms) {
      passTo(nowMs + ms)
      await new Promise(setImmediate)
    },
  }
}
