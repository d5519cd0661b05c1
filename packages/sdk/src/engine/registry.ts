import { SpillwayError } from '../errors.ts'
import type { Flow } from './flow.ts'

type AnyFlow = Flow<never, unknown>

const key = Symbol.for('spillway.flows.v1')
const shared = globalThis as { [key]?: Map<string, { flow: AnyFlow; file: string | undefined }> }
/** Flows that modules have defined, by name: an entry point is found here once its module is loaded. */
const flows = (shared[key] ??= new Map())

/** Folder of this package's own modules, which are not where a flow is defined. */
const own = new URL('.', import.meta.url).href

/** Notes a flow, and the module that is defining it. */
export function registerFlow(flow: AnyFlow): void {
  flows.set(flow.flowName, { flow, file: definingFile() })
}

/** The module that defined a flow. */
export function callerFile(flow: AnyFlow): string | undefined {
  return flows.get(flow.flowName)?.file
}

/**
 * Loads a module and gives the flow in it.
 *
 * @param name of an export, or of a flow
 * @throws {SpillwayError} with the flows that there are, when it is not one of them.
 */
export async function loadFlow(url: string, name: string): Promise<AnyFlow> {
  // A module that serves its own flows is still being evaluated: importing it would wait for its end.
  const defined = flows.get(name)
  if (defined?.file?.split('?')[0] === url) return defined.flow
  // Stack traces of what was built name the lines that people wrote.
  process.setSourceMapsEnabled(true)
  const exports = (await import(url)) as Record<string, unknown>
  const exported = exports[name]
  if (isFlow(exported)) return exported
  const known = flows.get(name)
  if (known && (known.file === undefined || known.file.split('?')[0] === url)) return known.flow
  const names = [...Object.entries(exports).filter(([, value]) => isFlow(value)).map(([export_]) => export_), ...flows.keys()]
  throw new SpillwayError('flow-missing', `${url} has no flow '${name}'; it has ${names.length === 0 ? 'none' : [...new Set(names)].join(', ')}`)
}

function isFlow(value: unknown): value is AnyFlow {
  return typeof value === 'function' && 'flowName' in value && 'run' in value
}

/** The nearest module on the stack that is not of this package. */
function definingFile(): string | undefined {
  const frames = new Error('where').stack?.split('\n').slice(1) ?? []
  for (const frame of frames) {
    const url = /(file:\/\/[^\s)]+?)(?::\d+){1,2}\)?$/.exec(frame)?.[1]
    if (url !== undefined && !url.startsWith(own)) return url
  }
  return undefined
}
