import { normalizeSchedule, type Schedule, type ScheduleInput } from '@spillway/core/domain/schedules'
import { httpError } from '../errors.ts'
import { created, jsonArray, noContent } from '../storage/answers.ts'
import { floatJson } from '../storage/row-encoder.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { encodeDeploymentSchedule, type DeploymentScheduleRow } from '../storage/rows/deployments.ts'
import { removeWaitingRuns, scheduleAfterChange } from './scheduling.ts'

export interface NewSchedule {
  schedule: ScheduleInput
  active: boolean
  max_scheduled_runs: number | null
  parameters: Record<string, unknown>
  slug: string | null
}

/** What a client says of a schedule that may be there already; null means unchanged. */
export interface ScheduleChanges {
  schedule: ScheduleInput | null
  active: boolean | null
  max_scheduled_runs: number | null
  parameters: Record<string, unknown>
  slug: string | null
  /** The slug that the schedule has had so far. */
  replaces: string | null
}

/** The stored text of a schedule. An interval prints as a float. */
export function scheduleJson(given: ScheduleInput, nowUs: number): string {
  const schedule: Schedule = normalizeSchedule(given, nowUs)
  if (!('interval' in schedule)) return JSON.stringify(schedule)
  const { interval, anchor_date, timezone } = schedule
  return `{"interval":${floatJson(interval)},"anchor_date":${JSON.stringify(anchor_date)},"timezone":${JSON.stringify(timezone)}}`
}

