import { Worker } from 'node:worker_threads'
import { LeaseLostError } from '../errors.ts'
import type { SdkSettings } from '../settings.ts'

/** To the thread: keep a lease or let it go. */
export type LeaseRequest = { readonly keep: string; readonly seconds: number } | { readonly drop: string }
/** From the thread: a lease was renewed, or could not be. */
export type LeaseNews = { readonly renewed: string } | { readonly lost: string; readonly reason: string }

/**
 * Renews leases from a thread of its own: user code that computes for a minute without a pause must not lose its slots.
 * The thread starts with the first lease.
 */
export class LeaseKeeper {
  readonly #settings: SdkSettings
  readonly #kept = new Map<string, (error: LeaseLostError) => void>()
  #worker: Worker | undefined
  #renewed = 0
  #lost = 0

  constructor(settings: SdkSettings) {
    this.#settings = settings
  }

  /** Leases that are held, and what became of them so far. */
  get counts(): { readonly held: number; readonly renewed: number; readonly lost: number } {
    return { held: this.#kept.size, renewed: this.#renewed, lost: this.#lost }
  }

  /** @param lost called when somebody else may hold the slots. */
  keep(leaseId: string, seconds: number, lost: (error: LeaseLostError) => void): void {
    this.#kept.set(leaseId, lost)
    this.#send({ keep: leaseId, seconds })
  }

  drop(leaseId: string): void {
    if (this.#kept.delete(leaseId)) this.#send({ drop: leaseId })
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #send(request: LeaseRequest): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage(request)
  }

  #start(): Worker {
    const file = new URL(import.meta.url.endsWith('.ts') ? './lease-thread.ts' : './lease-thread.js', import.meta.url)
    const worker = new Worker(file, { name: 'spillway-leases', workerData: this.#settings })
    worker.on('message', (news: LeaseNews) => {
      if ('renewed' in news) this.#renewed++
      else this.#lose(news.lost, news.reason)
    })
    worker.on('error', (error) => {
      this.#worker = undefined
      for (const leaseId of this.#kept.keys()) this.#lose(leaseId, `the thread that renews leases ended: ${error.message}`)
    })
    // After the listeners: one for messages keeps the process alive again.
    worker.unref()
    return worker
  }

  #lose(leaseId: string, reason: string): void {
    const lost = this.#kept.get(leaseId)
    if (this.#kept.delete(leaseId)) this.#lost++
    lost?.(new LeaseLostError(`the lease on the concurrency limit was lost: ${reason}`))
  }
}
