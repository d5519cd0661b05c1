import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import { TIMER_MAX_MS } from '../clock.ts'
import { BEATEN_BY_RUNNER, heartbeatEvent } from '../engine/heartbeat.ts'
import { infoOf, isAccepted, toProposal } from '../engine/remote-orchestrator.ts'
import { remoteOrchestratorOf } from '../engine/orchestrators.ts'
import { isTerminal } from '@spillway/core/domain/state'
import { asError, isPassing } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import type { CountedRuns } from '../metrics/client-metrics.ts'
import type { Remote, Session } from '../session.ts'
import { FlowRunInside } from './flow-run-inside.ts'
import { FlowRunProcess } from './flow-run-process.ts'
import { FlowRunThread } from './flow-run-thread.ts'
import { claimMessage, LeftBehind, placeOf } from './left-behind.ts'
import { LineWriter } from './output-lines.ts'
import { RunRelay } from '../link/run-relay.ts'
import { crashMessage, type Isolation, type RunExit, type RunProcessOptions, type StartedRun } from './started-run.ts'

export interface RunnerOptions {
  readonly session: Session
  /** Runs that are due, or will be within the prefetch. Asked for again and again. */
  readonly due: (limit: number) => Promise<readonly FlowRunResponse[]>
  /** How the process of a run is started. */
  readonly launch: (run: FlowRunResponse) => Promise<Pick<RunProcessOptions, 'entrypoint' | 'cwd' | 'env' | 'command'>>
  /** Filter of the runs that it may be asked to start. */
  readonly filter: object
  readonly isolate: Isolation
  /** Runs at a time. */
  readonly limit: number
  readonly pollMs: number
  /** Between telling a process to stop and killing it. */
  readonly graceMs: number
}

/**
 * Starts a process for each run that is due, and answers for it: heartbeats, cancellation, and its last state when the
 * process cannot report one. It outlives any absence of the API: it asks again.
 */
