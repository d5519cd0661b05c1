import path from 'node:path'
import { catchUpFault, catchUpLabel, maxLateLabel } from '@spillway/core/domain/catch-up'
import type { ApiClient } from '@spillway/sdk'
import { intervalSeconds, scheduleOf } from '../deployments/schedule-text.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { describeFlow } from '../loaded-flows.ts'
import { nearNames } from '../near-names.ts'
import { misused, readAll } from '../reads.ts'
import type { Outputs } from './image-steps.ts'
import type { DeploymentConfig, ProjectFile, ScheduleConfig } from './project-file.ts'
import { plannedSteps, takeSteps, type Step } from './steps.ts'

const WORKING_DIRECTORY = 'prefect.deployments.steps.set_working_directory'

/** A deployment that is ready to be registered, but for its flow's id. */
export interface PreparedDeployment {
  readonly flowName: string
  readonly body: { readonly name: string } & Record<string, unknown>
  readonly poolName: string
  /** What is done before it is registered; the body may ask for their outputs. */
  readonly steps: readonly Step[]
  /** As they stand in the file: their `{{ event.… }}` are for the server. */
  readonly triggers: readonly Record<string, unknown>[]
}

/**
 * Makes of a deployment's lines in a project file what the API takes: placeholders filled, the flow's module loaded for
 * its name and the form of its parameters.
 *
 * @param config with what the command's options add
 */
export async function prepareDeployment(client: ApiClient, config: DeploymentConfig, project: ProjectFile, env: NodeJS.ProcessEnv): Promise<PreparedDeployment> {
  const { triggers, work_pool: pool, build, push, pull, ...rest } = config
  const shown = config.name ?? config.entrypoint ?? 'the deployment'
  const steps = plannedSteps(shown, stepsOf(build === undefined ? project.build : build), stepsOf(push === undefined ? project.push : push))
  const filled = (await fill(client, env, { ...rest, pull: pull === undefined ? project.pull : pull }, true)) as DeploymentConfig
  const place = (await fill(client, env, pool ?? {}, false)) as NonNullable<DeploymentConfig['work_pool']>
  const { name, entrypoint } = filled
  if (name == null || name === '') throw misused(`'${entrypoint}' needs a name as a deployment.`, `Say it with --name, such as: spillway deploy ${entrypoint} --name prod`)
  if (entrypoint == null || entrypoint === '') throw new CommandError(`The deployment '${name}' has no entrypoint.`, { remedy: 'Write it as file.ts:flow.' })
  if (place.name == null) throw misused(`The deployment '${name}' names no work pool.`, "Say it with --pool; 'spillway work-pool ls' lists them.")
  const workPool = await client.findWorkPool(place.name)
  if (!workPool) {
    const near = nearNames(place.name, (await readAll<{ name: string }>(client, '/work_pools/filter')).map((one) => one.name))
    const remedy = near.length > 0 ? `Did you mean ${near.map((one) => `'${one}'`).join(' or ')}?` : `Make it with: spillway work-pool create ${place.name} --type process`
    throw new CommandError(`The deployment '${name}' is for the work pool '${place.name}', which is not there.`, { remedy, exitCode: EXIT.notFound })
  }
  const { flow, parameterSchema } = await describeFlow(entrypoint)
  const { options } = flow
  const variables = place.job_variables ?? {}
  if (variables['image'] !== undefined && workPool.type === 'process') {
    throw new CommandError(`The deployment '${name}' has an image, and the work pool '${place.name}' runs processes, which have none.`, { remedy: 'Make a pool for containers, such as: spillway work-pool create boxes --type docker' })
  }
  const isHere = workPool.type === 'process'
  const folder = workingDirectory(name, filled.pull) ?? (typeof variables['working_dir'] === 'string' ? variables['working_dir'] : isHere ? '.' : undefined)
  const { FLOW_RUN_COMMAND } = await import('@spillway/sdk/internal')
  const description = filled.description ?? options.description
  const version = filled.version ?? options.version
  return {
    flowName: flow.flowName,
    poolName: place.name,
    steps,
    triggers: triggers ?? [],
    body: {
      name,
      entrypoint,
      // In an image the code is in its working folder, unless the deployment says otherwise.
      ...(folder === undefined ? {} : { path: path.resolve(folder) }),
      parameters: filled.parameters ?? {},
      parameter_openapi_schema: parameterSchema,
      enforce_parameter_schema: filled.enforce_parameter_schema ?? true,
      paused: filled.paused ?? false,
      tags: [filled.tags ?? options.tags ?? []].flat(),
      schedules: schedulesOf(name, filled),
      labels: labelsOf(name, filled),
      work_pool_name: place.name,
      job_variables: { command: FLOW_RUN_COMMAND, ...(isHere && folder !== undefined ? { working_dir: path.resolve(folder) } : {}), ...variables },
      ...(place.work_queue_name == null ? {} : { work_queue_name: place.work_queue_name }),
      ...(description == null ? {} : { description }),
      ...(version == null ? {} : { version: String(version) }),
      ...limitOf(filled),
    },
  }
}

