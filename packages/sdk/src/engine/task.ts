import { createHash } from 'node:crypto'
import { delayTask, type BackgroundRun } from '../background/delay.ts'
import type { Duration } from '../duration.ts'
import { SpillwayError } from '../errors.ts'
import { defaultSession, type Session } from '../session.ts'
import type { CachePolicy } from './cache.ts'
import { currentFrame } from './context.ts'
import type { Resolved, RunFuture } from './future.ts'
import { noteTask } from './loading.ts'
import { batchesOf, mapTask, type MapOptions, type MapRun } from './map.ts'
import { nameOf } from './names.ts'
import { argumentNames } from './argument-names.ts'
import { definingFile } from './registry.ts'
import type { RetryOptions } from './retry-options.ts'
import type { Outcome, ReturnedState } from './state.ts'
import { submitTask, type SubmitOptions, type TaskHook, type TransactionHook } from './task-run.ts'

/** What may be said about a task. */
export interface TaskOptions<Args extends unknown[] = unknown[]> extends RetryOptions {
  /** Default: the function's name in kebab-case. */
  readonly name?: string
  readonly description?: string
  readonly version?: string
  readonly tags?: readonly string[]
  /** Of each attempt. The attempt's signal aborts then; the state is TimedOut. */
  readonly timeout?: Duration
  /** Whether what is written by `console` in it goes to its log. Default: as its flow. */
  readonly logPrints?: boolean
  /** The name of the run; default: the task's name and three characters. */
  readonly runName?: string | ((...args: Args) => string)
  /** Labels of the arguments in the graph; default: read from the function's text. */
  readonly argNames?: readonly string[]
  /** What makes it the same task in another process; default: from its name and text. */
  readonly taskKey?: string
  /** Default: no cache. */
  readonly cache?: CachePolicy<Args>
  /** `persist`: whether the result is kept, so that others can read it. Default: when there is a cache, or the flow keeps its results. */
  readonly result?: { readonly persist?: boolean }
  /**
   * `'thread'`: each attempt runs in a thread of its own, so that a long computation holds up nothing else, and ends with its time-out or
   * its run. Arguments and result are copied, and the task has to be at the top level of its module.
   */
  readonly isolate?: 'thread'
  /** Names of concurrency limits to hold a slot of while it runs. */
  readonly concurrency?: string | readonly string[] | ((...args: Args) => string | readonly string[])
  readonly onCompleted?: readonly TaskHook[]
  /** Called when the transaction that the run is part of is committed; outside of one, when it has completed. */
  readonly onCommit?: readonly TransactionHook[]
  /** Called when the transaction that the run, which has completed, is part of is rolled back: undoes what it did. */
  readonly onRollback?: readonly TransactionHook[]
  readonly onFailed?: readonly TaskHook[]
}

/** @internal */
export interface TaskDefinition<Args extends unknown[], R> {
  readonly name: string
  /** What makes it the same task in another process. */
  readonly taskKey: string
  readonly argNames: readonly string[]
  readonly options: TaskOptions<Args>
  readonly fn: (...args: Args) => unknown
  /** Where a thread finds it, if it is to run in one. */
  readonly module: string | undefined
  readonly returns?: R
}

/** An argument as a task takes it, or the future of a run that will give it. */
export type Submittable<Args extends unknown[]> = { [Index in keyof Args]: Args[Index] | RunFuture<Args[Index]> }

/** An item of the array that is the first argument. */
export type ItemOf<Args extends unknown[]> = Args[0] extends readonly (infer Item)[] ? Item : never

/** What a task gives its caller. */
export type TaskResult<R> = Resolved<Exclude<Awaited<R>, ReturnedState>>

