import { TIMER_MAX_MS, type Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { ApiClient } from '../client/api.ts'
import { sdkLimits } from '../limits.ts'
import { Backoff } from './backoff.ts'
import { openSocketChannel, type EventChannel } from './event-channel.ts'
import { Outbox, type OutboxLimits } from './outbox.ts'
import type { StreamSettings } from '../settings.ts'
import { StreamRefusedError } from './stream-socket.ts'

export interface EmitterOptions {
  readonly settings: StreamSettings
  readonly client: Pick<ApiClient, 'createEvents'>
  readonly clock: Clock
  readonly warn: (message: string) => void
  readonly limits?: OutboxLimits
  readonly random?: () => number
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: the server's socket. */
  readonly open?: () => Promise<EventChannel>
}

/**
 * Sends events at least once: what was sent stays here until the pong of a later ping proves that the server has it, and
 * goes again over the next connection otherwise. The server knows an event by its id, so twice is once.
 *
 * Where the socket is blocked, events go by `POST /events`. Nothing here throws: trouble delays events, and is told once.
 */
export class EventEmitter {
  readonly #options: EmitterOptions
  readonly #outbox: Outbox
  readonly #backoff: Backoff
  #channel: EventChannel | undefined
  #mode: 'socket' | 'http' = 'socket'
  #isRunning = false
  #isClosed = false
  #pump: (() => void) | undefined
  #confirmNow: (() => void) | undefined
  #wake: (() => void) | undefined
  /** Who waits until everything up to an event is with the server, in the order of these events. */
  #confirmWaiters: { readonly upTo: number; readonly call: () => void }[] = []
  #toldBlocked = false
  #toldAway = false
  #shedToTell = 0
  #shedToldMs = -Infinity
  #keepAlive: NodeJS.Timeout | undefined
  #heldMs = 0
  #emitted = 0
  #fallbacks = 0

  constructor(options: EmitterOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.limits)
    this.#backoff = new Backoff(options.random)
  }

  /** Events that the server has not confirmed. */
  get pending(): number {
    return this.#outbox.size
  }

  get mode(): 'socket' | 'http' {
    return this.#mode
  }

  /** What became of events so far, and what waits where; `fallbacks`: how often HTTP has taken the place of the socket. */
  get counts(): { readonly emitted: number; readonly confirmed: number; readonly shed: number; readonly spilled: number; readonly inMemory: number; readonly inFile: number; readonly fallbacks: number } {
    const { counts, size, spilled: inFile } = this.#outbox
    return { ...counts, emitted: this.#emitted, inMemory: size - inFile, inFile, fallbacks: this.#fallbacks }
  }

  /**
   * @param isState whether the event is a state of a run, which is never shed.
   * @returns a promise when memory and spill file are full: whoever emits waits then.
   */
  emit(event: object, isState: boolean): undefined | Promise<void> {
    return this.emitText(JSON.stringify(event), isState)
  }

  /** The same for an event that is text already. */
  emitText(json: string, isState: boolean): undefined | Promise<void> {
    this.#emitted++
    const waiting = this.#outbox.add({ json, isState })
    this.#countShed()
    this.#holdProcess(true)
    if (this.#isRunning) (this.#pump ?? this.#wake)?.()
    else void this.#run()
    return waiting
  }

  /** Resolves when everything emitted until now is with the server, or was shed. */
  async whenConfirmed(): Promise<void> {
    const upTo = this.#outbox.lastNumber
    if (this.#outbox.firstNumber > upTo) return
    this.#wake?.()
    await new Promise<void>((resolve) => {
      this.#confirmWaiters.push({ upTo, call: resolve })
      this.#confirmNow?.()
    })
  }

  /** The same, but no longer than so long. @returns how many events are not with the server. */
  async flush(timeoutMs: number): Promise<number> {
    if (this.#outbox.size === 0) return 0
    let cancel = (): void => {}
    await Promise.race([
      this.whenConfirmed(),
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        cancel = () => clearTimeout(timer)
      }),
    ])
    cancel()
    return this.#outbox.size
  }

  close(): void {
    this.#isClosed = true
    this.#channel?.close()
    this.#channel = undefined
    this.#holdProcess(false)
    this.#wake?.()
    this.#pump?.()
    this.#outbox.close()
  }

  /** From the first event on: connect, send, and again, until closed. */
  async #run(): Promise<void> {
    this.#isRunning = true
    while (!this.#isClosed) {
      if (this.#mode === 'http') await this.#overHttp()
      else await this.#overSocket()
    }
    this.#isRunning = false
  }

  async #overSocket(): Promise<void> {
    const { clock, settings, env, open = () => openSocketChannel(settings, env) } = this.#options
    try {
      this.#channel = await open()
    } catch (error) {
      return await this.#openFailed(asError(error))
    }
    if (this.#isClosed) return this.#channel.terminate()
    const openedMs = clock.monotonicMs()
    if (this.#toldAway) this.#options.warn('the event stream is open again')
    this.#toldAway = false
    await this.#useChannel(this.#channel)
    this.#channel = undefined
    this.#backoff.ended(clock.monotonicMs() - openedMs)
    this.#outbox.unsend()
    if (!this.#isClosed) await this.#pause(this.#backoff.nextMs())
  }

  /** Sends until the channel ends. */
  #useChannel(channel: EventChannel): Promise<void> {
    return new Promise((resolve) => {
      /** How many unconfirmed events the question on its way covers. */
      let covered: number | undefined
      let timer: NodeJS.Timeout | undefined
      let isWaiting = false
      let isAskedSoon = false
      const later = (ms: number, call: () => void): void => {
        clearTimeout(timer)
        isAskedSoon = false
        timer = setTimeout(call, Math.min(ms, TIMER_MAX_MS))
        if (this.#outbox.size === 0) timer.unref()
      }
      const ask = (): void => {
        if (covered !== undefined || !channel.isOpen) return
        covered = this.#outbox.unconfirmed
        channel.askConfirmation()
        later(channel.confirmTimeoutMs, () => channel.terminate())
      }
      const pump = (): void => {
        while (channel.isOpen && this.#outbox.unsent > 0) {
          if (channel.bufferedBytes > sdkLimits.socketBufferedBytes) {
            if (!isWaiting) setTimeout(() => { isWaiting = false; pump() }, 5)
            isWaiting = true
            return
          }
          const batch = this.#outbox.take(Math.min(sdkLimits.sendEvents, channel.unconfirmedMax - this.#outbox.unconfirmed))
          // As much is on its way as may be; the rest comes when some is confirmed.
          if (batch.length === 0) return ask()
          channel.send(batch)
          if (covered === undefined && this.#outbox.unconfirmed >= sdkLimits.confirmEvents) ask()
        }
        if (covered !== undefined || isAskedSoon) return
        later(this.#outbox.unconfirmed > 0 ? sdkLimits.confirmAfterMs : sdkLimits.idlePingMs, ask)
        // One timer for all events of these milliseconds, not one for each.
        isAskedSoon = this.#outbox.unconfirmed > 0
      }
      channel.onConfirmed(() => {
        this.#outbox.confirm(covered ?? 0)
        covered = undefined
        this.#settled()
        pump()
        if (this.#confirmWaiters.length > 0) ask()
      })
      channel.onClose(() => {
        clearTimeout(timer)
        this.#pump = this.#confirmNow = undefined
        resolve()
      })
      if (!channel.isOpen) return
      this.#pump = pump
      this.#confirmNow = ask
      this.#settled()
      pump()
    })
  }

  async #openFailed(error: Error): Promise<void> {
    const isHopeless = error instanceof StreamRefusedError && (error.isBlocked || error.isSilent)
    const delayMs = this.#backoff.nextMs()
    if (isHopeless || this.#backoff.failures % sdkLimits.failuresBeforeHttp === 0) {
      // Only when HTTP gets through is it the socket that is blocked; otherwise the server is away.
      if (await this.#postBatch(1, 0)) return this.#toHttp(error)
    }
    if (!this.#toldAway) this.#options.warn(`the event stream cannot be opened (${error.message}); events wait here and are sent when it can`)
    this.#toldAway = true
    await this.#pause(delayMs)
  }

  #toHttp(error: Error): void {
    this.#mode = 'http'
    this.#fallbacks++
    if (!this.#toldBlocked) this.#options.warn(`the event stream is blocked (${error.message}); events go by HTTP instead`)
    this.#toldBlocked = true
  }

  /** Posts what there is, and looks now and then whether the socket works. */
  async #overHttp(): Promise<void> {
    const untilMs = this.#options.clock.monotonicMs() + sdkLimits.socketAgainMs
    while (!this.#isClosed && this.#options.clock.monotonicMs() < untilMs) {
      if (this.#outbox.size === 0) {
        this.#settled()
        await this.#pause(untilMs - this.#options.clock.monotonicMs())
      } else if (!(await this.#postBatch(sdkLimits.postEvents))) {
        await this.#pause(this.#backoff.nextMs())
      }
    }
    this.#mode = 'socket'
  }

  /** @returns whether the server has taken the batch. */
  async #postBatch(eventsMax: number, patienceMs?: number): Promise<boolean> {
    this.#outbox.unsend()
    const batch: string[] = []
    let bytes = 0
    for (const { json } of this.#outbox.take(eventsMax)) {
      if (batch.length > 0 && bytes + json.length > sdkLimits.postBytes) break
      batch.push(json)
      bytes += json.length
    }
    try {
      await this.#options.client.createEvents(`[${batch.join(',')}]`, patienceMs === undefined ? {} : { patienceMs })
      this.#outbox.confirm(batch.length)
      this.#outbox.unsend()
      this.#settled()
      return true
    } catch {
      this.#outbox.unsend()
      return false
    }
  }

  /** Waits, but no longer than until the next event where there was nothing to do. */
  async #pause(ms: number): Promise<void> {
    const isIdle = this.#outbox.size === 0
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      this.#wake = () => {
        if (!isIdle && !this.#isClosed) return
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #settled(): void {
    this.#holdProcess(this.#outbox.size > 0)
    const open = this.#outbox.firstNumber
    while (this.#confirmWaiters.length > 0 && this.#confirmWaiters[0]!.upTo < open) this.#confirmWaiters.shift()!.call()
  }

  /** While something is unconfirmed the process does not end by itself, unless there was no progress for a minute. */
  #holdProcess(isHeld: boolean): void {
    this.#channel?.hold(isHeld)
    if (isHeld) {
      const nowMs = performance.now()
      if (this.#keepAlive && nowMs - this.#heldMs < sdkLimits.holdAgainMs) return
      this.#heldMs = nowMs
      this.#keepAlive = this.#keepAlive?.refresh() ?? setTimeout(() => {}, sdkLimits.holdProcessMs)
    } else {
      clearTimeout(this.#keepAlive)
      this.#keepAlive = undefined
    }
  }

  #countShed(): void {
    this.#shedToTell += this.#outbox.takeShedCount()
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#shedToTell === 0 || nowMs - this.#shedToldMs < sdkLimits.shedWarnEveryMs) return
    this.#shedToldMs = nowMs
    this.#options.warn(`${this.#shedToTell} events were dropped because the server takes them too slowly; states of runs are kept`)
    this.#shedToTell = 0
  }
}