/**
 * Takes the steps of a deployment, and fills in what they have brought to light.
 *
 * @param taken steps of the deployments before it, which need not be taken again
 */
export async function afterSteps(client: ApiClient, prepared: PreparedDeployment, env: NodeJS.ProcessEnv, taken: Map<string, Outputs>, warn: (message: string) => void): Promise<PreparedDeployment> {
  if (prepared.steps.length === 0) return prepared
  const { fillTemplate } = await import('@spillway/sdk/internal')
  const ofSteps = (part: unknown, outputs: ReadonlyMap<string, Outputs>): Promise<unknown> =>
    fillTemplate(part, (name) => {
      const at = name.indexOf('.')
      return outputs.get(name.slice(0, at))?.[name.slice(at + 1)] ?? null
    })
  const outputs = await takeSteps(prepared.steps, async (part, before) => await fill(client, env, await ofSteps(part, before), true), taken, warn)
  return { ...prepared, body: (await ofSteps(prepared.body, outputs)) as PreparedDeployment['body'] }
}

/** Fills `{{ $VARIABLE }}` and `{{ prefect.variables.x }}`. Blocks in job variables stay: workers fill them when a run starts, and secrets do not come to lie in the deployment. */
async function fill(client: ApiClient, env: NodeJS.ProcessEnv, part: unknown, withBlocks: boolean): Promise<unknown> {
  const { fillTemplate, referenceValue } = await import('@spillway/sdk/internal')
  return await fillTemplate(part, async (name) => {
    if (name.startsWith('$')) {
      const value = env[name.slice(1)]
      if (value === undefined) throw new CommandError(`{{ ${name} }} stands in the deployment, and the environment has no ${name.slice(1)}.`)
      return value
    }
    if (name.startsWith('prefect.variables.') || (withBlocks && name.startsWith('prefect.blocks.'))) return await referenceValue(client, name)
    return null
  })
}

/** The folder on the workers: of pull steps, only one that says where the code is can be followed from TypeScript. */
function workingDirectory(name: string, pull: DeploymentConfig['pull']): string | undefined {
  let folder: string | undefined
  for (const step of stepsOf(pull)) {
    const [[kind, inputs] = ['', {}]] = Object.entries(step)
    if (kind !== WORKING_DIRECTORY) {
      throw new CommandError(`The deployment '${name}' has the pull step '${kind}', which TypeScript runs cannot follow: they start where their code is.`, {
        remedy: `Have the code on the workers (a checkout, an image), and set 'pull: null', or the step ${WORKING_DIRECTORY}.`,
      })
    }
    folder = String((inputs as { directory?: unknown }).directory)
  }
  return folder
}

function stepsOf(steps: DeploymentConfig['pull']): readonly Record<string, unknown>[] {
  return [steps ?? []].flat().filter((step) => Object.keys(step).length > 0)
}

function schedulesOf(name: string, { schedule, schedules }: DeploymentConfig): object[] {
  if (schedule && schedules) throw new CommandError(`The deployment '${name}' has both 'schedule' and 'schedules'.`, { remedy: "Keep 'schedules'." })
  return (schedules ?? (schedule && Object.keys(schedule).length > 0 ? [schedule] : [])).map(wireSchedule)
}

function wireSchedule({ cron, interval, rrule, timezone, anchor_date: anchorDate, day_or: dayOr, active, parameters, slug, replaces, max_scheduled_runs: most }: ScheduleConfig): object {
  return {
    schedule: scheduleOf({ cron, interval, rrule, timezone, anchorDate, dayOr: dayOr === undefined ? undefined : isTrue(dayOr) }),
    active: active === undefined ? true : isTrue(active),
    ...(parameters ? { parameters } : {}),
    ...(slug === undefined ? {} : { slug }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(most === undefined ? {} : { max_scheduled_runs: most }),
  }
}

/** What becomes of late runs stands in labels, which a Prefect server ignores. */
function labelsOf(name: string, { labels: given, catch_up: catchUp, max_late: maxLate }: DeploymentConfig): object {
  const labels = {
    ...given,
    ...(catchUp == null ? {} : { [catchUpLabel]: catchUp }),
    ...(maxLate == null ? {} : { [maxLateLabel]: intervalSeconds(maxLate, 'time') }),
  }
  const fault = catchUpFault(labels)
  if (fault !== null) throw new CommandError(`The deployment '${name}' is not in order. ${fault}`)
  return labels
}

/** What came out of a placeholder is a text. */
function isTrue(value: boolean | string): boolean {
  return value === true || value === 'true'
}

function limitOf({ concurrency_limit: limit }: DeploymentConfig): object {
  if (limit == null) return {}
  if (typeof limit === 'number') return { concurrency_limit: limit }
  const { limit: count, collision_strategy: strategy, grace_period_seconds: grace } = limit
  return {
    ...(count === undefined ? {} : { concurrency_limit: count }),
    concurrency_options: { collision_strategy: strategy ?? 'ENQUEUE', ...(grace === undefined ? {} : { grace_period_seconds: grace }) },
  }
}
