import { catchUpModes } from '@spillway/core/domain/catch-up'
import type { DeploymentResponse } from '@spillway/core/wire/deployments'
import type { ApiClient } from '@spillway/sdk'
import { Option, type Command } from 'commander'
import { existsSync } from 'node:fs'
import type { Cli } from '../cli.ts'
import { repeated, wholeNumber, withCli } from '../command.ts'
import { imageSteps } from '../deploy/image-options.ts'
import type { Outputs } from '../deploy/image-steps.ts'
import type { PreparedDeployment } from '../deploy/deployment-body.ts'
import { chosenDeployments, isOurs, readProjectFile, type DeploymentConfig, type ScheduleConfig } from '../deploy/project-file.ts'
import { replaceTriggers, triggersOf } from '../deploy/triggers.ts'
import { CommandError } from '../exit-codes.ts'
import { misused } from '../reads.ts'
import { jsonObject, keyValues } from '../values.ts'
import { defaultPool } from '../work-pools/default-pool.ts'

interface DeployOptions {
  readonly name?: string[]
  readonly all?: boolean
  readonly prefectFile?: string
  readonly description?: string
  /** `--version` of the deployment. */
  readonly version?: string
  readonly tag?: string[]
  readonly pool?: string
  readonly workQueue?: string
  readonly jobVariable?: string[]
  readonly image?: string
  readonly build?: boolean
  readonly push?: boolean
  readonly dockerfile?: string
  readonly cron?: string[]
  readonly interval?: string[]
  readonly rrule?: string[]
  readonly anchorDate?: string
  readonly timezone?: string
  readonly catchUp?: string
  readonly maxLate?: string
  readonly trigger?: string[]
  readonly param?: string[]
  readonly params?: string
  readonly enforceParameterSchema?: boolean
  readonly concurrencyLimit?: number
  readonly collisionStrategy?: 'ENQUEUE' | 'CANCEL_NEW'
}

/** The first that is there. One of our own leaves a `prefect.yaml` to the flows in Python. */
const PROJECT_FILES = ['spillway.yaml', 'prefect.yaml'] as const

export function deployCommands(group: Command): void {
  group
    .argument('[entrypoint]', 'file.ts:flow, for a deployment that no file describes')
    .option('-n, --name <name>', "the deployment: 'prod', 'nightly/prod', or a pattern with *; may be repeated", repeated)
    .option('--all', 'every deployment of the file')
    .option('--prefect-file <path>', `file with deployments (default: ${PROJECT_FILES.join(', else ')})`)
    .option('-d, --description <text>', "default: the flow's own")
    .option('--version <text>', 'version of the deployment')
    .option('-t, --tag <tag>', 'tag of its runs; may be repeated', repeated)
    .option('-p, --pool <name>', 'work pool that runs it (default: PREFECT_DEFAULT_WORK_POOL_NAME)')
    .option('-q, --work-queue <name>', 'work queue of the pool')
    .option('--job-variable <key=value>', 'a variable of its jobs; may be JSON, and may be repeated', repeated)
    .option('--image <name:tag>', 'container image of its jobs, for pools of type docker, kubernetes and alike')
    .option('--build', "build that image here, by 'docker' or 'podman'")
    .option('--push', 'push that image')
    .option('--dockerfile <path>', "what --build builds; 'auto' makes one for a project in TypeScript (default: Dockerfile, else auto)")
    .option('--cron <text>', 'schedule; may be repeated', repeated)
    .option('--interval <seconds>', 'schedule; may be repeated', repeated)
    .option('--rrule <text>', 'schedule; may be repeated', repeated)
    .option('--anchor-date <time>', 'from when intervals count')
    .option('--timezone <name>', 'of the schedules')
    .addOption(new Option('--catch-up <which>', 'which late runs of the schedules still start').choices(catchUpModes))
    .option('--max-late <time>', 'how late they may start, such as 10m')
    .option('--trigger <json|file>', 'an automation that runs it, as JSON or a file; may be repeated', repeated)
    .option('--param <key=value>', 'a default of a parameter; its value may be JSON; may be repeated', repeated)
    .option('--params <json>', 'defaults of parameters, as a JSON object')
    .option('--enforce-parameter-schema', "refuse parameters that do not fit the flow's schema (default)")
    .option('--no-enforce-parameter-schema', 'take parameters as they come')
    .option('--concurrency-limit <count>', 'runs of it at a time', wholeNumber(1))
    .addOption(new Option('--collision-strategy <what>', 'what becomes of a run over that limit').choices(['ENQUEUE', 'CANCEL_NEW']))
    .action(withCli(deploy))
}

