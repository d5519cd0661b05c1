import { existsSync } from 'node:fs'
import { CommandError } from '../exit-codes.ts'
import { nearNames } from '../near-names.ts'
import { misused } from '../reads.ts'
import { readDocument } from '../values.ts'

/** A schedule as a project file has it. */
export interface ScheduleConfig {
  readonly cron?: string
  readonly interval?: number | string
  readonly rrule?: string
  readonly timezone?: string
  readonly anchor_date?: string
  readonly day_or?: boolean | string
  readonly active?: boolean | string
  readonly parameters?: Record<string, unknown>
  readonly slug?: string
  readonly replaces?: string
  readonly max_scheduled_runs?: number
}

type Steps = readonly Record<string, unknown>[] | Record<string, unknown> | null

/** A deployment as a project file has it. Texts may hold `{{ … }}`. */
export interface DeploymentConfig {
  readonly name?: string | null
  readonly entrypoint?: string | null
  readonly description?: string | null
  readonly version?: string | number | null
  readonly tags?: string | readonly string[] | null
  readonly parameters?: Record<string, unknown> | null
  readonly enforce_parameter_schema?: boolean | null
  readonly paused?: boolean | null
  readonly labels?: Readonly<Record<string, string | number | boolean>> | null
  /** Which late runs of its schedules still start: all, latest, or skip. */
  readonly catch_up?: string | null
  /** How late they may start: seconds, or a time span. */
  readonly max_late?: number | string | null
  readonly concurrency_limit?: number | { readonly limit?: number; readonly collision_strategy?: string; readonly grace_period_seconds?: number } | null
  readonly schedule?: ScheduleConfig | null
  readonly schedules?: readonly ScheduleConfig[] | null
  readonly triggers?: readonly Record<string, unknown>[] | null
  readonly work_pool?: { readonly name?: string | null; readonly work_queue_name?: string | null; readonly job_variables?: Record<string, unknown> | null } | null
  readonly build?: Steps
  readonly push?: Steps
  readonly pull?: Steps
}

export interface ProjectFile {
  readonly deployments: readonly DeploymentConfig[]
  readonly build?: Steps
  readonly push?: Steps
  readonly pull?: Steps
}

const FIELDS = ['name', 'entrypoint', 'flow_name', 'description', 'version', 'version_type', 'tags', 'parameters', 'enforce_parameter_schema', 'paused', 'labels', 'catch_up', 'max_late', 'concurrency_limit', 'schedule', 'schedules', 'triggers', 'sla', 'work_pool', 'build', 'push', 'pull']

/**
 * Reads a project file, a `prefect.yaml`. One that is not there has no deployments, unless the user has named it.
 *
 * @param warn told of fields that nobody reads
 * @throws {CommandError} that names the place which is wrong
 */
export async function readProjectFile(file: string, isNamed: boolean, warn: (message: string) => void): Promise<ProjectFile> {
  if (!existsSync(file) && !isNamed) return { deployments: [] }
  const document = await readDocument(file)
  if (document === null || document === undefined) return { deployments: [] }
  if (typeof document !== 'object' || Array.isArray(document)) throw wrong(file, 'it must hold fields, such as deployments')
  const { deployments } = document as { deployments?: unknown }
  if (deployments !== undefined && deployments !== null && !Array.isArray(deployments)) throw wrong(file, "'deployments' must be a list")
  const list = (deployments ?? []) as unknown[]
  list.forEach((deployment, index) => checkDeployment(file, deployment, index, warn))
  return { ...(document as object), deployments: list as DeploymentConfig[] }
}

function checkDeployment(file: string, deployment: unknown, index: number, warn: (message: string) => void): void {
  const where = `deployment ${index + 1}`
  if (typeof deployment !== 'object' || deployment === null) throw wrong(file, `${where} must hold fields, such as name and entrypoint`)
  const { name, entrypoint, schedules, triggers, work_pool: pool } = deployment as Record<string, unknown>
  const called = typeof name === 'string' ? `'${name}'` : where
  for (const [field, value] of [['name', name], ['entrypoint', entrypoint]] as const) {
    if (value !== undefined && value !== null && typeof value !== 'string') throw wrong(file, `${field} of ${called} must be a text`)
  }
  for (const [field, value] of [['schedules', schedules], ['triggers', triggers]] as const) {
    if (value !== undefined && value !== null && !Array.isArray(value)) throw wrong(file, `${field} of ${called} must be a list`)
  }
  if (pool !== undefined && pool !== null && typeof pool !== 'object') throw wrong(file, `work_pool of ${called} must hold fields: name, work_queue_name, job_variables`)
  for (const field of Object.keys(deployment)) {
    if (FIELDS.includes(field)) continue
    const [near] = nearNames(field, FIELDS)
    warn(`${file}: nothing reads the field '${field}' of ${called}${near === undefined ? '' : `; did you mean '${near}'?`}`)
  }
}

function wrong(file: string, what: string): CommandError {
  return new CommandError(`${file} is not in order: ${what}.`)
}

/** Whether an entry point is of a flow in TypeScript or JavaScript. */
export function isOurs(entrypoint: string): boolean {
  return /\.[cm]?[jt]sx?:[^:]+$/.test(entrypoint)
}

/**
 * The deployments that the user means.
 *
 * @param names may be `name`, `flow/name`, and patterns with `*`
 */
export function chosenDeployments(file: string, deployments: readonly DeploymentConfig[], names: readonly string[], all: boolean): DeploymentConfig[] {
  if (all) return deployments.filter(({ name }) => name != null)
  const known = deployments.flatMap(({ name }) => (name == null ? [] : [name]))
  if (names.length === 0) {
    if (deployments.length === 1) return [...deployments]
    if (deployments.length === 0) throw misused(existsSync(file) ? `${file} holds no deployments.` : `There is no ${file} here, and no flow was named.`, 'Deploy a flow with: spillway deploy <file.ts>:<flow> --name <name> --pool <pool>')
    throw misused(`${file} holds several deployments.`, `Say which with --name, or --all: ${known.join(', ')}`)
  }
  return names.flatMap((name) => {
    const matching = deployments.filter((deployment) => isCalled(deployment, name))
    if (matching.length > 0) return matching
    const [near] = nearNames(name, known)
    throw misused(`${file} holds no deployment '${name}'.`, near === undefined ? `It holds: ${known.join(', ') || 'none'}.` : `Did you mean '${near}'?`)
  })
}

function isCalled({ name, entrypoint }: DeploymentConfig, pattern: string): boolean {
  const parts = pattern.split('/')
  const flow = parts.length > 1 ? parts[0]! : undefined
  const isOfFlow = flow === undefined || fits(dashed(flow), dashed(entrypoint?.split(':').at(-1) ?? ''))
  return name != null && isOfFlow && fits(parts.at(-1)!, name)
}

/** Functions are called `my_flow` or `myFlow` where the flow is `my-flow`. */
function dashed(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1-$2').replaceAll('_', '-').toLowerCase()
}

function fits(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&')).join('.*')}$`).test(text)
}
