import { randomUUID } from 'node:crypto'
import os from 'node:os'
import type { TaskRun } from '@spillway/core/wire/task-runs'
import { parseIso } from '@spillway/core/wire/time'
import type { WebSocket } from 'ws'
import { fromWire } from '../engine/remote-orchestrator.ts'
import type { State } from '../engine/state.ts'
import { TIMER_MAX_MS } from '../clock.ts'
import { asError } from '../errors.ts'
import { Backoff } from '../events/backoff.ts'
import { openStream, pingUntilClosed } from '../events/stream-socket.ts'
import { linkSignals } from '../link-signals.ts'
import type { CountedRuns } from '../metrics/client-metrics.ts'
import type { WorkerHealth } from '../runner/worker-health.ts'
import type { Remote, Session } from '../session.ts'
import { readParameters } from './parameters.ts'
import type { AnyTask } from './serve-tasks.ts'


/**
 * Takes background runs from the server, one after another, and runs them. A run is claimed by its state before it is
 * begun, so that it runs once, also when the server hands it to two; what was handed over and not acknowledged when a
 * connection ends, the server hands to somebody else.
 */
export class TaskWorker implements CountedRuns {
  readonly #session: Session
  readonly #remote: Remote
  readonly #tasks: ReadonlyMap<string, AnyTask>
  readonly #limit: number
  readonly kind = 'task-run'
  started = 0
  readonly ended = new Map<string, number>()
  readonly #open = new Set<Promise<unknown>>()
  readonly #abort = linkSignals([])
  readonly #backoff: Backoff

  constructor(session: Session, remote: Remote, tasks: readonly AnyTask[], limit: number) {
    if (!Number.isInteger(limit) || limit < 1) throw new TypeError(`limit is ${limit}; it must be a whole number from 1 on`)
    this.#session = session
    this.#remote = remote
    this.#tasks = new Map(tasks.map((task) => [task.taskKey, task]))
    this.#limit = limit
    this.#backoff = new Backoff(session.random)
  }

  /** Runs under way. */
  get running(): number {
    return this.#open.size
  }

  /** Aborts the runs under way. */
  abort(reason: Error): void {
    this.#abort.abort(reason)
  }