async function deploy(cli: Cli, entrypoint: string | undefined, options: DeployOptions): Promise<void> {
  const { name: names = [], all = false, prefectFile } = options
  if (all && names.length > 0) throw misused('--all and --name cannot both be given.')
  const file = prefectFile ?? PROJECT_FILES.find((one) => existsSync(one)) ?? 'prefect.yaml'
  const project = await readProjectFile(file, prefectFile !== undefined, (message) => cli.note(message))
  const chosen = await chooseDeployments(cli, file, project.deployments, entrypoint, options)
  const ours = chosen.filter((one) => !isPython(one))
  const python = chosen.filter(isPython)
  if (python.length > 0 && (!all || ours.length === 0)) throw await ofPython(python, entrypoint, options.pool)
  for (const { name } of python) cli.note(`'${name}' is a Python flow; deploy it with: prefect deploy --name ${name}`)
  const pool = options.pool ?? (await defaultPool(cli))
  const [client, { afterSteps, prepareDeployment }] = await Promise.all([cli.client(), import('../deploy/deployment-body.ts')])
  const changes = await changesOf(options)
  const { environment } = await cli.settings()
  // All of them are looked at before the first is changed.
  const prepared: PreparedDeployment[] = []
  for (const config of ours) prepared.push(await prepareDeployment(client, await completed(cli, client, withOptions(config, changes, options.pool, pool)), project, environment as NodeJS.ProcessEnv))
  const taken = new Map<string, Outputs>()
  for (const [index, one] of prepared.entries()) prepared[index] = await afterSteps(client, one, environment as NodeJS.ProcessEnv, taken, (message) => cli.note(message))
  const made: { flowName: string; deployment: DeploymentResponse }[] = []
  for (const one of prepared) made.push({ flowName: one.flowName, deployment: await register(client, one) })
  cli.show(made.map(({ deployment }) => deployment), () => {
    for (const { flowName, deployment } of made) cli.print(`Deployed '${flowName}/${deployment.name}' (${deployment.id}).`)
  })
  for (const name of new Set(prepared.map(({ poolName }) => poolName))) await hintOnWorkers(cli, client, name)
  if (made[0]) cli.note(`Run it with: spillway deployment run ${made[0].flowName}/${made[0].deployment.name}`)
}

/** Those that the user has named, or names now. */
async function chooseDeployments(cli: Cli, file: string, deployments: readonly DeploymentConfig[], entrypoint: string | undefined, { name: names = [], all = false }: DeployOptions): Promise<DeploymentConfig[]> {
  if (entrypoint !== undefined) return [withEntrypoint(deployments, entrypoint, names)]
  const isOpen = !all && deployments.length !== 1 && (names.length === 0 || deployments.length === 0)
  if (!isOpen || !(await cli.canAsk())) return chosenDeployments(file, deployments, names, all)
  const [prompts, { askForDeployments, askForEntrypoint }] = await Promise.all([import('../prompts.ts'), import('../deploy/ask.ts')])
  if (deployments.length > 1) return await askForDeployments(prompts, file, deployments)
  return [withEntrypoint(deployments, await askForEntrypoint(prompts), names)]
}

/** Asks for what a deployment cannot do without. */
async function completed(cli: Cli, client: ApiClient, config: DeploymentConfig): Promise<DeploymentConfig> {
  const [noName, noPool] = [config.name == null || config.name === '', config.work_pool?.name == null]
  if ((!noName && !noPool) || !(await cli.canAsk())) return config
  const [prompts, { askForPool }] = await Promise.all([import('../prompts.ts'), import('../work-pools/ask-for-pool.ts')])
  const name = noName ? { name: await prompts.askFor(`How shall the deployment of ${config.entrypoint} be called?`, 'default') } : {}
  const pool = noPool ? { work_pool: { ...config.work_pool, name: await askForPool(prompts, client) } } : {}
  return { ...config, ...name, ...pool }
}

function isPython({ entrypoint }: DeploymentConfig): boolean {
  return entrypoint != null && !isOurs(entrypoint)
}

/** @param given the entry point, where it was no file that named it */
async function ofPython(deployments: readonly DeploymentConfig[], given: string | undefined, pool: string | undefined): Promise<CommandError> {
  if (given !== undefined && /^[^:]+\.[cm]?[jt]sx?$/.test(given)) {
    const { flowsIn } = await import('../deploy/find-flows.ts')
    const [first] = await flowsIn(given)
    return misused(`'${given}' names a file and no flow in it.`, `Write: spillway deploy ${first ?? `${given}:<flow>`} --name <name> --pool <pool>`)
  }
  const words = ({ name, entrypoint }: DeploymentConfig): string => (given === undefined ? `--name ${name}` : `${entrypoint} --name ${name ?? '<name>'} --pool ${pool ?? '<pool>'}`)
  return misused(
    `${deployments.map(({ entrypoint }) => `'${entrypoint}'`).join(', ')} is no flow in TypeScript or JavaScript: write file.ts:flow.`,
    `Flows in Python are deployed by Python:\n${deployments.map((one) => `  prefect deploy ${words(one)}`).join('\n')}`,
  )
}