/** Adds schedules to a deployment. A slug that is taken violates a constraint (409). */
export async function addSchedules(
  tx: Tx,
  deploymentId: string,
  schedules: readonly NewSchedule[],
): Promise<DeploymentScheduleRow[]> {
  const rows: DeploymentScheduleRow[] = []
  for (const given of schedules) {
    const row = await tx.get<DeploymentScheduleRow>(
      `insert into deployment_schedule (id, created, updated, deployment_id, schedule, active, max_scheduled_runs, parameters, slug)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
      [
        tx.newId(), tx.nowUs, tx.nowUs, deploymentId, scheduleJson(given.schedule, tx.nowUs), given.active ? 1 : 0,
        given.max_scheduled_runs, JSON.stringify(given.parameters), given.slug,
      ],
    )
    rows.push(row!)
  }
  return rows
}

/** Puts these schedules in the place of all that a deployment has. */
export async function replaceSchedules(tx: Tx, deploymentId: string, schedules: readonly NewSchedule[]): Promise<void> {
  await tx.run('delete from deployment_schedule where deployment_id = ?', [deploymentId])
  await addSchedules(tx, deploymentId, schedules)
}

/** How the schedules of an update are to be understood. */
export type SchedulePlan =
  | { kind: 'keep' }
  | { kind: 'replace'; schedules: NewSchedule[] }
  | { kind: 'by-slug'; changed: ScheduleChanges[]; added: NewSchedule[] }

/**
 * Where all given and all stored schedules have slugs, each given one changes or adds the one of its slug and the
 * others stay; otherwise the given ones take the place of all.
 *
 * @param given undefined when the request says nothing of schedules.
 * @throws 422 with Prefect's texts.
 */
export async function planSchedules(
  tx: Tx,
  deploymentId: string,
  given: readonly ScheduleChanges[] | undefined,
): Promise<SchedulePlan> {
  const stored = await tx.all<{ slug: string | null }>('select slug from deployment_schedule where deployment_id = ?', [deploymentId])
  const slugs = stored.map(({ slug }) => slug)
  const schedules = given ?? []
  const storedHaveSlugs = slugs.length > 0 && slugs.every((slug) => slug !== null)
  if (!storedHaveSlugs) return given ? { kind: 'replace', schedules: schedules.flatMap(asNew) } : { kind: 'keep' }
  if (!schedules.every(({ slug }) => slug !== null)) {
    throw httpError(422, 'Please provide a slug for each schedule in your request to ensure schedules are updated correctly.')
  }
  refuseClashes(schedules, slugs)
  const storedSlugs = new Set<string | null>(slugs)
  const isStored = ({ replaces, slug }: ScheduleChanges): boolean => storedSlugs.has(replaces || slug)
  const added = schedules.filter((schedule) => !isStored(schedule))
  if (added.some(({ schedule }) => schedule === null)) {
    throw httpError(422, 'Unable to create new deployment schedules without a schedule configuration.')
  }
  return { kind: 'by-slug', changed: schedules.filter(isStored), added: added.flatMap(asNew) }
}

function refuseClashes(schedules: readonly ScheduleChanges[], stored: readonly (string | null)[]): void {
  const replaced = new Set<string>()
  for (const { replaces } of schedules) {
    if (!replaces) continue
    if (replaced.has(replaces)) {
      throw httpError(422, `Multiple schedules have 'replaces' targeting the same slug: ${replaces}`)
    }
    replaced.add(replaces)
  }
  for (const { replaces, slug } of schedules) {
    if (!replaces || !slug || !stored.includes(slug) || replaced.has(slug)) continue
    throw httpError(
      422,
      `Cannot rename schedule from '${replaces}' to '${slug}': a schedule with slug '${slug}' already exists.`,
    )
  }
}

function asNew(given: ScheduleChanges): NewSchedule[] {
  const { schedule, active, parameters, slug } = given
  return schedule === null ? [] : [{ schedule, active: active ?? true, max_scheduled_runs: null, parameters, slug }]
}

export async function applySchedulePlan(tx: Tx, deploymentId: string, plan: SchedulePlan): Promise<void> {
  if (plan.kind === 'replace') await replaceSchedules(tx, deploymentId, plan.schedules)
  if (plan.kind !== 'by-slug') return
  // All ids first: while slugs move from one schedule to another they must not get in each other's way.
  const ids: string[] = []
  for (const { replaces, slug } of plan.changed) {
    const row = await tx.get<{ id: string }>('select id from deployment_schedule where deployment_id = ? and slug = ?', [
      deploymentId,
      replaces || slug,
    ])
    if (!row) throw httpError(404, `Schedule with slug '${replaces || slug}' no longer exists.`)
    ids.push(row.id)
  }
  for (const [index, { replaces }] of plan.changed.entries()) {
    if (replaces) await tx.run('update deployment_schedule set slug = null where id = ?', [ids[index]!])
  }
  for (const [index, changes] of plan.changed.entries()) await changeSchedule(tx, deploymentId, ids[index]!, changes)
  await addSchedules(tx, deploymentId, plan.added)
}

/** @returns false when the deployment has no such schedule. */
async function changeSchedule(tx: Tx, deploymentId: string, id: string, changes: ScheduleChanges): Promise<boolean> {
  let sets = 'parameters = ?'
  const params: SqlParam[] = [JSON.stringify(changes.parameters)]
  const set = (column: string, value: SqlParam): void => {
    sets += `, ${column} = ?`
    params.push(value)
  }
  if (changes.schedule !== null) set('schedule', scheduleJson(changes.schedule, tx.nowUs))
  if (changes.active !== null) set('active', changes.active ? 1 : 0)
  if (changes.max_scheduled_runs !== null) set('max_scheduled_runs', changes.max_scheduled_runs)
  if (changes.slug !== null) set('slug', changes.slug)
  const changed = await tx.run(`update deployment_schedule set ${sets}, updated = ? where id = ? and deployment_id = ?`, [
    ...params,
    tx.nowUs,
    id,
    deploymentId,
  ])
  return changed > 0
}

async function requireDeployment(tx: Tx, id: string): Promise<void> {
  if (!(await tx.get('select 1 from deployment where id = ?', [id]))) throw httpError(404, 'Deployment not found.')
}

async function createDeploymentSchedules(tx: Tx, args: { deploymentId: string; schedules: NewSchedule[] }): Promise<Answer> {
  await requireDeployment(tx, args.deploymentId)
  const rows = await addSchedules(tx, args.deploymentId, args.schedules)
  await scheduleAfterChange(tx, args.deploymentId)
  return created(jsonArray(rows.map((row) => encodeDeploymentSchedule(row, tx.nowUs))))
}

async function updateDeploymentSchedule(
  tx: Tx,
  args: { deploymentId: string; id: string; changes: ScheduleChanges },
): Promise<Answer> {
  await requireDeployment(tx, args.deploymentId)
  if (!(await changeSchedule(tx, args.deploymentId, args.id, args.changes))) throw httpError(404, 'Schedule not found.')
  await removeWaitingRuns(tx, args.deploymentId, { autoOnly: true, futureOnly: true })
  await scheduleAfterChange(tx, args.deploymentId)
  return noContent()
}

async function deleteDeploymentSchedule(tx: Tx, args: { deploymentId: string; id: string }): Promise<Answer> {
  await requireDeployment(tx, args.deploymentId)
  const deleted = await tx.run('delete from deployment_schedule where id = ? and deployment_id = ?', [args.id, args.deploymentId])
  if (deleted === 0) throw httpError(404, 'Schedule not found.')
  await removeWaitingRuns(tx, args.deploymentId, { autoOnly: true, futureOnly: false })
  await scheduleAfterChange(tx, args.deploymentId)
  return noContent()
}

export const deploymentScheduleCommands = {
  createDeploymentSchedules, updateDeploymentSchedule, deleteDeploymentSchedule,
}
