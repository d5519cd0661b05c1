import { format } from 'node:util'
import { currentFrame } from './context.ts'
import type { RunLogger } from './run-logger.ts'

/** What a method of the console becomes in the log of a run. */
const LEVELS = { log: 'info', info: 'info', warn: 'warn', error: 'error', debug: 'debug' } as const satisfies Record<string, keyof RunLogger>
type Method = keyof typeof LEVELS
const methods = Object.keys(LEVELS) as Method[]

let captures = 0
let originals: Pick<Console, Method> | undefined

/**
 * Until it is released, what runs with `logPrints` write by `console` goes to their log; everybody else's goes where it
 * went. The console is patched once for all runs of the process, and is itself again when the last of them has ended.
 */
export function captureConsole(): () => void {
  if (captures++ === 0) patch()
  let isReleased = false
  return () => {
    if (isReleased) return
    isReleased = true
    if (--captures === 0) restore()
  }
}

function patch(): void {
  const before = (originals = { log: console.log, info: console.info, warn: console.warn, error: console.error, debug: console.debug })
  let isWriting = false
  for (const method of methods) {
    console[method] = (...args: unknown[]) => {
      const frame = currentFrame()
      // A log that is itself written by `console` must not come round again.
      if (!frame?.logPrints || isWriting) return before[method](...args)
      isWriting = true
      try {
        frame.logger[LEVELS[method]](format(...args))
      } finally {
        isWriting = false
      }
    }
  }
}

function restore(): void {
  if (originals) Object.assign(console, originals)
  originals = undefined
}
