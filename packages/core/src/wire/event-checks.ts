import { wireLimits } from './limits.ts'
import { runCheck } from './registered-checks.ts'

type Fault = string | undefined
type Labels = Readonly<Record<string, string>>

/** A resource needs an id and must not carry too many labels. */
export function resourceFault(labels: Labels): Fault {
  if (Object.keys(labels).length > wireLimits.resourceLabelsMax) {
    return `The maximum number of labels per resource is ${wireLimits.resourceLabelsMax}`
  }
  const id = labels['prefect.resource.id']
  if (id === undefined) return 'Resources must include the prefect.resource.id label'
  return id === '' ? 'The prefect.resource.id label must be non-empty' : undefined
}

/** A related resource needs a role beside its id. */
export function relatedResourceFault(labels: Labels): Fault {
  const fault = resourceFault(labels)
  if (fault !== undefined) return fault
  const role = labels['prefect.resource.role']
  if (role === undefined) return 'Related Resources must include the prefect.resource.role label'
  return role === '' ? 'The prefect.resource.role label must be non-empty' : undefined
}

export function eventNameFault(name: string): Fault {
  const max = wireLimits.eventNameLengthMax
  return name.length > max ? `Event name must be at most ${max} characters` : undefined
}

export function relatedFault(related: readonly unknown[]): Fault {
  const max = wireLimits.relatedResourcesMax
  return related.length > max ? `The maximum number of related resources is ${max}` : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const PROACTIVE_SECONDS_MIN = 10

export function withinFault(trigger: unknown): Fault {
  if (!isObject(trigger)) return undefined
  const { within, posture } = trigger
  if (within === null) return '`within` should be a valid timedelta'
  const isShort = typeof within === 'number' && within !== 0 && within < PROACTIVE_SECONDS_MIN
  if (posture !== 'Proactive' || !isShort) return undefined
  return '`within` for Proactive triggers must be greater than or equal to 10 seconds'
}

/** A proactive trigger waits ten seconds when it does not say how long. */
export function withProactiveDefault(trigger: unknown): unknown {
  if (!isObject(trigger) || trigger['posture'] !== 'Proactive' || trigger['within']) return trigger
  return { ...trigger, within: PROACTIVE_SECONDS_MIN }
}

export function requireFault(trigger: { require: number | string; triggers: readonly unknown[] }): Fault {
  if (typeof trigger.require !== 'number') return undefined
  if (trigger.require < 1) return 'require must be at least 1'
  if (trigger.require <= trigger.triggers.length) return undefined
  return 'require must be less than or equal to the number of triggers'
}

/** A check that an action names its object when it selects it, and does not when it infers it. */
export function selectedNeeds(field: string): (action: object) => Fault {
  return (action) => {
    const { source, [field]: id } = action as Record<string, unknown>
    const hasId = Boolean(id)
    if ((source === 'selected') === hasId) return undefined
    return `${field} is ${hasId ? 'not allowed' : 'required'}`
  }
}

export function templatedParametersFault(parameters: Record<string, unknown> | null): Fault {
  return parameters === null ? undefined : runCheck('templatedParameters', parameters)
}

export function delayFault(seconds: number): Fault {
  return seconds < 0 ? 'schedule_after must be non-negative' : undefined
}

/** A check that a field holds a template that can be rendered. */
export function templateIn(field: string): (text: string) => Fault {
  return (text) => (text === '' ? undefined : runCheck('template', { field, text }))
}

/** Older clients send a webhook's payload as an object. */
export function payloadText(payload: unknown): unknown {
  return payload === null || typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2)
}

type Specification = Readonly<Record<string, string | readonly string[]>>

interface AutomationForm {
  enabled: boolean
  trigger: { type: string; posture?: string; expect?: readonly string[]; match?: unknown; match_related?: unknown }
  actions: readonly { type: string; source?: string }[]
}

const EVENTS_OF_EVERY_RUN = [
  'prefect.flow-run.Scheduled',
  'prefect.flow-run.Pending',
  'prefect.flow-run.Running',
  'prefect.flow-run.*',
]

/** An automation must not run a deployment on every run's events, which would run it again for its own run. */
export function deploymentLoopFault({ enabled, trigger, actions }: AutomationForm): Fault {
  if (!enabled || trigger.type !== 'event' || trigger.posture !== 'Reactive') return undefined
  if (!trigger.expect?.some((event) => EVENTS_OF_EVERY_RUN.includes(event))) return undefined
  for (const action of actions) {
    if (action.type !== 'run-deployment') continue
    if (action.source === 'inferred') return INFERRED_LOOP
    if (matchesEveryFlowRun(trigger.match) && [trigger.match_related].flat().some(matchesEveryFlowRun)) {
      return SELECTED_LOOP
    }
  }
  return undefined
}

const INFERRED_LOOP =
  'Running an inferred deployment from a flow run state change event will lead to an infinite loop of flow runs.  ' +
  "Please choose a specific deployment and add additional filtering labels to the match or match_related for this " +
  "automation's trigger."

const SELECTED_LOOP =
  'Running a selected deployment from a flow run state change event may lead to an infinite loop of flow runs.  ' +
  'Please include additional filtering labels on either match or match_related to narrow down which flow runs will ' +
  "trigger this automation to exclude flow runs from the deployment you've selected."

function matchesEveryFlowRun(specification: unknown): boolean {
  const labels = Object.entries((specification ?? {}) as Specification)
  const [first] = labels
  if (first === undefined) return true
  if (labels.length > 1 || first[0] !== 'prefect.resource.id') return false
  return [first[1]].flat().some((pattern) => pattern === '*' || pattern === 'prefect.flow-run.*')
}
