/** How work ended. `abandoned`: its signal was aborted, and it did not stop in the time it had for that. */
export type Settled<T> = { kind: 'returned'; value: T } | { kind: 'threw'; error: unknown } | { kind: 'abandoned' }

/**
 * Runs `work` to its end; once the signal aborts it has `graceMs` to stop. Work that goes on after that is let go: what it
 * comes to is reported to `late` and else ignored.
 */
export function settle<T>(work: () => T | Promise<T>, signal: AbortSignal, graceMs: number, late: () => void = () => {}): Promise<Settled<T>> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const end = (settled: Settled<T>): void => {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
      if (isOver) late()
      isOver = true
      resolve(settled)
    }
    const onAbort = (): void => {
      timer = setTimeout(() => {
        isOver = true
        resolve({ kind: 'abandoned' })
      }, graceMs)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    try {
      const value = work()
      if (value instanceof Promise) value.then((done: T) => end({ kind: 'returned', value: done }), (error: unknown) => end({ kind: 'threw', error }))
      else end({ kind: 'returned', value })
    } catch (error) {
      end({ kind: 'threw', error })
    }
  })
}