  /** Takes runs until the signal aborts. Trouble with the server is told once, and tried again. */
  async work(signal: AbortSignal, health?: WorkerHealth): Promise<void> {
    const { clock } = this.#session
    let isAway = false
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs()
      try {
        await this.#subscribe(signal, (socket) => {
          isAway = false
          health?.polled()
          // The server has answered a ping: it would hand a run over if there was one.
          socket.on('pong', () => health?.polled())
        })
      } catch (error) {
        health?.failed(error)
        if (!isAway) this.#session.warn(`cannot ask for background runs (${asError(error).message}); trying again`)
        isAway = true
      }
      this.#backoff.ended(clock.monotonicMs() - startedMs)
      await clock.sleep(this.#backoff.nextMs(), signal).catch(() => {})
    }
  }

  /** @returns whether all runs have ended in time. */
  async drain(ms: number): Promise<boolean> {
    const timeout = linkSignals([])
    const timer = setTimeout(() => timeout.abort(undefined), Math.min(ms, TIMER_MAX_MS))
    const late = new Promise<void>((resolve) => timeout.signal.addEventListener('abort', () => resolve(), { once: true }))
    while (this.#open.size > 0 && !timeout.signal.aborted) await Promise.race([Promise.all(this.#open), late])
    clearTimeout(timer)
    return this.#open.size === 0
  }

  /** One connection from its opening to its end. */
  async #subscribe(signal: AbortSignal, opened: (socket: WebSocket) => void): Promise<void> {
    const { socket } = await openStream(this.#session.settings, '/task_runs/subscriptions/scheduled')
    opened(socket)
    pingUntilClosed(socket)
    const stop = (): void => socket.close(1000)
    signal.addEventListener('abort', stop, { once: true })
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('message', (data: Buffer) => void this.#take(socket, data))
    socket.send(JSON.stringify({ type: 'subscribe', keys: [...this.#tasks.keys()], client_id: `${os.hostname()}-${process.pid}` }))
    if (signal.aborted) stop()
    await closed
    signal.removeEventListener('abort', stop)
  }

  async #take(socket: WebSocket, data: Buffer): Promise<void> {
    try {
      const run = JSON.parse(data.toString()) as TaskRun
      const task = this.#tasks.get(run.task_key)
      const pending = task && (await this.#claim(run))
      if (task && pending) this.#begin(task, run, pending)
    } catch (error) {
      // Not acknowledged: when this connection ends, somebody else gets it.
      this.#session.warn(`a background run was not taken: ${asError(error).message}`)
      return socket.terminate()
    }
    // The next one comes after the acknowledgement of this one.
    while (this.#open.size >= this.#limit) await Promise.race(this.#open)
    if (socket.readyState === socket.OPEN) socket.send('{"type":"ack"}')
  }

  /** @returns the state that makes the run ours; undefined when it is somebody else's. */
  async #claim(run: TaskRun): Promise<State | undefined> {
    const { client } = this.#remote
    const options = { patienceMs: this.#session.settings.patienceMs, repeatable: true }
    const transition = randomUUID()
    const details = { deferred: true, transition_id: transition, ...(run.flow_run_id == null ? {} : { flow_run_id: run.flow_run_id }), task_run_id: run.id }
    const { status, state } = await client.setTaskRunState(run.id, { type: 'PENDING', name: 'Pending', state_details: details }, false, options)
    if (status === 'ACCEPT' && state) return fromWire(state)
    // A claim whose answer was lost is refused when it is repeated.
    const { state: current } = await client.readTaskRun(run.id, options)
    return current?.state_details.transition_id === transition ? fromWire(current) : undefined
  }

  #begin(task: AnyTask, run: TaskRun, pending: State): void {
    this.started++
    const ended = this.#run(task, run, pending).catch((error: unknown) => {
      this.#session.warn(`the background run ${String(run.name)} ended with an error of its own: ${asError(error).message}`)
      return 'UNKNOWN'
    })
    this.#open.add(ended)
    void ended.then((type) => {
      this.#open.delete(ended)
      this.ended.set(type, (this.ended.get(type) ?? 0) + 1)
    })
  }

  /** @returns the type of its last state. */
  async #run(task: AnyTask, run: TaskRun, pending: State): Promise<string> {
    const adopted = {
      run: {
        id: run.id,
        name: String(run.name),
        dynamicKey: run.dynamic_key,
        tags: run.tags,
        inputs: run.task_inputs as unknown as Record<string, readonly object[]>,
        expectedStartUs: parseIso(String(run.expected_start_time)) ?? pending.timestampUs,
        state: run.state ? fromWire(run.state) : undefined,
      },
      flowRunId: run.flow_run_id ?? undefined,
      related: run.flow_run_id == null ? [] : [{ 'prefect.resource.id': `prefect.flow-run.${run.flow_run_id}`, 'prefect.resource.role': 'flow-run' }],
      pending,
    }
    const id = run.state?.state_details.task_parameters_id
    const given = await readArguments(this.#session, task, id ?? undefined)
    const { state } = await task.adopt(this.#session, given.args, { adopted: { ...adopted, ...given }, signal: this.#abort.signal }).outcome()
    return state.type
  }
}

/** What the run was left with. One whose arguments cannot be read fails, and its state says why. */
async function readArguments(session: Session, task: AnyTask, id: string | undefined): Promise<{ args: readonly unknown[]; fault?: Error }> {
  if (id === undefined) return { args: [] }
  try {
    return { args: argumentsOf(task.argNames, await readParameters(session, id)) }
  } catch (error) {
    return { args: [], fault: asError(error) }
  }
}

/** Arguments in their places; those without a name of their own are called by their number. */
function argumentsOf(names: readonly string[], parameters: Readonly<Record<string, unknown>>): unknown[] {
  const args = names.map((name) => parameters[name])
  for (let index = names.length; `arg${index}` in parameters; index++) args.push(parameters[`arg${index}`])
  return args
}
