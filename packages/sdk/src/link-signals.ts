/** A signal that follows others, until it is unlinked. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  /** Takes the listeners off the signals it follows. */
  unlink(): void
}

/**
 * A signal that aborts when one of `parents` does. Unlike `AbortSignal.any` nothing of it stays with a long-lived
 * parent once it is unlinked (nodejs/node#55351), so a flow may link its signal to a hundred thousand tasks.
 */
export function linkSignals(parents: readonly AbortSignal[]): LinkedSignal {
  const controller = new AbortController()
  const listeners: (() => void)[] = []
  const unlink = (): void => {
    for (const remove of listeners.splice(0)) remove()
  }
  const abort = (reason: unknown): void => {
    unlink()
    controller.abort(reason)
  }
  for (const parent of parents) {
    if (parent.aborted) {
      abort(parent.reason)
      break
    }
    const follow = (): void => abort(parent.reason)
    parent.addEventListener('abort', follow, { once: true })
    listeners.push(() => parent.removeEventListener('abort', follow))
  }
  return { signal: controller.signal, abort, unlink }
}
