import type { Flow } from './flow.ts'

type AnyFlow = Flow<never, unknown>

type AnyFunction = (...args: unknown[]) => unknown

interface Loading {
  /** Whether this process or thread is there for one run. */
  isForOneRun: boolean
  /** The functions of tasks by their keys, in the thread of a task run. */
  tasks: Map<string, AnyFunction> | undefined
  /** Modules that are being loaded for the flows in them. */
  open: number
  /** What they would serve, by `url:name` of the entry points. */
  readonly served: Map<string, AnyFlow>
  /** Called when one of them has come to the place where it serves. */
  readonly listeners: Set<() => void>
}

const key = Symbol.for('spillway.loading.v1')
const shared = globalThis as { [key]?: Loading }
const loading = (shared[key] ??= { isForOneRun: false, tasks: undefined, open: 0, served: new Map(), listeners: new Set() })

/** From here on nothing is served in this process or thread: its module may be one that serves its flows when it is started. */
export function beForOneRun(): void {
  loading.isForOneRun = true
}

/** The same in the thread of a task run, where not even the flows are to run that the module runs when it is started. */
export function beForOneTask(): void {
  beForOneRun()
  loading.tasks = new Map()
}

/** Notes the function of a task where a thread looks for one. */
export function noteTask(taskKey: string, fn: (...args: never[]) => unknown): void {
  loading.tasks?.set(taskKey, fn as AnyFunction)
}

/** The function of a task that the modules loaded so far have defined. */
export function taskFunction(taskKey: string): AnyFunction | undefined {
  return loading.tasks?.get(taskKey)
}

/** Whether a run that a module begins by itself has to wait for ever, because the module was loaded for a task in it. */
export function isNotToRun(): boolean {
  return loading.tasks !== undefined && loading.open > 0 && isNotToServe()
}

/** Whether modules are being loaded for the flows in them, so that what they do beside defining them is nobody's wish. */
export function isLoading(): boolean {
  return loading.open > 0
}

/**
 * Imports a module for the flows in it. Many serve them at their end: that goes no further, or each run's process would serve
 * all of them again.
 *
 * @returns its exports; undefined when it waits at `serve()` and thus has none yet
 */
export async function importForFlows(url: string): Promise<Record<string, unknown> | undefined> {
  loading.open++
  let stop = (): void => {}
  const serves = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
    loading.listeners.add(stop)
  })
  try {
    return await Promise.race([import(url) as Promise<Record<string, unknown>>, serves])
  } finally {
    loading.open--
    loading.listeners.delete(stop)
  }
}

/**
 * Whether a call that would serve has to wait for ever instead, because its module was loaded for a flow in it.
 *
 * @param flows by `url:name` of their entry points
 */
export function isNotToServe(flows: ReadonlyMap<string, AnyFlow> = new Map()): boolean {
  if (!loading.isForOneRun && loading.open === 0) return false
  for (const [entrypoint, flow] of flows) loading.served.set(entrypoint, flow)
  for (const tell of loading.listeners) tell()
  return true
}

/** The flow of an entry point in a module that waits at `serve()`. */
export function servedFlow(url: string, name: string): AnyFlow | undefined {
  return loading.served.get(`${url}:${name}`)
}

/** What a call gives that serves nothing here. */
export function forEver(): Promise<never> {
  return new Promise(() => {})
}
