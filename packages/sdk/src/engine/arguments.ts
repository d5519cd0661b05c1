import { UpstreamFailedError } from '../errors.ts'
import { sdkLimits } from '../limits.ts'
import { RunFuture } from './future.ts'

/** One edge of the graph, as in `task_inputs`. */
export interface TaskRunInput {
  readonly input_type: 'task_run'
  readonly id: string
}

/** Which task run an object came from, so that handing it on draws an edge. Texts and numbers cannot be told apart. */
const origins = new WeakMap<object, { flowRunId: string | undefined; taskRunId: string }>()

const opaqueValues = new WeakSet<object>()

/** Marks a value that is handed to a task as it is: it is not searched for futures. */
export function opaque<T extends object>(value: T): T {
  opaqueValues.add(value)
  return value
}

export function rememberOrigin(value: unknown, flowRunId: string | undefined, taskRunId: string): void {
  if (typeof value === 'object' && value !== null) origins.set(value, { flowRunId, taskRunId })
}

/**
 * Whether handing the value on draws no edge. As with stock clients, that is also said of a value in which something
 * stands that is the same thing everywhere: a boolean, nothing, or a small whole number.
 */
export function isUntrackable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return (Array.isArray(value) || isPlain(value)) && Object.values(value).some(isSingleton)
}

function isSingleton(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'boolean' || (Number.isInteger(value) && (value as number) >= -5 && (value as number) <= 256)
}

/** The runs that a value comes from. */
export function inputsOf(value: unknown, flowRunId: string | undefined): TaskRunInput[] {
  const ids = new Set<string>()
  visit(value, (part) => {
    if (part instanceof RunFuture) ids.add(part.taskRunId)
    const origin = origins.get(part)
    if (origin && origin.flowRunId === flowRunId) ids.add(origin.taskRunId)
  })
  return [...ids].map((id) => ({ input_type: 'task_run', id }))
}

/**
 * The value with every future in it replaced by what its run gave.
 *
 * @throws {UpstreamFailedError} when one of the runs did not complete.
 */
export async function resolveFutures(value: unknown): Promise<unknown> {
  const futures = new Set<RunFuture<unknown>>()
  visit(value, (part) => {
    if (part instanceof RunFuture) futures.add(part)
  })
  if (futures.size === 0) return value
  const values = new Map<RunFuture<unknown>, unknown>()
  for (const future of futures) {
    const outcome = await future.outcome()
    if (!outcome.ok) throw new UpstreamFailedError(`Upstream task run '${future.taskRunId}' did not reach a 'COMPLETED' state.`, { cause: outcome.error })
    values.set(future, outcome.value)
  }
  return replace(value, values)
}

function visit(value: unknown, see: (part: object) => void, depth = 0): void {
  if (typeof value !== 'object' || value === null || opaqueValues.has(value)) return
  see(value)
  if (depth === sdkLimits.argumentDepth) return
  if (Array.isArray(value)) for (const part of value) visit(part, see, depth + 1)
  else if (isPlain(value)) for (const part of Object.values(value)) visit(part, see, depth + 1)
}

function replace(value: unknown, values: ReadonlyMap<RunFuture<unknown>, unknown>, depth = 0): unknown {
  if (value instanceof RunFuture) return values.get(value)
  if (typeof value !== 'object' || value === null || depth === sdkLimits.argumentDepth || opaqueValues.has(value)) return value
  if (Array.isArray(value)) return value.map((part) => replace(part, values, depth + 1))
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replace(part, values, depth + 1)]))
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}
