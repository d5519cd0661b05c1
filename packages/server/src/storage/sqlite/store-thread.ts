import { Worker } from 'node:worker_threads'
import { RetryableError, StartupError } from '../../errors.ts'
import { fromErrorMessage } from '../errors-across-threads.ts'
import type { OperationRequest, ReplyBatch, ThreadMessage, ThreadStart } from '../protocol.ts'

interface Pending {
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

/** The connection thread's handle of one store thread. Requests of one turn of the event loop share one message. */
export class StoreThread {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #watch: Int32Array
  readonly #onBatch: (batch: ReplyBatch) => void
  #outbox: OperationRequest[] = []
  #nextId = 1
  #closing = false
  #gone = false

  /** Resolves with the epoch when the thread has opened the database; rejects with StartupError when it cannot. */
  readonly ready: Promise<string>
  /** Resolves when the thread has ended, for whatever reason. */
  readonly ended: Promise<number>

  constructor(start: Omit<ThreadStart, 'watch'>, onBatch: (batch: ReplyBatch) => void) {
    this.#watch = new Int32Array(new SharedArrayBuffer(8))
    this.#onBatch = onBatch
    const file = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url)
    this.#worker = new Worker(file, {
      name: `store-${start.role}`,
      // A small young generation: these threads make short-lived rows and texts, and each has a heap of its own.
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
      workerData: { ...start, watch: this.#watch } satisfies ThreadStart,
    })
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: ThreadMessage) => {
        if (message.kind === 'replies') this.#settle(message)
        else if (message.kind === 'ready') resolve(message.epoch)
        else reject(new StartupError(message.message, message.remedy))
      })
      this.#worker.on('error', (error) => reject(error))
    })
    this.ready.catch(() => {}) // Whoever started the thread awaits it; a later end must not be an unhandled rejection.
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#gone = true
        this.#failAll(new RetryableError('the store thread ended', 2))
        resolve(code)
      })
    })
  }

  /** Operations sent and not answered. */
  get pending(): number {
    return this.#pending.size
  }

  send(name: string, args: unknown): Promise<unknown> {
    if (this.#closing) return Promise.reject(new RetryableError('the server is shutting down', 2))
    // A message to a thread that has ended would never be answered.
    if (this.#gone) return Promise.reject(new RetryableError('the store thread ended', 2))
    const id = this.#nextId
    this.#nextId = (this.#nextId % 0x7fffffff) + 1
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#outbox.push({ id, name, args })
      if (this.#outbox.length === 1) setImmediate(() => this.#flush())
    })
  }

  /** How long the query that runs right now has been running, in ms; 0 when none does. */
  runningMs(): number {
    if (Atomics.load(this.#watch, 1) === 0) return 0
    const now = Math.floor(performance.timeOrigin + performance.now()) & 0x7fffffff
    return (now - Atomics.load(this.#watch, 0)) & 0x7fffffff
  }

  /** Refuses, as retryable, what was sent and not answered. */
  refusePending(reason: string): void {
    this.#outbox = []
    this.#failAll(new RetryableError(reason, 2))
  }

  /**
   * Ends the thread, and refuses at once what it had under way. A thread inside a statement ends only after it: resolves then.
   */
  async kill(reason: string): Promise<void> {
    this.#closing = true
    this.refusePending(reason)
    await this.#worker.terminate()
  }

  /** Lets the thread finish what it has, then ends it. */
  async close(): Promise<void> {
    this.#flush()
    this.#closing = true
    this.#worker.postMessage({ kind: 'close' })
    await this.ended
  }

  #flush(): void {
    if (this.#outbox.length === 0) return
    const requests = this.#outbox
    this.#outbox = []
    try {
      this.#worker.postMessage({ kind: 'requests', requests })
    } catch (error) {
      // Something in the arguments cannot be cloned: a bug of the caller, told to all that shared the message.
      for (const { id } of requests) this.#settleOne(id, undefined, error as Error)
    }
  }

  #settle(batch: ReplyBatch): void {
    // Publications first: whoever is answered next may already ask the hub.
    this.#onBatch(batch)
    for (const { id, value, error } of batch.replies) this.#settleOne(id, value, error && fromErrorMessage(error))
  }

  #settleOne(id: number, value: unknown, error: Error | undefined): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    if (error) pending.reject(error)
    else pending.resolve(value)
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}
