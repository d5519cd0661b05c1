import type { Flow } from './flow.ts'

type AnyFlow = Flow<never, unknown>

interface Loading {
  /** Whether this process is there for one run. */
  isForOneRun: boolean
  /** Modules that are being loaded for the flows in them. */
  open: number
  /** What they would serve, by `url:name` of the entry points. */
  readonly served: Map<string, AnyFlow>
  /** Called when one of them has come to the place where it serves. */
  readonly listeners: Set<() => void>
}

const key = Symbol.for('spillway.loading.v1')
const shared = globalThis as { [key]?: Loading }
const loading = (shared[key] ??= { isForOneRun: false, open: 0, served: new Map(), listeners: new Set() })

/** From here on nothing is served in this process or thread: its module may be one that serves its flows when it is started. */
export function beForOneRun(): void {
  loading.isForOneRun = true
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
