import path from 'node:path'
import { endPart, nextMessage, startPart } from '../../bench/lib/process.ts'

export interface ForeignLock {
  /** Resolves when the other process has the lock; `released` resolves when it has given it back. */
  hold(holdMs: number): Promise<{ heldAtMs: number; released: Promise<{ atMs: number }> }>
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
      const heldAtMs = performance.now()
      return { heldAtMs, released: nextMessage(part).then(() => ({ atMs: performance.now() })) }
    },
  }
}
