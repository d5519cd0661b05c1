/**
 * The load generator, a process of its own. Takes one job after another by IPC and answers each with a result.
 *
 * Closed loop (`callers`): each caller starts its next operation when its last one ended; for throughput.
 * Open rate (`ratePerSecond`): operations start at fixed moments whatever became of those before, and are timed from the moment
 * at which they were due, waiting for a free connection included; for latencies.
 */
import { UnwantedReply, type Caller, type Facts } from './lib/caller.ts'
import { HttpConnection } from './lib/http-connection.ts'
import { Samples, round, type Percentiles } from './lib/samples.ts'
import { SCENARIOS, prepare } from './lib/scenarios.ts'
import { setTimeout as delay } from 'node:timers/promises'

export interface LoadJob {
  host: string
  port: number
  /** Path before the API's routes: `/api`. */
  base: string
  scenario: string
  seconds: number
  /** Connections; in closed loop each is a caller, at an open rate the most that work at once. */
  callers: number
  ratePerSecond?: number
  /** Finished runs to make before the clock starts, for scenarios that read. */
  prepareRuns?: number
  /** Name of the events to send, for scenarios that do. */
  eventName?: string
  /** What an earlier job on the same target prepared. */
  facts?: Facts
  /** Operations before this are not counted. Default 0.5 s. */
  warmUpSeconds?: number
}

export interface LoadResult {
  perSecond: number
  latencies: Percentiles
  /** Operations that failed, by step and status. */
  errors: Record<string, number>
  errorCount: number
  facts: Facts
}

/** Runs one job to its end. */
export async function load(job: LoadJob): Promise<LoadResult> {
  const operation = SCENARIOS[job.scenario]
  if (!operation) throw new Error(`no scenario ${job.scenario}`)
  const connect = () => new HttpConnection(job.host, job.port)
  const first: Caller = { connection: connect(), base: job.base, facts: { flowId: '', runIds: [], eventName: '' } }
  const prepared = job.facts ?? await prepare(first, job.prepareRuns ?? 0)
  const facts = { ...prepared, eventName: job.eventName ?? '' }
  first.connection.close()
  const callers = Array.from({ length: job.callers }, (): Caller => ({ connection: connect(), base: job.base, facts }))
  const tally = new Tally(performance.now() + (job.warmUpSeconds ?? 0.5) * 1000, job.seconds * 1000)
  const ratePerSecond = job.ratePerSecond
  if (ratePerSecond) await openRate(callers, operation, tally, ratePerSecond)
  else await within(tally.endMs, Promise.all(callers.map((caller) => closedLoop(caller, operation, tally))))
  tally.close()
  for (const caller of callers) caller.connection.close()
  return { ...tally.result(), facts }
}

type Operation = (caller: Caller) => Promise<unknown>

async function closedLoop(caller: Caller, operation: Operation, tally: Tally): Promise<void> {
  while (performance.now() < tally.endMs) {
    const startMs = performance.now()
    tally.begin()
    const failed = await attempt(caller, operation, tally)
    tally.end(startMs, failed)
    // A refusal at once must not turn into a busy loop against the server.
    if (failed) await delay(20)
  }
}

async function openRate(callers: Caller[], operation: Operation, tally: Tally, ratePerSecond: number): Promise<void> {
  const free = [...callers]
  const due: number[] = []
  const running = new Set<Promise<void>>()
  const dispatch = () => {
    while (due.length > 0 && free.length > 0) {
      const caller = free.pop()!
      const dueMs = due.shift()!
      const one = attempt(caller, operation, tally).then((failed) => {
        tally.end(dueMs, failed)
        free.push(caller)
        running.delete(one)
        dispatch()
      })
      running.add(one)
    }
  }
  const startMs = performance.now()
  for (let n = 0; ; n++) {
    const dueMs = startMs + (n * 1000) / ratePerSecond
    if (dueMs >= tally.endMs) break
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await delay(waitMs)
    // The generator's own lateness (timers are whole milliseconds) is not the server's.
    const arrivedMs = waitMs > 0 ? performance.now() : dueMs
    tally.begin()
    due.push(arrivedMs)
    dispatch()
  }
  await within(tally.endMs, (async () => { while (running.size > 0) await Promise.all(running) })())
}

/** How long operations may go on after the end of the window before they count as unanswered. */
const GRACE_MS = 15_000

/** Waits for what is under way at the end. */
async function within(endMs: number, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController()
  await Promise.race([work, delay(Math.max(0, endMs - performance.now()) + GRACE_MS, undefined, { signal: enough.signal }).catch(() => {})])
  enough.abort()
}

/** @returns The key of the failure, or undefined when it went well. */
async function attempt(caller: Caller, operation: Operation, tally: Tally): Promise<string | undefined> {
  try {
    await operation(caller)
    return undefined
  } catch (error) {
    tally.sampleError ??= String(error)
    return error instanceof UnwantedReply ? error.key : String((error as { code?: string }).code ?? error)
  }
}

/** Counts what ended inside the measured window, errors of what was under way in it, and times what started in it. */
class Tally {
  readonly startMs: number
  readonly endMs: number
  readonly #latencies = new Samples()
  readonly #errors: Record<string, number> = {}
  #doneInside = 0
  #open = 0
  #closed = false
  sampleError: string | undefined

  constructor(startMs: number, durationMs: number) {
    this.startMs = startMs
    this.endMs = startMs + durationMs
  }

  /** Every operation is begun once and ended once. */
  begin(): void {
    this.#open++
  }

  end(startedMs: number, failed: string | undefined): void {
    const nowMs = performance.now()
    this.#open--
    if (this.#closed || nowMs < this.startMs) return
    if (failed) {
      this.#errors[failed] = (this.#errors[failed] ?? 0) + 1
      return
    }
    if (startedMs >= this.startMs) this.#latencies.add(nowMs - startedMs)
    if (nowMs <= this.endMs) this.#doneInside++
  }

  /** What has not ended by now is an error. */
  close(): void {
    this.#closed = true
    if (this.#open > 0) this.#errors['no answer'] = this.#open
  }

  result() {
    if (this.sampleError) process.stderr.write(`first error of the load: ${this.sampleError}\n`)
    const seconds = (this.endMs - this.startMs) / 1000
    const errorCount = Object.values(this.#errors).reduce((sum, count) => sum + count, 0)
    return { perSecond: round(this.#doneInside / seconds), latencies: this.#latencies.summary(), errors: this.#errors, errorCount }
  }
}

process.on('message', (job) => {
  load(job as LoadJob).then((result) => process.send!(result), (error) => {
    process.stderr.write(`load failed: ${error}\n`)
    process.exit(1)
  })
})
