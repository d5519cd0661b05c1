import { deploymentLoopFault } from '@spillway/core/wire/event-checks'
import { invalidRequest } from '@spillway/core/wire/request-errors'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import { AppError, httpError, objectNotFound } from '../errors.ts'
import { created, noContent } from '../storage/answers.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { rawJson } from '../storage/raw-json.ts'
import { encodeAutomation, type AutomationRow } from '../storage/rows/automations.ts'
import { floatJson } from '../storage/row-encoder.ts'
import type { WorkPoolRow } from '../storage/rows/work-pools.ts'
import { checkRunVariables, type JobVariables } from './job-variables.ts'

type Trigger = Readonly<Record<string, unknown>>
type Action = Readonly<Record<string, unknown>> & { type: string }

export interface AutomationBody {
  name: string
  description: string
  enabled: boolean
  tags: string[]
  trigger: Trigger
  actions: readonly Action[]
  actions_on_trigger: readonly Action[]
  actions_on_resolve: readonly Action[]
}

async function createAutomation(tx: Tx, args: AutomationBody & { owner_resource: string | null }): Promise<Answer> {
  await checkJobVariables(tx, args.actions)
  const row = await tx.get<AutomationRow>(
    `insert into automation (id, created, updated, name, description, enabled, tags, trigger, actions, actions_on_trigger,
       actions_on_resolve) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
    [
      tx.newId(), tx.nowUs, tx.nowUs, args.name, args.description, args.enabled ? 1 : 0, JSON.stringify(args.tags),
      triggerJson(tx, args.trigger), actionsJson(args.actions), actionsJson(args.actions_on_trigger),
      actionsJson(args.actions_on_resolve),
    ],
  )
  await relateDeployments(tx, row!)
  if (args.owner_resource) await relate(tx, row!.id, args.owner_resource, true)
  await announce(tx, 'created', row!)
  return created(encodeAutomation(row!, tx.nowUs))
}

/** Writes the given members; a PUT gives the whole, a PATCH only `enabled`. */
async function updateAutomation(tx: Tx, args: { id: string; changes: Partial<AutomationBody> }): Promise<Answer> {
  const { changes } = args
  const existing = await tx.get<AutomationRow>('select * from automation where id = ?', [args.id])
  if (!existing) throw objectNotFound('Automation not found')
  checkLoop(existing, changes)
  await checkJobVariables(tx, changes.actions ?? [])
  const values: Partial<Record<keyof AutomationRow, SqlParam>> = {}
  if (changes.name !== undefined) values.name = changes.name
  if (changes.description !== undefined) values.description = changes.description
  if (changes.enabled !== undefined) values.enabled = changes.enabled ? 1 : 0
  if (changes.tags !== undefined) values.tags = JSON.stringify(changes.tags)
  if (changes.trigger !== undefined) values.trigger = triggerJson(tx, changes.trigger)
  for (const list of ['actions', 'actions_on_trigger', 'actions_on_resolve'] as const) {
    const actions = changes[list]
    if (actions !== undefined) values[list] = actionsJson(actions)
  }
  const row = await tx.get<AutomationRow>(
    `update automation set ${Object.keys(values).map((column) => `${column} = ?, `).join('')}updated = ? where id = ?
     returning *`,
    [...Object.values(values), tx.nowUs, args.id],
  )
  if (changes.actions) await relateDeployments(tx, row!)
  await announce(tx, 'updated', row!)
  return noContent()
}

/**
 * Refuses what would run in circles: a change may be harmless by itself and not together with what is there. As in
 * Prefect, `enabled` counts as true when it is not given.
 */
function checkLoop(existing: AutomationRow, changes: Partial<AutomationBody>): void {
  const isWhole = changes.trigger !== undefined
  const input = { enabled: true, ...(isWhole ? {} : { ...shown(existing), enabled: true }), ...changes }
  const fault = deploymentLoopFault(input as unknown as Parameters<typeof deploymentLoopFault>[0])
  if (fault === undefined) return
  const loc = isWhole ? ['body'] : []
  const error = { type: 'value_error', loc, msg: `Value error, ${fault}`, input, ctx: { error: {} } }
  throw new AppError(422, invalidRequest([error], isWhole ? changes : { enabled: true, ...changes }))
}

/**
 * Checks the job variables of actions that run a deployment: they must do for its work pool.
 *
 * @throws 404 when there is no such deployment, 422 when they do not.
 */
async function checkJobVariables(tx: Tx, actions: readonly Action[]): Promise<void> {
  const faults: string[] = []
  for (const { type, deployment_id: deploymentId, job_variables: variables } of actions) {
    if (type !== 'run-deployment' || !deploymentId || !variables) continue
    if (Object.keys(variables as object).length === 0) continue
    const deployment = await tx.get<{ work_queue_id: string | null }>(
      'select work_queue_id from deployment where id = ?',
      [deploymentId as string],
    )
    if (!deployment) throw httpError(404, 'Deployment not found.')
    const pool = await tx.get<WorkPoolRow>(
      'select p.* from work_pool p join work_queue q on q.work_pool_id = p.id where q.id = ?',
      [deployment.work_queue_id],
    )
    const fault = pool && (await runVariablesFault(tx, pool, variables as JobVariables))
    if (fault !== undefined) faults.push(fault)
  }
  if (faults.length > 0) throw httpError(422, `Error creating automation: ${faults.join(' ')}`)
}

/** What checkRunVariables has against the variables, without its opening words. */
async function runVariablesFault(tx: Tx, pool: WorkPoolRow, variables: JobVariables): Promise<string | undefined> {
  try {
    await checkRunVariables(tx, pool, null, variables)
    return undefined
  } catch (error) {
    const detail = error instanceof AppError ? (error.body as { detail?: unknown }).detail : undefined
    const opening = 'Error creating flow run: '
    if (typeof detail !== 'string' || !detail.startsWith(opening)) throw error
    return detail.slice(opening.length)
  }
}

function shown(row: AutomationRow): Record<string, unknown> {
  return parseExactJson(encodeAutomation(row, 0)) as Record<string, unknown>
}

async function deleteAutomation(tx: Tx, args: { id: string }): Promise<Answer> {
  const row = await tx.get<AutomationRow>('delete from automation where id = ? returning *', [args.id])
  if (!row) throw objectNotFound('Automation not found')
  await announce(tx, 'deleted', row)
  return noContent()
}

/** Clients do this before they set the automations of a deployment anew. */
async function deleteAutomationsOwnedBy(tx: Tx, args: { resourceId: string }): Promise<Answer> {
  const deleted = await tx.run(
    `delete from automation where created <= ? and id in
       (select automation_id from automation_related_resource where resource_id = ? and owned = 1)`,
    [tx.nowUs, args.resourceId],
  )
  if (deleted > 0) tx.publish({ topic: 'automation' })
  return { status: 202, json: 'null' }
}

async function relateDeployments(tx: Tx, row: AutomationRow): Promise<void> {
  await tx.run(
    `delete from automation_related_resource
     where automation_id = ? and owned = 0 and resource_id like 'prefect.deployment.%'`,
    [row.id],
  )
  for (const action of JSON.parse(row.actions) as Action[]) {
    if (action.type !== 'run-deployment' || action['source'] !== 'selected') continue
    await relate(tx, row.id, `prefect.deployment.${String(action['deployment_id'])}`, false)
  }
}

async function relate(tx: Tx, automationId: string, resourceId: string, owned: boolean): Promise<void> {
  await tx.run(
    `insert into automation_related_resource (automation_id, resource_id, owned) values (?, ?, ?)
     on conflict (automation_id, resource_id)
     do update set owned = case when excluded.owned = 1 then 1 else automation_related_resource.owned end`,
    [automationId, resourceId, owned ? 1 : 0],
  )
}

async function announce(tx: Tx, what: 'created' | 'updated' | 'deleted', row: AutomationRow): Promise<void> {
  await tx.emit({
    event: `prefect.automation.${what}`,
    resource: { 'prefect.resource.id': `prefect.automation.${row.id}`, 'prefect.resource.name': row.name },
    payload: shown(row),
  })
  tx.publish({ topic: 'automation' })
}

/** The trigger with all its members and with ids of the server's own, inner triggers too. */
function triggerJson(tx: Tx, trigger: Trigger): string {
  return JSON.stringify(wholeTrigger(tx, trigger))
}

function wholeTrigger(tx: Tx, trigger: Trigger): unknown {
  const { type, within } = trigger
  const id = tx.newId()
  if (type === 'event') {
    const { match = {}, match_related = {}, after = [], expect = [], for_each = [], posture, threshold } = trigger
    return { type, id, match, match_related, after, expect, for_each, posture, threshold, within: written(within) }
  }
  const triggers = (trigger['triggers'] as Trigger[]).map((inner) => wholeTrigger(tx, inner))
  const whole = { type, id, triggers, within: written(within) }
  return type === 'compound' ? { ...whole, require: trigger['require'] } : whole
}

function actionsJson(actions: readonly Action[]): string {
  return JSON.stringify(
    actions.map((action) =>
      action.type === 'run-deployment' ? { ...action, schedule_after: written(action['schedule_after']) } : action,
    ),
  )
}

/** Durations are floats on the wire, with a fraction even when it is zero. */
function written(seconds: unknown): unknown {
  return typeof seconds === 'number' ? rawJson(floatJson(seconds)) : seconds
}

export const automationCommands = { createAutomation, updateAutomation, deleteAutomation, deleteAutomationsOwnedBy }
