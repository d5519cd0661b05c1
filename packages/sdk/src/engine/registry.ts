import { SpillwayError } from '../errors.ts'
import type { Flow } from './flow.ts'
import { importForFlows, servedFlow } from './loading.ts'

type AnyFlow = Flow<never, unknown>

interface Registry {
  /** The last flow of each name in each module. */
  readonly byName: Map<string, Map<string, AnyFlow>>
  readonly files: WeakMap<AnyFlow, string>
}

const key = Symbol.for('spillway.flows.v2')
const shared = globalThis as { [key]?: Registry }
/** Flows that modules have defined: an entry point is found here once its module is loaded. */
const registry = (shared[key] ??= { byName: new Map(), files: new WeakMap() })

/** Folder of this package's own modules, which are not where a flow is defined. */
const own = new URL('.', import.meta.url).href
const UNKNOWN = ''

/** Notes a flow, and the module that is defining it. */
export function registerFlow(flow: AnyFlow): void {
  const file = definingFile()
  if (file !== undefined) registry.files.set(flow, file)
  const ofName = registry.byName.get(flow.flowName) ?? new Map<string, AnyFlow>()
  registry.byName.set(flow.flowName, ofName.set(file ?? UNKNOWN, flow))
}

/** The module that defined a flow; of a variant of it with other options, the one that defined the flow of its name. */
export function callerFile(flow: AnyFlow): string | undefined {
  return registry.files.get(flow) ?? definingFiles(flow.flowName).at(-1)
}

/** The modules that have defined a flow of this name. */
export function definingFiles(name: string): string[] {
  return [...(registry.byName.get(name)?.keys() ?? [])].filter((file) => file !== UNKNOWN)
}

/** Whether a later flow of the same module has its name, and is the one that the name leads to. */
export function isHidden(flow: AnyFlow): boolean {
  const file = registry.files.get(flow)
  return file !== undefined && registry.byName.get(flow.flowName)?.get(file) !== flow
}

/**
 * Loads a module and gives the flow in it.
 *
 * @param name of an export, or of a flow
 * @throws {SpillwayError} with the flows that there are, when it is not one of them.
 */
export async function loadFlow(url: string, name: string): Promise<AnyFlow> {
  // A module that serves its own flows is still being evaluated: importing it would wait for its end.
  const defined = registry.byName.get(name)?.get(url)
  if (defined) return defined
  // Stack traces of what was built name the lines that people wrote.
  process.setSourceMapsEnabled(true)
  const exports = (await importForFlows(url)) ?? {}
  const exported = exports[name] ?? servedFlow(url, name)
  if (isFlow(exported)) return exported
  const ofName = registry.byName.get(name)
  const known = ofName?.get(url) ?? ofName?.get(UNKNOWN)
  if (known) return known
  const names = [...Object.entries(exports).filter(([, value]) => isFlow(value)).map(([export_]) => export_), ...registry.byName.keys()]
  throw new SpillwayError('flow-missing', `${url} has no flow '${name}'; it has ${names.length === 0 ? 'none' : [...new Set(names)].join(', ')}`)
}

function isFlow(value: unknown): value is AnyFlow {
  return typeof value === 'function' && 'flowName' in value && 'run' in value
}

/** The nearest module on the stack that is not of this package, without the query that makes Node load it anew. */
export function definingFile(): string | undefined {
  const frames = new Error('where').stack?.split('\n').slice(1) ?? []
  for (const frame of frames) {
    const url = /(file:\/\/[^\s)]+?)(?::\d+){1,2}\)?$/.exec(frame)?.[1]
    if (url !== undefined && !url.startsWith(own)) return url.split('?')[0]
  }
  return undefined
}
