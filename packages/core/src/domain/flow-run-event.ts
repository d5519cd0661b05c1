import { formatIso } from '../wire/time.ts'
import type { StateChange } from './flow-run-facts.ts'
import type { State } from './state.ts'

/** An event of the server's own, as on the wire. */
export interface ServerEvent {
  id: string
  occurred: string
  event: string
  resource: Record<string, string>
  related: Record<string, string>[]
  payload: Record<string, unknown>
  follows: string | null
}

export interface NamedThing {
  id: string
  name: string
  tags?: readonly string[]
}

export interface FlowRunEventSubject {
  id: string
  name: string
  /** After the transition. */
  runCount: number
  tags: readonly string[]
  createdBy: { id?: string | null; type?: string | null; display_value?: string | null } | null
  flow: NamedThing | null
  deployment: NamedThing | null
  workQueue: NamedThing | null
  workPool: (NamedThing & { type: string }) | null
  /** The task run that stands for the run in its parent. */
  parentTaskRun: NamedThing | null
}

/** Longer messages are cut in the middle: what went wrong tends to stand at either end. */
const MESSAGE_LENGTH_MAX = 100_000

/** Two states further apart are not told as cause and effect. */
const FOLLOWS_WITHIN_US = 5 * 60 * 1e6

const CREATOR_KINDS: Readonly<Record<string, string>> = {
  AUTOMATION: 'prefect.automation',
  DEPLOYMENT: 'prefect.deployment',
}

/** The event `prefect.flow-run.<state name>` for a state that has been written; its id is that of the state. */
export function flowRunStateEvent(run: FlowRunEventSubject, change: StateChange): ServerEvent {
  const { initial, validated, intended } = change
  return {
    id: validated.id,
    occurred: formatIso(validated.timestampUs),
    event: `prefect.flow-run.${validated.name}`,
    resource: {
      'prefect.resource.id': `prefect.flow-run.${run.id}`,
      'prefect.resource.name': run.name,
      'prefect.run-count': String(run.runCount),
      'prefect.state-message': shortened(validated.message ?? ''),
      'prefect.state-name': validated.name,
      'prefect.state-timestamp': formatIso(validated.timestampUs).replace(/Z$/, '+00:00'),
      'prefect.state-type': validated.type,
    },
    related: relatedResources(run),
    payload: {
      intended,
      initial_state: initial && statePayload(initial),
      validated_state: statePayload(validated),
    },
    follows: initial && follows(initial, validated) ? initial.id : null,
  }
}

function relatedResources(run: FlowRunEventSubject): Record<string, string>[] {
  const related: Record<string, string>[] = []
  const add = (kind: string, thing: NamedThing | null, labels: Record<string, string> = {}) => {
    if (thing) related.push({ ...resource(`prefect.${kind}.${thing.id}`, kind, thing.name), ...labels })
  }
  add('flow', run.flow)
  add('deployment', run.deployment)
  add('work-queue', run.workQueue)
  if (run.workPool) add('work-pool', run.workPool, { 'prefect.work-pool.type': run.workPool.type })
  add('task-run', run.parentTaskRun)
  const tags = [run, run.flow, run.deployment, run.parentTaskRun].flatMap((thing) => thing?.tags ?? [])
  for (const tag of [...new Set(tags)].sort()) related.push(resource(`prefect.tag.${tag}`, 'tag'))
  const creatorKind = CREATOR_KINDS[run.createdBy?.type ?? '']
  if (creatorKind && run.createdBy?.id) {
    related.push(resource(`${creatorKind}.${run.createdBy.id}`, 'creator', run.createdBy.display_value ?? undefined))
  }
  return related
}

function resource(id: string, role: string, name?: string): Record<string, string> {
  const labels: Record<string, string> = { 'prefect.resource.id': id, 'prefect.resource.role': role }
  if (name !== undefined) labels['prefect.resource.name'] = name
  return labels
}

function statePayload(state: State): Record<string, string> {
  const payload: Record<string, string> = { type: state.type, name: state.name }
  if (state.message) payload['message'] = shortened(state.message)
  if (state.type === 'PAUSED') payload['pause_reschedule'] = String(state.details.pause_reschedule)
  return payload
}

function follows(initial: State, validated: State): boolean {
  return Math.abs(validated.timestampUs - initial.timestampUs) < FOLLOWS_WITHIN_US
}

function shortened(message: string): string {
  if (message.length <= MESSAGE_LENGTH_MAX) return message
  const half = MESSAGE_LENGTH_MAX / 2
  const notice = `...${message.length - MESSAGE_LENGTH_MAX} additional characters...`
  // A cut that is no shorter than what it cuts is none.
  if (MESSAGE_LENGTH_MAX + notice.length >= message.length) return message
  return message.slice(0, half) + notice + message.slice(-half)
}
