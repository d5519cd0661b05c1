import { formatIso, parseIso } from '../wire/time.ts'

export const STATE_TYPES = [
  'SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED', 'CANCELLING',
] as const

export type StateType = (typeof STATE_TYPES)[number]

/** The types a run ends in. A run may still leave them again, where a rule allows it. */
export const TERMINAL_STATE_TYPES = ['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'] as const satisfies StateType[]

const TERMINAL: ReadonlySet<StateType> = new Set(TERMINAL_STATE_TYPES)

const DEFAULT_NAMES: Readonly<Record<StateType, string>> = {
  SCHEDULED: 'Scheduled',
  PENDING: 'Pending',
  RUNNING: 'Running',
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
  CRASHED: 'Crashed',
  PAUSED: 'Paused',
  CANCELLING: 'Cancelling',
}

/** `state_details` as it stands on the wire and in the database: every member present, times as ISO text. */
export interface StateDetails {
  flow_run_id: string | null
  task_run_id: string | null
  child_flow_run_id: string | null
  scheduled_time: string | null
  cache_key: string | null
  cache_expiration: string | null
  deferred: boolean | null
  untrackable_result: boolean
  pause_timeout: string | null
  pause_reschedule: boolean
  pause_key: string | null
  run_input_keyset: Record<string, string> | null
  refresh_cache: boolean | null
  retriable: boolean | null
  transition_id: string | null
  task_parameters_id: string | null
  traceparent: string | null
  deployment_concurrency_lease_id: string | null
}

/** A state of a flow run or task run, as written once and never changed. */
export interface State {
  id: string
  type: StateType
  name: string
  timestampUs: number
  message: string | null
  /** Result metadata, opaque to the server; null when there is none. */
  data: unknown
  details: StateDetails
}

/** A state somebody asks for. Only the server gives ids and timestamps. */
export interface ProposedState {
  type: StateType
  name?: string | null | undefined
  message?: string | null | undefined
  data?: unknown
  details?: Partial<StateDetails> | null | undefined
}

/** A state as the API prints it; the members stand in this order. */
export interface WireState {
  id: string
  type: StateType
  name: string
  timestamp: string
  message: string | null
  data: unknown
  state_details: StateDetails
}

export function isStateType(text: unknown): text is StateType {
  return typeof text === 'string' && Object.hasOwn(DEFAULT_NAMES, text)
}

export function isTerminal(type: StateType | null | undefined): boolean {
  return type != null && TERMINAL.has(type)
}

export function defaultStateName(type: StateType): string {
  return DEFAULT_NAMES[type]
}

/**
 * Details with every member, in the order of the API; members of `given` that are absent or undefined get defaults.
 * What is no time is dropped: requests have been validated before, and events of clients must not poison a run.
 */
export function makeStateDetails(given: Partial<StateDetails> = {}): StateDetails {
  return {
    flow_run_id: given.flow_run_id ?? null,
    task_run_id: given.task_run_id ?? null,
    child_flow_run_id: given.child_flow_run_id ?? null,
    scheduled_time: canonicalTime(given.scheduled_time),
    cache_key: given.cache_key ?? null,
    cache_expiration: canonicalTime(given.cache_expiration),
    // null is a value of its own here: clients may send it, and get it back.
    deferred: given.deferred === undefined ? false : given.deferred,
    untrackable_result: given.untrackable_result ?? false,
    pause_timeout: canonicalTime(given.pause_timeout),
    pause_reschedule: given.pause_reschedule ?? false,
    pause_key: given.pause_key ?? null,
    run_input_keyset: given.run_input_keyset ?? null,
    refresh_cache: given.refresh_cache ?? null,
    retriable: given.retriable ?? null,
    transition_id: given.transition_id ?? null,
    task_parameters_id: given.task_parameters_id ?? null,
    traceparent: given.traceparent ?? null,
    deployment_concurrency_lease_id: given.deployment_concurrency_lease_id ?? null,
  }
}

/**
 * Turns a proposal into a state: id and timestamp are the server's, an absent name is that of the type,
 * and a SCHEDULED state without a scheduled time is due now.
 */
export function makeState(proposed: ProposedState, given: { id: string; nowUs: number }): State {
  const details = makeStateDetails(proposed.details ?? {})
  if (proposed.type === 'SCHEDULED') details.scheduled_time ??= formatIso(given.nowUs)
  return {
    id: given.id,
    type: proposed.type,
    name: proposed.name ?? defaultStateName(proposed.type),
    timestampUs: given.nowUs,
    message: proposed.message ?? null,
    data: proposed.data ?? null,
    details,
  }
}

export function stateToWire(state: State): WireState {
  return {
    id: state.id,
    type: state.type,
    name: state.name,
    timestamp: formatIso(state.timestampUs),
    message: state.message,
    data: state.data,
    state_details: state.details,
  }
}

export function stateToJson(state: State): string {
  return JSON.stringify(stateToWire(state))
}

/** When the state is to begin, in microseconds; undefined unless it has a scheduled time. */
export function scheduledTimeUs(state: State | null): number | undefined {
  const text = state?.details.scheduled_time
  return text == null ? undefined : parseIso(text)
}

/** True when a state's data describes a result that can be read again. */
export function isPersistedResult(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false
  return (data as { type?: unknown }).type !== 'unpersisted'
}

function canonicalTime(text: unknown): string | null {
  const us = typeof text === 'string' ? parseIso(text) : undefined
  return us === undefined ? null : formatIso(us)
}
