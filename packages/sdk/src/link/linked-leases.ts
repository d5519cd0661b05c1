import type { LeaseKeeper } from '../concurrency/lease-keeper.ts'
import { LeaseLostError } from '../errors.ts'
import type { RunnerLink } from './runner-link.ts'

/** Leases that the runner renews, which user code cannot keep from it; when the runner dies, this process does. */
export class LinkedLeases implements Pick<LeaseKeeper, 'keep' | 'drop' | 'close' | 'counts'> {
  readonly #link: RunnerLink
  readonly #own: LeaseKeeper
  readonly #kept = new Map<string, { readonly seconds: number; readonly lost: (error: LeaseLostError) => void }>()

  constructor(link: RunnerLink, own: LeaseKeeper) {
    this.#link = link
    this.#own = own
    link.onMessage((message) => {
      if (message.kind !== 'lease-lost') return
      const lease = this.#kept.get(message.leaseId)
      this.#kept.delete(message.leaseId)
      lease?.lost(new LeaseLostError(message.reason))
    })
    link.onClose(() => {
      for (const [leaseId, { seconds, lost }] of this.#kept) own.keep(leaseId, seconds, lost)
      this.#kept.clear()
    })
  }

  /** Of those that it renews itself. */
  get counts(): LeaseKeeper['counts'] {
    return this.#own.counts
  }

  keep(leaseId: string, seconds: number, lost: (error: LeaseLostError) => void): void {
    if (!this.#link.isOpen) return this.#own.keep(leaseId, seconds, lost)
    this.#kept.set(leaseId, { seconds, lost })
    this.#link.send({ kind: 'keep-lease', leaseId, seconds })
  }

  drop(leaseId: string): void {
    if (this.#kept.delete(leaseId)) this.#link.send({ kind: 'drop-lease', leaseId })
    else this.#own.drop(leaseId)
  }

  close(): Promise<void> {
    return this.#own.close()
  }
}
