import type { Duration } from '../duration.ts'
import type { FlowRunInfo, RunContext } from './context.ts'
import type { Resolved } from './future.ts'
import { runFlow, type FlowCall } from './flow-run.ts'
import { checkedName, nameOf } from './names.ts'
import { registerFlow } from './registry.ts'
import type { InputOf, OutputOf, StandardSchema } from './standard-schema.ts'
import type { Outcome, ReturnedState, State } from './state.ts'

/** Told of a flow run's last state. */
export type FlowHook = (run: { readonly flowRun: FlowRunInfo; readonly state: State }) => unknown

/** What may be said about a flow. All of it is optional but a name where the function has none. */
export interface FlowOptions<S extends StandardSchema | undefined = StandardSchema | undefined> {
  /** Default: the function's name in kebab-case. */
  readonly name?: string
  readonly description?: string
  readonly version?: string
  readonly tags?: readonly string[]
  /** A schema of zod, valibot, arktype or any other library with Standard Schema. Types of call and function come from it. */
  readonly params?: S
  /** Attempts after the first one. The server decides on them, by whole seconds. */
  readonly retries?: number
  readonly retryDelay?: Duration
  /** Of each attempt. The run's signal aborts then; the state is TimedOut. */
  readonly timeout?: Duration
  /** Whether what is written by `console` in it and its tasks goes to its log. Default: `PREFECT_LOGGING_LOG_PRINTS`. */
  readonly logPrints?: boolean
  /** Whether the flow fails when a run that it submitted failed and nobody looked at it. Default: the log tells of them. */
  readonly failOnUnread?: boolean
  /** The name of the run; default: the server makes one up. */
  readonly runName?: string | ((params: S extends StandardSchema ? OutputOf<S> : Record<string, unknown>) => string)
  /**
   * `persist`: whether the result, and those of its tasks, are kept so that others can read them. Default: no. `storage`: the
   * block that says where, such as `local-file-system/results`. Default: `PREFECT_DEFAULT_RESULT_STORAGE_BLOCK`, else a folder.
   */
  readonly result?: { readonly persist?: boolean; readonly storage?: string }
  readonly onCompleted?: readonly FlowHook[]
  readonly onFailed?: readonly FlowHook[]
  readonly onCancelled?: readonly FlowHook[]
  readonly onCrashed?: readonly FlowHook[]
}

/** @internal */
export interface FlowDefinition<R> {
  readonly name: string
  readonly options: FlowOptions
  readonly fn: (params: never, run: RunContext) => unknown
  readonly returns?: R
}

/** What a flow gives its caller: futures in what the function returns give their values. */
export type FlowResult<R> = Resolved<Exclude<Awaited<R>, ReturnedState>>

/** A flow: call it to run it. Made by `flow()`. */
export interface Flow<Input, R> {
  /** Runs the flow; inside another flow it is a subflow. @throws what the function threw at its last attempt. */
  (...input: CallInput<Input>): Promise<R>
  readonly flowName: string
  readonly options: FlowOptions
  /** The function itself, for tests that want no run around it. */
  readonly fn: (params: never, run: RunContext) => unknown
  /** Runs the flow and gives its last state with value or error. Never throws for what the flow does. */
  runWithState(...input: CallInput<Input>): Promise<Outcome<R>>
  /** The same flow with other options. */
  withOptions(options: Omit<FlowOptions, 'params'>): Flow<Input, R>
  /** @internal */
  run(input: unknown, call: FlowCall): Promise<Outcome<R>>
}

/** No argument where none is needed. */
export type CallInput<Input> = unknown extends Input ? [input?: Record<string, unknown>] : Record<string, never> extends Input ? [input?: Input] : [input: Input]

type Params<S, Fn> = S extends StandardSchema ? InputOf<S> : Fn extends (params: infer P, ...rest: never[]) => unknown ? P : never

/** Makes a flow of a function. It takes one object of parameters, and the run it is in as a second argument. */
export function flow<S extends StandardSchema, R>(options: FlowOptions<S> & { readonly params: S }, fn: (params: OutputOf<S>, run: RunContext) => R): Flow<InputOf<S>, FlowResult<R>>
export function flow<Fn extends (params: never, run: RunContext) => unknown>(options: FlowOptions<undefined>, fn: Fn): Flow<Params<undefined, Fn>, FlowResult<ReturnType<Fn>>>
export function flow<Fn extends (params: never, run: RunContext) => unknown>(fn: Fn): Flow<Params<undefined, Fn>, FlowResult<ReturnType<Fn>>>
export function flow(first: FlowOptions | ((params: never, run: RunContext) => unknown), second?: (params: never, run: RunContext) => unknown): Flow<unknown, unknown> {
  const [options, fn] = typeof first === 'function' ? [{}, first] : [first, second!]
  const made = makeFlow(options, fn)
  registerFlow(made)
  return made
}

function makeFlow(options: FlowOptions, fn: (params: never, run: RunContext) => unknown): Flow<unknown, unknown> {
  const definition: FlowDefinition<unknown> = { name: checkedName(options.name ?? nameOf(fn, 'flow'), 'flow'), options, fn }
  const run = (input: unknown, call: FlowCall = {}): Promise<Outcome<unknown>> => runFlow(definition, input, call)
  return Object.assign(
    async (input?: unknown) => {
      const outcome = await run(input)
      if (outcome.ok) return outcome.value
      throw outcome.error
    },
    {
      flowName: definition.name,
      options,
      fn,
      run,
      runWithState: (input?: unknown) => run(input),
      withOptions: (changes: Omit<FlowOptions, 'params'>) => makeFlow({ ...options, ...changes }, fn),
    },
  )
}
