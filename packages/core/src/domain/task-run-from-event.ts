import { normalizeUuid } from '../wire/ids.ts'
import { parseIso } from '../wire/time.ts'
import { fullTaskRunPolicy, type TaskRunPolicy } from './retry-delay.ts'
import { isStateType, makeState, type State, type StateDetails, type StateType } from './state.ts'

/** The members of an event that a task run is read from. */
export interface TaskRunEvent {
  id: string
  occurred: string
  event: string
  resource: Readonly<Record<string, string>>
  related?: readonly Readonly<Record<string, string>>[] | null | undefined
  payload?: unknown
}

/** Columns of a task run; those that the event does not tell are absent and leave what is stored. */
export interface TaskRunEventColumns {
  name?: string
  taskKey: string
  dynamicKey: string
  cacheKey?: string
  cacheExpirationUs?: number
  taskVersion?: string
  empiricalPolicy?: TaskRunPolicy
  tags?: string[]
  labels?: Record<string, unknown>
  taskInputs?: Record<string, unknown>
  runCount?: number
  flowRunRunCount?: number
  expectedStartTimeUs?: number
  nextScheduledStartTimeUs?: number
  startTimeUs?: number
  endTimeUs?: number
  totalRunTimeSeconds?: number
  stateId: string
  stateType: StateType
  stateName: string
  stateTimestampUs: number
}

export interface TaskRunRecord {
  taskRunId: string
  /** null for a task that runs outside of flows. */
  flowRunId: string | null
  state: State
  columns: TaskRunEventColumns
}

export type TaskRunReading = { ok: true; record: TaskRunRecord } | { ok: false; reason: string }

/** True when the event tells a state of a task run that its client orchestrates: the server has to record it. */
export function isClientTaskRunEvent(event: Pick<TaskRunEvent, 'event' | 'resource'>): boolean {
  return event.event.startsWith('prefect.task-run') && event.resource['prefect.orchestration'] === 'client'
}

/** Reads a task run and its new state from a client's event, or says why that cannot be done. */
export function taskRunFromEvent(event: TaskRunEvent): TaskRunReading {
  try {
    return { ok: true, record: readRecord(event) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.message }
    throw error
  }
}

/** Thrown and caught in this file only. */
class Malformed extends Error {}

function readRecord(event: TaskRunEvent): TaskRunRecord {
  const taskRunId = idOf(event.resource['prefect.resource.id'], 'prefect.task-run.', 'The resource id')
  const flowRun = event.related?.find((related) => related['prefect.resource.role'] === 'flow-run')
  const flowRunId = flowRun
    ? idOf(flowRun['prefect.resource.id'], 'prefect.flow-run.', 'The id of the related flow run')
    : null
  const stateId = normalizeUuid(event.id)
  if (stateId === undefined) throw new Malformed(`The event's id is no uuid: ${shown(event.id)}.`)
  const payload = objectOf(event.payload, 'payload')
  const timestampUs = timeOf(event.occurred, 'occurred')
  const state = readState(objectOf(payload['validated_state'], 'payload.validated_state'), {
    id: stateId, timestampUs, taskRunId, flowRunId,
  })
  const columns: TaskRunEventColumns = {
    ...readColumns(objectOf(payload['task_run'], 'payload.task_run')),
    stateId,
    stateType: state.type,
    stateName: state.name,
    stateTimestampUs: timestampUs,
  }
  return { taskRunId, flowRunId, state, columns }
}

function readState(
  given: Record<string, unknown>,
  at: { id: string; timestampUs: number; taskRunId: string; flowRunId: string | null },
): State {
  const { type, name, message, data, state_details: details } = given
  if (!isStateType(type)) throw new Malformed(`payload.validated_state.type is no state type: ${shown(type)}.`)
  const toldDetails = details == null ? {} : objectOf(details, 'payload.validated_state.state_details')
  return makeState(
    {
      type,
      name: textOrNull(name, 'payload.validated_state.name'),
      message: textOrNull(message, 'payload.validated_state.message'),
      data,
      details: {
        ...(toldDetails as Partial<StateDetails>),
        task_run_id: at.taskRunId,
        flow_run_id: at.flowRunId,
      },
    },
    { id: at.id, nowUs: at.timestampUs },
  )
}

function readColumns(given: Record<string, unknown>) {
  const at = (member: string) => `payload.task_run.${member}`
  const { task_key: taskKey, dynamic_key: dynamicKey } = given
  if (typeof taskKey !== 'string') throw new Malformed(`${at('task_key')} is missing.`)
  if (typeof dynamicKey !== 'string') throw new Malformed(`${at('dynamic_key')} is missing.`)
  const text = (member: string) => textOrNull(given[member], at(member)) ?? undefined
  const time = (member: string) => (given[member] == null ? undefined : timeOf(given[member], at(member)))
  const number = (member: string) => numberOrAbsent(given[member], at(member))
  const object = (member: string) => (given[member] == null ? undefined : objectOf(given[member], at(member)))
  const policy = object('empirical_policy')
  return {
    taskKey,
    dynamicKey,
    ...present({
      name: text('name'),
      cacheKey: text('cache_key'),
      cacheExpirationUs: time('cache_expiration'),
      taskVersion: text('task_version'),
      empiricalPolicy: policy && fullTaskRunPolicy(policy as TaskRunPolicy),
      tags: given['tags'] == null ? undefined : textsOf(given['tags'], at('tags')),
      labels: object('labels'),
      taskInputs: object('task_inputs'),
      runCount: number('run_count'),
      flowRunRunCount: number('flow_run_run_count'),
      expectedStartTimeUs: time('expected_start_time'),
      nextScheduledStartTimeUs: time('next_scheduled_start_time'),
      startTimeUs: time('start_time'),
      endTimeUs: time('end_time'),
      totalRunTimeSeconds: number('total_run_time'),
    }),
  }
}

function idOf(text: string | undefined, prefix: string, what: string): string {
  const id = text?.startsWith(prefix) ? normalizeUuid(text.slice(prefix.length)) : undefined
  if (id === undefined) throw new Malformed(`${what} is not "${prefix}" and a uuid: ${shown(text)}.`)
  return id
}

function timeOf(value: unknown, what: string): number {
  const us = typeof value === 'string' ? parseIso(value) : undefined
  if (us === undefined) throw new Malformed(`${what} is no time: ${shown(value)}.`)
  return us
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Malformed(`${what} is no object: ${shown(value)}.`)
}

function textOrNull(value: unknown, what: string): string | null {
  if (value == null || typeof value === 'string') return value ?? null
  throw new Malformed(`${what} is no text: ${shown(value)}.`)
}

function textsOf(value: unknown, what: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new Malformed(`${what} is no list of texts: ${shown(value)}.`)
}

function numberOrAbsent(value: unknown, what: string): number | undefined {
  if (value == null) return undefined
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Malformed(`${what} is no number: ${shown(value)}.`)
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function present<T extends object>(members: T): Present<T> {
  const given: Partial<T> = {}
  for (const name in members) if (members[name] !== undefined) given[name] = members[name]
  return given as Present<T>
}
