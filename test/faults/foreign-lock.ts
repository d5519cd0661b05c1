import path from 'node:path'
import { endPart, nextMessage, startPart } from '../../bench/lib/process.ts'

export interface HeldLock {
  /** Resolves when the lock has been given back. */
  released: Promise<{ atMs: number }>
  /** Has it given back now, and resolves when it is: what is to happen under the lock then does, however slow the machine is. */
  release(): Promise<{ atMs: number }>
}

export interface ForeignLock {
  /** Resolves when the other process has the lock, which it keeps for `holdMs`; without, until it is told to give it back. */
  hold(holdMs?: number): Promise<HeldLock>
}

/** A second process that can hold the write lock of a server's database, as a backup tool or a stalled disk would. */
export function openForeignLock(t: { after(work: () => unknown): void }, home: string): ForeignLock {
  const part = startPart(new URL('./parts/lock-holder.ts', import.meta.url), [path.join(home, 'spillway.db')])
  t.after(() => endPart(part, 'SIGKILL'))
  return {
    async hold(holdMs) {
      const held = nextMessage(part)
      part.send({ holdMs })
      await held
      const released = nextMessage(part).then(() => ({ atMs: performance.now() }))
      released.catch(() => {}) // A test that fails first ends the part and does not look.
      return {
        released,
        release() {
          part.send('release')
          return released
        },
      }
    },
  }
}