export class Runner implements CountedRuns {
  readonly #options: RunnerOptions
  readonly #session: Session
  readonly #remote: Remote
  readonly #runs = new Map<string, StartedRun>()
  readonly #endings = new Set<Promise<void>>()
  readonly #output = new LineWriter()
  readonly #leftBehind: LeftBehind
  readonly kind = 'flow-run'
  started = 0
  readonly ended = new Map<string, number>()
  /** The run that is being claimed and started right now. */
  #beginning: string | undefined
  #isStopping = false
  #wake: (() => void) | undefined

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#session = options.session
    this.#remote = options.session.remote!
    this.#leftBehind = new LeftBehind(this.#session, this.#remote, options.filter, (id) => this.#runs.has(id) || this.#beginning === id)
  }

  /** Runs under way. */
  get running(): number {
    return this.#runs.size
  }

  /** Process ids by flow run, for health and tests. */
  get pids(): ReadonlyMap<string, number | undefined> {
    return new Map([...this.#runs].map(([id, child]) => [id, child.pid]))
  }

  /** Asks for runs and starts them, until told to stop, or until it has been answered once. */
  async poll({ once = false } = {}): Promise<void> {
    let isAway = false
    const stopLooking = this.#lookForLeftBehind()
    while (!this.#isStopping) {
      const free = this.#options.limit - this.#runs.size
      if (free > 0) {
        try {
          for (const run of await this.#options.due(Math.min(free, sdkLimits.pollRuns))) if (!this.#runs.has(run.id) && !this.#isStopping) await this.#begin(run)
          isAway = false
          if (once) this.stopPolling()
        } catch (error) {
          if (once && !isPassing(error)) throw error
          if (!isAway) this.#session.warn(`cannot ask for runs (${asError(error).message}); trying again`)
          isAway = true
        }
      }
      if (!this.#isStopping) await this.#pause()
    }
    stopLooking()
  }

  #lookForLeftBehind(): () => void {
    let timer: NodeJS.Timeout | undefined
    let isStopped = false
    const look = async (isFirst: boolean): Promise<void> => {
      let isSoon = isFirst
      try {
        isSoon = (await this.#leftBehind.look()) > 0 || isFirst
      } catch (error) {
        this.#session.warn(`cannot look for runs left behind: ${asError(error).message}`)
      }
      if (!isStopped) timer = setTimeout(() => void look(false), isSoon ? sdkLimits.leftBehindSoonMs : sdkLimits.leftBehindMs).unref()
    }
    void look(true)
    return () => {
      isStopped = true
      clearTimeout(timer)
    }
  }

  /** No run is started from now on. Resolves when those under way have ended, or after so long. @returns how many have not. */
  async drain(ms: number): Promise<number> {
    this.stopPolling()
    let cancel = (): void => {}
    const timeout = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, TIMER_MAX_MS))
      cancel = () => clearTimeout(timer)
    })
    while (this.#endings.size > 0) if ((await Promise.race([Promise.all(this.#endings).then(() => 'ended'), timeout])) === undefined) break
    cancel()
    return this.#runs.size
  }

  stopPolling(): void {
    this.#isStopping = true
    this.#wake?.()
  }

  /** Tells every run to stop, and kills what has not stopped after the grace. */
  stopRuns(reason: string): void {
    for (const child of this.#runs.values()) this.#stop(child, { kind: 'stop', reason })
  }

  kill(): void {
    for (const child of this.#runs.values()) child.kill()
  }

  async #begin(run: FlowRunResponse): Promise<void> {
    this.#beginning = run.id
    try {
      if (await this.#claim(run)) await this.#start(run)
    } finally {
      this.#beginning = undefined
    }
  }

  async #start(run: FlowRunResponse): Promise<void> {
    const { name } = run
    this.started++
    let child: StartedRun | undefined
    const relay = new RunRelay(this.#remote, (message) => child?.tell(message))
    try {
      const launch = await this.#options.launch(run)
      child = start(this.#options.isolate, {
        flowRunId: run.id,
        ...launch,
        // Heartbeats of the run come from here: they do not stop when user code blocks its event loop.
        env: { ...launch.env, [BEATEN_BY_RUNNER]: run.id },
        onLine: (line) => this.#output.write(`${String(name)} | ${line}`),
        onMessage: (message) => relay.receive(message),
      })
    } catch (error) {
      this.#countEnd('CRASHED')
      return await this.#report(run, `Flow run could not be submitted to infrastructure: ${asError(error).message}`)
    }
    this.#runs.set(run.id, child)
    this.#tellPlace(run, child)
    const ending = this.#watch(run, child, relay).finally(() => this.#endings.delete(ending))
    this.#endings.add(ending)
  }

  /**
   * Only one of several runners gets a run: the server lets one through to Pending. When its answer does not come through,
   * the same transition is proposed again until it does, or the run would stay Pending with nobody at work on it.
   */
  async #claim(run: FlowRunResponse): Promise<boolean> {
    const proposal = toProposal({ type: 'PENDING', message: claimMessage() })
    return isAccepted(await this.#remote.client.setFlowRunState(run.id, proposal, false, { patienceMs: Infinity }), proposal)
  }

  /** Where the run is at work, for whoever finds it when this runner is gone. */
  #tellPlace(run: FlowRunResponse, child: StartedRun): void {
    const place = placeOf(child.pid ?? process.pid)
    this.#remote.client.updateFlowRun(run.id, { infrastructure_pid: place }, { patienceMs: Infinity }).catch(() => {})
  }

  async #watch(run: FlowRunResponse, child: StartedRun, relay: RunRelay): Promise<void> {
    const info = infoOf(run, '')
    const related = (await remoteOrchestratorOf(this.#session).related(info)).filter((resource) => resource['prefect.resource.name'] !== '')
    let isCancelled = false
    const cancel = (): void => {
      if (isCancelled) return
      isCancelled = true
      this.#stop(child, { kind: 'cancel', reason: 'somebody cancelled it' })
    }
    const stopWatching = this.#remote.watcher.watch(run.id, (type) => {
      if (type === 'CANCELLING') cancel()
    })
    // Inside this process the run beats itself.
    const beats = this.#session.settings.heartbeatMs > 0 && this.#options.isolate !== 'none'
    const timers = [
      setInterval(() => void this.#look(run.id, cancel), sdkLimits.runLookMs),
      ...(beats ? [setInterval(() => this.#beat(info, related), this.#session.settings.heartbeatMs)] : []),
    ]
    if (beats) this.#beat(info, related)
    const exit = await child.exited
    stopWatching()
    timers.forEach(clearInterval)
    relay.close()
    this.#countEnd(await this.#settle(run, exit, isCancelled))
    this.#runs.delete(run.id)
    this.#wake?.()
  }

  #countEnd(type: string): void {
    this.ended.set(type, (this.ended.get(type) ?? 0) + 1)
  }

  /** Writes the last state where the process has not done it. @returns its type. */
  async #settle(run: FlowRunResponse, exit: RunExit, isCancelled: boolean): Promise<string> {
    const patience = { patienceMs: Infinity }
    try {
      const { state_type: type } = await this.#remote.client.readFlowRun(run.id, patience)
      if (isTerminal(type) || type === 'PAUSED' || type === 'SCHEDULED') return type ?? 'UNKNOWN'
      if (isCancelled || type === 'CANCELLING') {
        const message = 'Flow run was cancelled; its process did not stop in time and was killed.'
        await this.#remote.client.setFlowRunState(run.id, toProposal({ type: 'CANCELLED', message }), true, patience)
        return 'CANCELLED'
      }
      await this.#report(run, crashMessage(exit))
      return 'CRASHED'
    } catch (error) {
      this.#session.warn(`the last state of ${String(run.name)} could not be written: ${asError(error).message}`)
      return 'UNKNOWN'
    }
  }

  async #report(run: FlowRunResponse, message: string): Promise<void> {
    this.#session.warn(`${String(run.name)}: ${message}`)
    await this.#remote.client.setFlowRunState(run.id, toProposal({ type: 'CRASHED', message }), true, { patienceMs: Infinity })
  }

  async #look(flowRunId: string, cancel: () => void): Promise<void> {
    const state = await this.#remote.client.readFlowRun(flowRunId).catch(() => undefined)
    if (state?.state_type === 'CANCELLING' || state?.state_type === 'CANCELLED') cancel()
  }

  #beat(run: { id: string; name: string }, related: readonly Record<string, string>[]): void {
    void this.#remote.events.emit(heartbeatEvent(this.#session.clock.nowUs(), run, related), false)
  }

  #stop(child: StartedRun, message: { kind: 'cancel' | 'stop'; reason: string }): void {
    child.tell(message)
    const timer = setTimeout(() => child.kill(), this.#options.graceMs)
    void child.exited.then(() => clearTimeout(timer))
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function start(isolate: Isolation, options: RunProcessOptions): StartedRun {
  if (options.command !== undefined || isolate === 'process') return new FlowRunProcess(options)
  return isolate === 'thread' ? new FlowRunThread(options) : new FlowRunInside(options)
}
