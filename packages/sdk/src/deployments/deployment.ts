import { fileURLToPath, pathToFileURL } from 'node:url'
import path from 'node:path'
import { catchUpLabels } from './catch-up-labels.ts'
import { durationMs, type Duration } from '../duration.ts'
import { parameterSchemaOf, type ParameterSchema } from '../engine/parameter-schema.ts'
import { checkedName } from '../engine/names.ts'
import { callerFile, isHidden, loadFlow } from '../engine/registry.ts'
import type { Flow } from '../engine/flow.ts'
import type { ApiClient } from '../client/api.ts'
import type { BodyOf } from '../client/typed-call.ts'
import { SpillwayError } from '../errors.ts'

/** When runs are made: by cron (default zone UTC), every so often (counted from `anchor`), or by an iCalendar rule. */
export type Schedule =
  | { readonly cron: string; readonly timezone?: string }
  | { readonly every: Duration; readonly timezone?: string; readonly anchor?: Date }
  | { readonly rrule: string; readonly timezone?: string }

/** What a deployment is made of, beside its flow. */
export interface DeploymentOptions {
  readonly name: string
  readonly schedules?: readonly Schedule[]
  /**
   * Which runs of a schedule that are late still start, once somebody is there to run them: all (the default), the latest, or none.
   * Followed by our server; a Prefect server starts all.
   */
  readonly catchUp?: 'all' | 'latest' | 'skip'
  /** A run of a schedule that was not taken so long after its time does not start any more. Followed by our server. */
  readonly maxLate?: Duration
  readonly parameters?: Record<string, unknown>
  readonly description?: string
  readonly version?: string
  readonly tags?: readonly string[]
  readonly paused?: boolean
  /** Runs at a time; more wait, or with `cancel-new` are cancelled. */
  readonly limit?: number
  readonly onLimit?: 'enqueue' | 'cancel-new'
  /** Whether the server refuses parameters that do not fit the flow's schema. Default true. */
  readonly enforceParameters?: boolean
}

/** A flow with what a deployment of it is made of. */
export interface DeploymentSpec extends DeploymentOptions {
  readonly flow: Flow<never, unknown>
  /** `file:export` of the flow, relative to the working folder. */
  readonly entrypoint: string
}

/**
 * What `serve()` and `deploy()` take.
 *
 * @param options.entrypoint where the flow stands, as `file:export`; default: the module that called `flow()`, in which it
 * is found by its name.
 * @throws {SpillwayError} `entrypoint-unknown`, or `flow-hidden` when its name leads to another flow of the same module
 */
export function deploymentOf(flow: Flow<never, unknown>, options: DeploymentOptions & { readonly entrypoint?: string }): DeploymentSpec {
  checkedName(options.name, 'deployment')
  if (options.entrypoint !== undefined) return { ...options, flow, entrypoint: options.entrypoint }
  const file = callerFile(flow)
  if (file === undefined) {
    throw new SpillwayError('entrypoint-unknown', `it cannot be told which module holds the flow '${flow.flowName}': pass entrypoint: 'dist/flows.js:nightly'`)
  }
  const where = path.relative(process.cwd(), fileURLToPath(file))
  if (isHidden(flow)) {
    throw new SpillwayError('flow-hidden', `${where} defines several flows named '${flow.flowName}', and the name leads to the last of them: give each a name of its own, or pass entrypoint: '${where}:nameOfItsExport'`)
  }
  return { ...options, flow, entrypoint: `${where}:${flow.flowName}` }
}

export interface Placement {
  readonly workPool?: string
  readonly workQueue?: string
  readonly jobVariables?: Record<string, unknown>
  /** The folder that the entry point is relative to; null is that in which the run starts. Default: this one. */
  readonly path?: string | null
}

/** Registers a deployment, or changes the one of that name. @returns its id. */
export async function registerDeployment(client: ApiClient, spec: DeploymentSpec, place: Placement = {}): Promise<string> {
  const { flow } = spec
  const labels = catchUpLabels(spec)
  const { id: flowId } = await client.createFlow(flow.flowName)
  const { id } = await client.createDeployment({
    name: spec.name,
    flow_id: flowId,
    entrypoint: spec.entrypoint,
    path: place.path === undefined ? process.cwd() : place.path,
    parameters: spec.parameters ?? {},
    parameter_openapi_schema: { ...parameterSchemaOf(flow.options.params) },
    enforce_parameter_schema: spec.enforceParameters ?? true,
    schedules: (spec.schedules ?? []).map((schedule, index) => ({ active: true, schedule: wireSchedule(schedule), slug: `schedule-${index}` })),
    tags: [...(spec.tags ?? flow.options.tags ?? [])],
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    paused: spec.paused ?? false,
    ...(spec.description ?? flow.options.description ? { description: spec.description ?? flow.options.description ?? null } : {}),
    ...(spec.version ?? flow.options.version ? { version: spec.version ?? flow.options.version ?? null } : {}),
    ...(spec.limit === undefined ? {} : { concurrency_limit: spec.limit, concurrency_options: { collision_strategy: spec.onLimit === 'cancel-new' ? 'CANCEL_NEW' : 'ENQUEUE' } }),
    ...(place.workPool === undefined ? {} : { work_pool_name: place.workPool }),
    ...(place.workQueue === undefined ? {} : { work_queue_name: place.workQueue }),
    ...(place.jobVariables === undefined ? {} : { job_variables: place.jobVariables }),
  })
  return id
}

/** `file:export` of an entry point, the file as an address that can be imported. */
export function parseEntrypoint(entrypoint: string, folder = process.cwd()): { url: string; name: string } {
  const at = entrypoint.lastIndexOf(':')
  if (at <= 0) throw new SpillwayError('entrypoint-invalid', `'${entrypoint}' is no entry point: write file:flow, such as dist/flows.js:nightly`)
  return { url: pathToFileURL(path.resolve(folder, entrypoint.slice(0, at))).href, name: entrypoint.slice(at + 1) }
}

/** An entry point by the address of its module, as loading knows it. */
export function addressOf(entrypoint: string): string {
  const { url, name } = parseEntrypoint(entrypoint)
  return `${url}:${name}`
}

/** Loads the module of an entry point, and gives the flow in it with the form of its parameters. */
export async function describeEntrypoint(entrypoint: string, folder?: string): Promise<{ flow: Flow<never, unknown>; parameterSchema: ParameterSchema }> {
  const { url, name } = parseEntrypoint(entrypoint, folder)
  const flow = await loadFlow(url, name)
  return { flow, parameterSchema: parameterSchemaOf(flow.options.params) }
}

function wireSchedule(schedule: Schedule): BodyOf<'POST /deployments/{id}/schedules'>[number]['schedule'] {
  const timezone = schedule.timezone ?? 'UTC'
  if ('cron' in schedule) return { cron: schedule.cron, timezone, day_or: true }
  if ('rrule' in schedule) return { rrule: schedule.rrule, timezone }
  return { interval: durationMs(schedule.every) / 1000, timezone, ...(schedule.anchor === undefined ? {} : { anchor_date: schedule.anchor.toISOString() }) }
}