/** The deployment of that name in the file, with another entry point; else one that only the options describe. */
function withEntrypoint(deployments: readonly DeploymentConfig[], entrypoint: string, names: readonly string[]): DeploymentConfig {
  if (names.length > 1) throw misused('An entry point is deployed under one --name.')
  const known = deployments.find(({ name }) => name === names[0])
  return { ...known, entrypoint, ...(names[0] === undefined ? {} : { name: names[0] }) }
}

/** What the options say, as a project file would. */
async function changesOf(options: DeployOptions): Promise<DeploymentConfig> {
  if (options.param && options.params !== undefined) throw misused('--param and --params cannot both be given.')
  const zone = options.timezone === undefined ? {} : { timezone: options.timezone }
  const schedules: ScheduleConfig[] = [
    ...(options.cron ?? []).map((cron) => ({ cron, ...zone })),
    ...(options.interval ?? []).map((interval) => ({ interval, ...zone, ...(options.anchorDate === undefined ? {} : { anchor_date: options.anchorDate }) })),
    ...(options.rrule ?? []).map((rrule) => ({ rrule, ...zone })),
  ]
  const parameters = { ...(options.params === undefined ? {} : jsonObject(options.params, '--params')), ...keyValues(options.param ?? [], '--param') }
  const jobVariables = Object.assign({}, ...(options.jobVariable ?? []).map((text) => (text.trim().startsWith('{') ? jsonObject(text, '--job-variable') : keyValues([text], '--job-variable')))) as Record<string, unknown>
  const limit = { ...(options.concurrencyLimit === undefined ? {} : { limit: options.concurrencyLimit }), ...(options.collisionStrategy === undefined ? {} : { collision_strategy: options.collisionStrategy }) }
  return {
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.tag ? { tags: options.tag } : {}),
    ...(schedules.length > 0 ? { schedules } : {}),
    ...(options.catchUp === undefined ? {} : { catch_up: options.catchUp }),
    ...(options.maxLate === undefined ? {} : { max_late: options.maxLate }),
    ...(options.trigger ? { triggers: await triggersOf(options.trigger) } : {}),
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    ...(options.enforceParameterSchema === undefined ? {} : { enforce_parameter_schema: options.enforceParameterSchema }),
    ...(Object.keys(limit).length > 0 ? { concurrency_limit: limit } : {}),
    ...imageSteps(options),
    work_pool: { ...(options.workQueue === undefined ? {} : { work_queue_name: options.workQueue }), job_variables: { ...jobVariables, ...(options.image === undefined ? {} : { image: options.image }) } },
  }
}

function withOptions(config: DeploymentConfig, changes: DeploymentConfig, asked: string | undefined, fallback: string | undefined): DeploymentConfig {
  const pool = asked ?? config.work_pool?.name ?? fallback
  const { schedule, ...others } = config
  return {
    ...others,
    ...(schedule && !changes.schedules ? { schedule } : {}),
    ...changes,
    parameters: { ...config.parameters, ...changes.parameters },
    work_pool: {
      ...config.work_pool,
      ...changes.work_pool,
      ...(pool == null ? {} : { name: pool }),
      job_variables: { ...config.work_pool?.job_variables, ...changes.work_pool?.job_variables },
    },
  }
}

async function register(client: ApiClient, { flowName, body, triggers }: PreparedDeployment): Promise<DeploymentResponse> {
  const { id: flowId } = await client.createFlow(flowName)
  const { id } = await client.createDeployment({ ...body, flow_id: flowId } as Parameters<ApiClient['createDeployment']>[0])
  await replaceTriggers(client, { id, name: body.name }, triggers)
  return await client.readDeployment(id)
}

async function hintOnWorkers(cli: Cli, client: ApiClient, pool: string): Promise<void> {
  const workPool = await client.findWorkPool(pool)
  if (workPool?.status === 'READY' || workPool === undefined) return
  cli.note(`No worker of the pool '${pool}' is there. Start one with: ${workPool.type === 'process' ? 'spillway' : 'prefect'} worker start --pool ${pool}`)
}
