import { ApiClient } from './client/api.ts'
import { skewMessage } from './client/clock-skew.ts'
import type { HttpTransport } from './client/transport.ts'
import { systemClock, type Clock } from './clock.ts'
import { consoleSink, type LogSink } from './engine/console-sink.ts'
import { EventEmitter } from './events/emitter.ts'
import { openSocketChannel, type EventChannel } from './events/event-channel.ts'
import { FlowRunWatcher } from './events/flow-run-watcher.ts'
import { LogSender } from './events/log-sender.ts'
import type { OutboxLimits } from './events/outbox.ts'
import { LeaseKeeper } from './concurrency/lease-keeper.ts'
import { sdkLimits } from './limits.ts'
import { openLinkedChannel } from './link/linked-channel.ts'
import { LinkedLeases } from './link/linked-leases.ts'
import { LinkedLogs } from './link/linked-logs.ts'
import { LinkedWatcher } from './link/linked-watcher.ts'
import type { RunnerLink } from './link/runner-link.ts'
import { LocalStorage, type ResultStorage } from './engine/result-storage.ts'
import { readSdkSettings, type SdkSettings } from './settings.ts'

/** What a session is made of; what is not given comes from the environment. */
export interface SessionOptions {
  readonly settings?: SdkSettings
  readonly clock?: Clock
  /** In [0, 1); for jitter. */
  readonly random?: () => number
  /** Where log records of runs go beside the API. Default: the console. */
  readonly logSink?: LogSink
  readonly storage?: ResultStorage
  readonly outboxLimits?: OutboxLimits
  readonly transport?: HttpTransport
  /** To the runner that started this process: events, logs, leases and states of runs go by it as long as it lives. */
  readonly link?: RunnerLink | undefined
  /** Told of every event of this process before it is sent; for tests. */
  readonly onEvent?: (event: object) => void
  /** Functions that stand in for those of tasks, by task key; for tests. */
  readonly mocks?: ReadonlyMap<string, (...args: never[]) => unknown>
}

/** Everything between this process and one API: one pool of connections, one event stream, one log batcher. */
export class Session {
  readonly settings: SdkSettings
  readonly clock: Clock
  readonly random: () => number
  readonly logSink: LogSink
  readonly storage: ResultStorage
  /** Undefined when there is no API: runs then happen without records. */
  readonly remote: Remote | undefined
  readonly mocks: ReadonlyMap<string, (...args: never[]) => unknown>
  readonly #onEvent: ((event: object) => void) | undefined
  #openRuns = 0

  constructor(options: SessionOptions = {}) {
    this.settings = options.settings ?? readSdkSettings()
    this.clock = options.clock ?? systemClock()
    this.random = options.random ?? Math.random
    this.logSink = options.logSink ?? consoleSink()
    this.storage = options.storage ?? new LocalStorage(this.settings.resultsFolder)
    this.mocks = options.mocks ?? new Map()
    this.#onEvent = options.onEvent
    this.remote = this.settings.apiUrl === undefined ? undefined : openRemote(this, options)
  }

  /** Says something about the machinery itself, in the way of a log record. */
  warn(message: string): void {
    this.logSink({ name: 'spillway', level: 30, message, timestampUs: this.clock.nowUs() })
  }

  /**
   * Hands an event over to be sent, when there is a server.
   *
   * @param isState whether it is a state of a run, which is never shed
   * @returns a promise when memory and spill file are full: whoever made the event waits then
   */
  emit(event: object, isState: boolean): undefined | Promise<void> {
    this.#onEvent?.(event)
    return this.remote?.events.emit(event, isState)
  }

  /** Outermost runs under way. */
  get openRuns(): number {
    return this.#openRuns
  }

  /** @internal Called by the engine around every outermost flow run. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#openRuns++
    try {
      return await work()
    } finally {
      this.#openRuns--
      await this.flush(Math.min(sdkLimits.flushMs, this.settings.patienceMs))
    }
  }

  /** Hands over what waits: events and log records. @returns how many events are not confirmed after so long. */
  async flush(timeoutMs = sdkLimits.flushMs): Promise<number> {
    if (!this.remote) return 0
    const [left] = await Promise.all([this.remote.events.flush(timeoutMs), this.remote.logs.flush(timeoutMs)])
    if (left > 0) this.warn(`${left} events are not with the server yet; they are sent as long as this process lives`)
    return left
  }

  /** Ends connections and threads. What was not flushed is lost. */
  async close(): Promise<void> {
    if (!this.remote) return
    this.remote.events.close()
    this.remote.watcher.close()
    this.remote.taskWatcher.close()
    await this.remote.leases.close()
    await this.remote.client.close()
  }
}

export interface Remote {
  readonly client: ApiClient
  readonly events: EventEmitter
  readonly logs: Pick<LogSender, 'add' | 'flush' | 'pending' | 'counts'>
  readonly watcher: FlowRunWatcher
  /** Of background task runs. */
  readonly taskWatcher: FlowRunWatcher
  readonly leases: Pick<LeaseKeeper, 'keep' | 'drop' | 'close' | 'counts'>
}

function openRemote(session: Session, options: SessionOptions): Remote {
  const { settings, clock, random } = session
  const warn = (message: string): void => session.warn(message)
  const onTrouble = outageNotes(`the API at ${settings.apiUrl}`, warn)
  const onSkew = (skewMs: number): void => warn(skewMessage(skewMs, `the server at ${settings.apiUrl}`))
  const client = new ApiClient({ settings, clock, random, onTrouble, onSkew, ...(options.transport ? { transport: options.transport } : {}) })
  const { link } = options
  const open = (): Promise<EventChannel> => (link?.isOpen ? Promise.resolve(openLinkedChannel(link)) : openSocketChannel(settings))
  const logs = new LogSender({ client, clock, patienceMs: settings.patienceMs })
  const watching = { settings, clock, random, warn }
  const leases = new LeaseKeeper(settings)
  return {
    client,
    events: new EventEmitter({ settings, client, clock, warn, random, open, ...(options.outboxLimits ? { limits: options.outboxLimits } : {}) }),
    logs: link ? new LinkedLogs(link, logs) : logs,
    watcher: link ? new LinkedWatcher(link, watching) : new FlowRunWatcher(watching),
    taskWatcher: new FlowRunWatcher({ ...watching, kind: 'task-run' }),
    leases: link ? new LinkedLeases(link, leases) : leases,
  }
}

/** One line when trouble begins and one when it is over, whatever number of calls it touches. */
function outageNotes(what: string, warn: (message: string) => void): (error: Error | undefined) => void {
  let isAway = false
  return (error) => {
    if (error && !isAway) warn(`${what} does not answer as it should (${error.message}); trying again, and what is to be recorded waits`)
    if (!error && isAway) warn(`${what} answers again`)
    isAway = error !== undefined
  }
}

const key = Symbol.for('spillway.session.v1')
const shared = globalThis as { [key]?: Session }

/** The session of this process, made from the environment when it is first needed. */
export function defaultSession(): Session {
  return (shared[key] ??= new Session())
}

/** Puts another session in its place; undefined: one is made anew from the environment when it is needed. */
export function setDefaultSession(session: Session | undefined): void {
  if (session) shared[key] = session
  else delete shared[key]
}
