import type { LogRecord, LogSender } from '../events/log-sender.ts'
import { sdkLimits } from '../limits.ts'
import type { RunnerLink } from './runner-link.ts'

/**
 * Log records over the link, each at once: a process that dies has handed over what it logged. They are kept here until the
 * server has them; when the runner dies first, this process sends them itself.
 */
export class LinkedLogs {
  readonly #link: RunnerLink
  readonly #own: LogSender
  #kept: LogRecord[] = []
  /** How many records before the kept ones are with the runner alone. */
  #forgotten = 0
  #waiters: (() => void)[] = []

  constructor(link: RunnerLink, own: LogSender) {
    this.#link = link
    this.#own = own
    link.onMessage((message) => {
      if (message.kind !== 'logged') return
      const ofForgotten = Math.min(message.count, this.#forgotten)
      this.#forgotten -= ofForgotten
      this.#kept.splice(0, message.count - ofForgotten)
      if (this.#kept.length === 0) this.#wake()
    })
    link.onClose(() => {
      for (const record of this.#kept.splice(0)) own.add(record)
      this.#wake()
    })
  }

  get pending(): number {
    return this.#kept.length + this.#own.pending
  }

  /** Of those that it has sent itself. */
  get counts(): LogSender['counts'] {
    return this.#own.counts
  }

  add(record: LogRecord): void {
    if (!this.#link.isOpen) return this.#own.add(record)
    this.#kept.push(record)
    // The copy goes, not the record: the runner has it, and counts what it drops.
    if (this.#kept.length > sdkLimits.linkedLogRecords) {
      this.#kept.shift()
      this.#forgotten++
    }
    this.#link.send({ kind: 'log', record }, record.message.length)
  }

  /** Resolves when the server has all of them; at the latest after so long. */
  async flush(timeoutMs: number): Promise<void> {
    const startedMs = performance.now()
    if (this.#kept.length > 0) {
      this.#link.send({ kind: 'flush-logs' })
      let cancel = (): void => {}
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        cancel = () => clearTimeout(timer)
        this.#waiters.push(resolve)
      })
      cancel()
    }
    await this.#own.flush(Math.max(0, timeoutMs - (performance.now() - startedMs)))
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }
}
