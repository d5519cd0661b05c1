import { formatIso } from '@spillway/core/wire/time'
import type { ApiClient } from '../client/api.ts'
import type { Clock } from '../clock.ts'
import { sdkLimits } from '../limits.ts'

const DEBUG = 10

export interface LogRecord {
  readonly name: string
  /** As in Python: debug 10, info 20, warning 30, error 40, critical 50. */
  readonly level: number
  readonly message: string
  readonly timestampUs: number
  readonly flowRunId?: string | undefined
  readonly taskRunId?: string | undefined
}

interface Queued {
  readonly record: LogRecord
  readonly bytes: number
  /** Called when the record is with the server, or given up. */
  readonly done: (() => void) | undefined
}

/**
 * Sends log records in batches. It never blocks and never throws: while the server is away records wait in a bounded
 * buffer; when that is full, debug records go first, then the oldest, and one line tells how many.
 */
export class LogSender {
  readonly #client: Pick<ApiClient, 'createLogs'>
  readonly #clock: Clock
  readonly #patienceMs: number
  #queue: Queued[] = []
  #bytes = 0
  #dropped = 0
  /** Plain numbers: records that the server has, and those that it never gets. */
  readonly counts = { sent: 0, dropped: 0 }
  #cancelTimer: (() => void) | undefined
  #sending: Promise<void> | undefined

  constructor(options: { client: Pick<ApiClient, 'createLogs'>; clock: Clock; patienceMs: number }) {
    this.#client = options.client
    this.#clock = options.clock
    this.#patienceMs = options.patienceMs
  }

  get pending(): number {
    return this.#queue.length
  }

  /** @param done called when the record is with the server, or given up. */
  add(record: LogRecord, done?: () => void): void {
    const cut = record.message.length > sdkLimits.logMessageChars ? { ...record, message: `${record.message.slice(0, sdkLimits.logMessageChars)}… (cut)` } : record
    const bytes = cut.message.length + 200
    if (this.#bytes + bytes > sdkLimits.logBufferBytes) this.#makeRoom()
    this.#queue.push({ record: cut, bytes, done })
    this.#bytes += bytes
    if (this.#bytes >= sdkLimits.logBatchBytes) void this.#send()
    else this.#cancelTimer ??= this.#clock.after(sdkLimits.logFlushAfterMs, () => void this.#send())
  }

  /** Sends what is there. Resolves when it is stored, or given up; at the latest after so long. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#queue.length === 0 && !this.#sending) return
    let cancel = (): void => {}
    const timeout = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      cancel = () => clearTimeout(timer)
    })
    await Promise.race([this.#send(), timeout])
    cancel()
  }

  #send(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    return (this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined)))
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const taken = this.#takeBatch()
      try {
        await this.#client.createLogs(this.#wireOf(taken), { patienceMs: this.#patienceMs })
        this.counts.sent += taken.length
      } catch {
        // The client was patient; what it gave up is gone, and told with the next record.
        this.#dropped += taken.length
        this.counts.dropped += taken.length
        return
      } finally {
        for (const { done } of taken) done?.()
      }
    }
  }

  #takeBatch(): Queued[] {
    let bytes = 0
    let count = 0
    for (const queued of this.#queue) {
      if (count > 0 && (bytes + queued.bytes > sdkLimits.logBatchBytes || count === sdkLimits.logBatchRecords)) break
      bytes += queued.bytes
      count++
    }
    this.#bytes -= bytes
    return this.#queue.splice(0, count)
  }

  #wireOf(taken: readonly Queued[]): ReturnType<typeof toWire>[] {
    const batch = taken.map(({ record }) => toWire(record))
    if (this.#dropped > 0) {
      batch.push({ ...batch.at(-1)!, level: 30, message: `${this.#dropped} log records were dropped: the server took them too slowly` })
      this.#dropped = 0
    }
    return batch
  }

  #makeRoom(): void {
    const before = this.#queue
    this.#queue = before.filter(({ record }) => record.level > DEBUG)
    if (this.#queue.length === before.length) this.#queue.splice(0, Math.ceil(before.length / 10))
    this.#bytes = this.#queue.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#dropped += before.length - this.#queue.length
    this.counts.dropped += before.length - this.#queue.length
    const kept = new Set(this.#queue)
    for (const queued of before) if (!kept.has(queued)) queued.done?.()
  }
}

function toWire(record: LogRecord): { name: string; level: number; message: string; timestamp: string; flow_run_id: string | null; task_run_id: string | null } {
  return {
    name: record.name,
    level: record.level,
    message: record.message,
    timestamp: formatIso(record.timestampUs),
    flow_run_id: record.flowRunId ?? null,
    task_run_id: record.taskRunId ?? null,
  }
}
