import { formatIso } from '@spillway/core/wire/time'
import { durationMs, type Duration } from '../duration.ts'
import { MissingContextError, ParameterValidationError, SpillwayError, TimeoutError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { currentFrame, type FlowScope, type RunFrame } from './context.ts'
import { orchestratorOf } from './orchestrators.ts'
import { parameterSchemaOf } from './parameter-schema.ts'
import { validateWith, type OutputOf, type StandardSchema } from './standard-schema.ts'
import { errorOfState, type State } from './state.ts'

/** How long a run waits for somebody, and what that one is asked. */
export interface PauseOptions<S extends StandardSchema | undefined = undefined> {
  /** How long somebody may take to resume it. Default 1 h. */
  readonly timeout?: Duration
  /** What whoever resumes the run must give; the form in the UI comes from it. */
  readonly input?: S
  /** Shown with the form. */
  readonly description?: string
  /** Tells this pause from others of the run. Default: its number. */
  readonly key?: string
}

/** Thrown through user code when its run is suspended: the process ends, and another one begins anew once it is resumed. */
export class SuspendSignal extends SpillwayError {
  readonly state: State

  constructor(state: State) {
    super('suspended', 'the run is suspended; do not catch this')
    this.state = state
  }
}

type PauseInput<S> = S extends StandardSchema ? OutputOf<S> : undefined

/**
 * Pauses the flow run until somebody resumes it; the process waits.
 *
 * @returns what they gave, checked by `input`
 * @throws {TimeoutError} when nobody did in time
 */
export async function pauseFlowRun<S extends StandardSchema | undefined = undefined>(options: PauseOptions<S> = {}): Promise<PauseInput<S>> {
  const { frame, scope } = inFlow('pauseFlowRun()')
  const { session } = frame
  const { remote, clock } = session
  if (!remote) throw new SpillwayError('no-server', 'nobody could resume a run without a server: set PREFECT_API_URL')
  const pause = await enterPause(frame, scope, options, false)
  const untilMs = clock.monotonicMs() + durationMs(options.timeout ?? '1h')
  if (pause.isPaused) frame.logger.info(`Pausing flow, execution will continue when this flow run is resumed.`)
  for (let isPaused = pause.isPaused; isPaused;) {
    frame.signal.throwIfAborted()
    await remote.watcher.until(scope.run.id, (type) => type !== 'PAUSED', sdkLimits.pauseLookMs, frame.signal)
    const state = await orchestratorOf(session).current(scope.run)
    if (state && ['FAILED', 'CRASHED', 'CANCELLED', 'CANCELLING'].includes(state.type)) throw errorOfState(state, 'the pause')
    isPaused = state === undefined || state.type === 'PAUSED'
    if (isPaused && clock.monotonicMs() > untilMs) throw new TimeoutError('the flow run was paused, and nobody resumed it in time')
  }
  return (await readInput(scope, pause.responseKey, options.input)) as PauseInput<S>
}

/**
 * Ends the process of the flow run until somebody resumes it; then its deployment runs the flow from the beginning, and this
 * call returns at once. Keep what was done by then with cached tasks.
 *
 * @returns what they gave, checked by `input`
 */
export async function suspendFlowRun<S extends StandardSchema | undefined = undefined>(options: PauseOptions<S> = {}): Promise<PauseInput<S>> {
  const { frame, scope } = inFlow('suspendFlowRun()')
  if (scope.run.deploymentId === undefined) throw new SpillwayError('suspend-without-deployment', 'only the run of a deployment can be suspended, as only that can be started again; use pauseFlowRun()')
  const pause = await enterPause(frame, scope, options, true)
  if (pause.isPaused) throw new SuspendSignal(pause.state)
  return (await readInput(scope, pause.responseKey, options.input)) as PauseInput<S>
}

async function enterPause(frame: RunFrame, scope: FlowScope, options: PauseOptions<StandardSchema | undefined>, isSuspended: boolean): Promise<{ isPaused: boolean; state: State; responseKey: string }> {
  const { session } = frame
  const key = options.key ?? String(++scope.pauses)
  const base = `${isSuspended ? 'suspended' : 'paused'}-${key}`
  const keyset = { schema: `${base}-schema`, response: `${base}-response`, ...(options.description === undefined ? {} : { description: `${base}-description` }) }
  const { state } = await orchestratorOf(session).propose(scope.run, {
    type: 'PAUSED',
    name: isSuspended ? 'Suspended' : 'Paused',
    details: {
      pause_timeout: formatIso(Math.round(session.clock.nowUs() + durationMs(options.timeout ?? '1h') * 1000)),
      pause_key: key,
      pause_reschedule: isSuspended,
      ...(options.input ? { run_input_keyset: keyset } : {}),
    },
  }, { signal: frame.signal })
  const isPaused = state.type === 'PAUSED'
  // A run that was resumed has gone past this pause before.
  if (isPaused && options.input && session.remote) {
    const { client } = session.remote
    await client.createFlowRunInput(scope.run.id, keyset.schema, JSON.stringify(parameterSchemaOf(options.input)))
    if (options.description !== undefined) await client.createFlowRunInput(scope.run.id, `${base}-description`, JSON.stringify(options.description))
  }
  return { isPaused, state, responseKey: keyset.response }
}

async function readInput(scope: FlowScope, key: string, schema: StandardSchema | undefined): Promise<unknown> {
  if (!schema) return undefined
  const given = await currentFrame()!.session.remote!.client.readFlowRunInput(scope.run.id, key)
  const checked = await validateWith(schema, typeof given === 'string' ? JSON.parse(given) : given)
  if (!checked.ok) throw new ParameterValidationError('the pause', checked.issues)
  return checked.value
}

function inFlow(what: string): { frame: RunFrame; scope: FlowScope } {
  const frame = currentFrame()
  if (!frame?.flow || frame.task) throw new MissingContextError(what)
  return { frame, scope: frame.flow }
}
