import { isTerminal, type StateType } from '@spillway/core/domain/state'
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { Backoff } from './backoff.ts'
import { openStream, pingUntilClosed, StreamRefusedError, type StreamSocket } from './stream-socket.ts'
import type { StreamSettings } from '../settings.ts'

/** Names of last states of task runs; a run that ends under another name is found by the poll. */
const LAST_STATES = ['Completed', 'Cached', 'Failed', 'TimedOut', 'Cancelled', 'Crashed', 'RolledBack']
const YEAR_MS = 365 * 86_400_000

export interface WatcherOptions {
  readonly settings: StreamSettings
  readonly clock: Clock
  readonly random: () => number
  readonly warn: (message: string) => void
  /** Which runs. Of task runs, which are many, only last states are told. Default: flow runs. */
  readonly kind?: RunKind
  /** How long the stream stays open when nobody waits any more, ms. Default: 5,000. */
  readonly lingerMs?: number
}

export type RunKind = 'flow-run' | 'task-run'

/**
 * Tells when runs change state, from one stream for the whole process, however many runs are waited for. It is open
 * while somebody waits, and for a moment longer. It may miss events or be away: whoever waits reads the state now and then as well.
 */
export class FlowRunWatcher {
  readonly #options: WatcherOptions
  readonly #watched = new Map<string, Set<(type: StateType) => void>>()
  readonly #backoff: Backoff
  readonly #kind: RunKind
  #stream: StreamSocket | undefined
  #linger: NodeJS.Timeout | undefined
  #isRunning = false
  #isClosed = false
  #isTold = false
  #notBeforeMs = 0
  /** Who waits on the stream's word alone, to be told that none will come. */
  readonly #deafCalls = new Set<() => void>()
  #wake: (() => void) | undefined

  constructor(options: WatcherOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.random)
    this.#kind = options.kind ?? 'flow-run'
  }

  /** Streams open at this moment: 0 or 1. */
  get openStreams(): number {
    return this.#stream ? 1 : 0
  }

  /** Whether it is known to hear nothing: whoever waits should look more often. */
  get isDeaf(): boolean {
    return this.#isTold && !this.#stream
  }

  /** Calls back for each state that the run enters. @returns how to stop. */
  watch(runId: string, call: (type: StateType) => void): () => void {
    const calls = this.#watched.get(runId) ?? new Set()
    calls.add(call)
    this.#watched.set(runId, calls)
    clearTimeout(this.#linger)
    if (!this.#isRunning) void this.#run()
    return () => {
      calls.delete(call)
      if (calls.size === 0) this.#watched.delete(runId)
      if (this.#watched.size === 0) this.#linger = setTimeout(() => this.#closeStream(), this.#options.lingerMs ?? sdkLimits.streamLingerMs).unref()
    }
  }

  /** Resolves when the stream says that the run has ended, or after so long. @returns whether the stream said it. */
  untilEnded(runId: string, ms: number, signal?: AbortSignal): Promise<boolean> {
    return this.until(runId, isTerminal, ms, signal)
  }

  /**
   * Resolves when the stream says that the run has entered such a state, or after so long, or when the signal aborts; also when it turns out
   * that the stream is blocked.
   *
   * @returns whether the stream said it.
   */
  async until(runId: string, isAwaited: (type: StateType) => boolean, ms: number, signal?: AbortSignal): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      let isTold = false
      const done = (): void => {
        stop()
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        this.#deafCalls.delete(done)
        resolve(isTold)
      }
      const stop = this.watch(runId, (type) => {
        if (!isAwaited(type)) return
        isTold = true
        done()
      })
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
      if (!this.isDeaf) this.#deafCalls.add(done)
    })
  }

  close(): void {
    this.#isClosed = true
    this.#watched.clear()
    this.#closeStream()
  }

  async #run(): Promise<void> {
    const { clock, warn } = this.#options
    this.#isRunning = true
    while (this.#watched.size > 0 && !this.#isClosed) {
      // Waits come and go; what was learnt about the stream holds for the next one too.
      const earlyMs = this.#notBeforeMs - clock.monotonicMs()
      if (earlyMs > 0) {
        await this.#pause(earlyMs)
        continue
      }
      let isBlocked = false
      try {
        if (await this.#read()) continue
      } catch (error) {
        isBlocked = error instanceof StreamRefusedError && error.isBlocked
        if (isBlocked && !this.#isTold) warn(`the event stream is blocked (${asError(error).message}); runs are polled instead`)
        this.#isTold ||= isBlocked
        if (isBlocked) for (const call of [...this.#deafCalls]) call()
      }
      this.#notBeforeMs = clock.monotonicMs() + (isBlocked ? sdkLimits.blockedStreamMs : this.#backoff.nextMs())
    }
    this.#isRunning = false
  }

  /**
   * Reads until the connection ends. A server that closes cleanly has not finished: the stream is opened again.
   *
   * @returns whether the end was ours, for want of waits: whoever waits since then need not hold back.
   */
  async #read(): Promise<boolean> {
    const { settings, clock } = this.#options
    const stream = await openStream(settings, '/events/out')
    if (this.#watched.size === 0 || this.#isClosed) {
      stream.socket.terminate()
      return true
    }
    this.#stream = stream
    stream.hold(false) // Whoever waits has a timer that keeps the process alive.
    const openedMs = clock.monotonicMs()
    const { socket } = stream
    pingUntilClosed(socket)
    socket.on('message', (data: Buffer) => this.#onMessage(data))
    socket.send(JSON.stringify({ type: 'filter', filter: filterFrom(Date.now(), this.#kind), backfill: true }))
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
    this.#backoff.ended(clock.monotonicMs() - openedMs)
    const isOurs = this.#stream !== stream
    if (!isOurs) this.#stream = undefined
    return isOurs
  }

  #onMessage(data: Buffer): void {
    try {
      const { event } = JSON.parse(data.toString()) as { event?: { resource: Record<string, string> } }
      const id = event?.resource['prefect.resource.id']?.replace(`prefect.${this.#kind}.`, '')
      const type = event?.resource['prefect.state-type']
      if (id !== undefined && type !== undefined) for (const call of this.#watched.get(id) ?? []) call(type as StateType)
    } catch (error) {
      this.#options.warn(`a message of the event stream was not understood: ${asError(error).message}`)
    }
  }

  #closeStream(): void {
    clearTimeout(this.#linger)
    this.#stream?.socket.close(1000)
    this.#stream = undefined
    this.#wake?.()
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

/** All state changes of such runs: which ones are waited for changes all the time, and a filter cannot. */
function filterFrom(nowMs: number, kind: RunKind): object {
  const occurred = { since: new Date(nowMs - 60_000).toISOString(), until: new Date(nowMs + YEAR_MS).toISOString() }
  if (kind === 'task-run') return { occurred, event: { name: LAST_STATES.map((name) => `prefect.task-run.${name}`) } }
  return { occurred, event: { prefix: ['prefect.flow-run.'], exclude_prefix: ['prefect.flow-run.heartbeat'] } }
}