/** A task: call it to run it, `submit` it to run it beside other things, `map` it over many. Made by `task()`. */
export interface Task<Args extends unknown[], R> {
  /** Runs the task and gives its value. @throws what the task threw at its last attempt. */
  (...args: Submittable<Args>): Promise<TaskResult<R>>
  readonly taskName: string
  readonly taskKey: string
  /** Names of its arguments, by which others hand them over. */
  readonly argNames: readonly string[]
  readonly options: TaskOptions<Args>
  /** The function itself, for tests that want no run around it. */
  readonly fn: (...args: Args) => R
  /** Starts a run and goes on. Futures among the arguments are waited for. */
  submit(...args: Submittable<Args>): RunFuture<TaskResult<R>>
  /** Like `submit`, once other runs have completed. */
  submitAfter(waitFor: readonly RunFuture<unknown>[], ...args: Submittable<Args>): RunFuture<TaskResult<R>>
  /** Runs the task and gives its last state with value or error. Never throws. */
  runWithState(...args: Submittable<Args>): Promise<Outcome<TaskResult<R>>>
  /** A run for each item, the item being the first argument; at most `window` at a time, items are taken as needed. */
  map(items: Iterable<Args[0] | RunFuture<Args[0]>> | AsyncIterable<Args[0]>, options?: MapOptions<Args>): MapRun<TaskResult<R>>
  /** A run for each so many items, of a task whose first argument is an array. */
  mapBatches(items: Iterable<ItemOf<Args>> | AsyncIterable<ItemOf<Args>>, options: MapOptions<Args> & { /** Items in one run. */ readonly size: number }): MapRun<TaskResult<R>>
  /**
   * Leaves a run to whichever process serves the task (`serveTasks`), and goes on once the server knows of it. Arguments are
   * kept as JSON in the storage of results, where that process must find them.
   */
  delay(...args: Submittable<Args>): Promise<BackgroundRun<TaskResult<R>>>
  /** The same task with other options. */
  withOptions(options: TaskOptions<Args>): Task<Args, R>
  /** @internal Goes on with a run that was left to this process. */
  adopt(session: Session, args: readonly unknown[], submit: SubmitOptions): RunFuture<TaskResult<R>>
}

/** Makes a task of a function. Its arguments stay as they are; the run it is part of is reached by `getRunContext()`. */
export function task<Args extends unknown[], R>(fn: (...args: Args) => R): Task<Args, R>
export function task<Args extends unknown[], R>(options: TaskOptions<NoInfer<Args>>, fn: (...args: Args) => R): Task<Args, R>
export function task<Args extends unknown[], R>(first: TaskOptions<Args> | ((...args: Args) => R), second?: (...args: Args) => R): Task<Args, R> {
  const [options, fn] = typeof first === 'function' ? [{} as TaskOptions<Args>, first] : [first, second!]
  return makeTask(options, fn)
}

function moduleOf(name: string): string {
  const module = definingFile()
  if (module === undefined) throw new SpillwayError('task-of-no-module', `the task '${name}' is not defined in a module, so no thread can find it: leave isolate out, or put it in a file`)
  return module
}

function makeTask<Args extends unknown[], R>(options: TaskOptions<Args>, fn: (...args: Args) => R): Task<Args, R> {
  const name = options.name ?? nameOf(fn, 'task')
  const definition: TaskDefinition<Args, TaskResult<R>> = {
    name,
    taskKey: options.taskKey ?? `${name}-${createHash('sha256').update(name).update(fn.toString()).digest('hex').slice(0, 8)}`,
    argNames: options.argNames ?? argumentNames(fn.toString()),
    options,
    fn,
    module: options.isolate === undefined ? undefined : moduleOf(name),
  }
  noteTask(definition.taskKey, fn)
  const start = (args: readonly unknown[], submit?: SubmitOptions): RunFuture<TaskResult<R>> => {
    const frame = currentFrame()
    return submitTask(frame?.session ?? defaultSession(), frame, definition, args, submit)
  }
  const map = (items: Iterable<unknown> | AsyncIterable<unknown>, mapping: MapOptions<Args> = {}): MapRun<TaskResult<R>> =>
    mapTask((item) => start([item, ...(mapping.rest ?? [])]), items, mapping, currentFrame()?.flow?.open)
  return Object.assign((...args: Submittable<Args>) => start(args).called(), {
    taskName: name,
    taskKey: definition.taskKey,
    argNames: definition.argNames,
    options,
    fn,
    submit: (...args: Submittable<Args>) => start(args),
    submitAfter: (waitFor: readonly RunFuture<unknown>[], ...args: Submittable<Args>) => start(args, { waitFor }),
    runWithState: (...args: Submittable<Args>) => start(args).outcome(),
    map,
    mapBatches: (items: Iterable<unknown> | AsyncIterable<unknown>, mapping: MapOptions<Args> & { size: number }) => map(batchesOf(items, mapping.size), mapping),
    delay: (...args: Submittable<Args>) => delayTask<TaskResult<R>>(definition, args),
    withOptions: (changes: TaskOptions<Args>) => makeTask({ ...options, ...changes }, fn),
    adopt: (session: Session, args: readonly unknown[], submit: SubmitOptions) => submitTask(session, undefined, definition, args, submit),
  })
}
