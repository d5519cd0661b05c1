import {
  absentIsEmpty,
  any,
  anyOf,
  boolean,
  dateTime,
  dict,
  enumOf,
  float,
  integer,
  list,
  literal,
  mayBeAbsent,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

/** A state without a name is called after its type. */
function withStateName(state: { type: string; name: string | null }): object {
  if (state.name !== null && state.name !== undefined) return state
  const { type } = state
  return { ...state, name: type.charAt(0) + type.slice(1).toLowerCase() }
}

export const StateType = enumOf(
  'StateType',
  ['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED', 'CANCELLING'],
)
export type StateType = Static<typeof StateType>

export const HistoryResponseState = model('HistoryResponseState', {
  state_type: StateType,
  state_name: text(),
  count_runs: integer(),
  sum_estimated_run_time: float(),
  sum_estimated_lateness: float(),
})
export type HistoryResponseState = Static<typeof HistoryResponseState>

export const HistoryResponse = model('HistoryResponse', {
  interval_start: dateTime(),
  interval_end: dateTime(),
  states: list(HistoryResponseState),
})
export type HistoryResponse = Static<typeof HistoryResponse>

export const SetStateStatus = enumOf('SetStateStatus', ['ACCEPT', 'REJECT', 'ABORT', 'WAIT'])
export type SetStateStatus = Static<typeof SetStateStatus>

export const StateDetails = model('StateDetails', {
  flow_run_id: optional(uuid()),
  task_run_id: optional(uuid()),
  child_flow_run_id: optional(uuid()),
  scheduled_time: optional(dateTime()),
  cache_key: optional(text()),
  cache_expiration: optional(dateTime()),
  deferred: nullable(boolean(), { default: false }),
  untrackable_result: boolean({ default: false }),
  pause_timeout: optional(dateTime()),
  pause_reschedule: boolean({ default: false }),
  pause_key: optional(text()),
  run_input_keyset: optional(dict(text())),
  refresh_cache: optional(boolean()),
  retriable: optional(boolean()),
  transition_id: optional(uuid()),
  task_parameters_id: optional(uuid()),
  traceparent: optional(text()),
  deployment_concurrency_lease_id: optional(uuid()),
})
export type StateDetails = Static<typeof StateDetails>

export const State = model('State', {
  id: uuid(),
  type: StateType,
  name: optional(text()),
  timestamp: mayBeAbsent(dateTime()),
  message: optional(text()),
  data: optional(any()),
  state_details: absentIsEmpty(StateDetails),
})
export type State = Static<typeof State>

export const StateAbortDetails = model('StateAbortDetails', {
  type: literal(['abort_details'], { default: 'abort_details' }),
  reason: optional(text()),
})
export type StateAbortDetails = Static<typeof StateAbortDetails>

export const StateAcceptDetails = model('StateAcceptDetails', {
  type: literal(['accept_details'], { default: 'accept_details' }),
})
export type StateAcceptDetails = Static<typeof StateAcceptDetails>

export const StateRejectDetails = model('StateRejectDetails', {
  type: literal(['reject_details'], { default: 'reject_details' }),
  reason: optional(text()),
})
export type StateRejectDetails = Static<typeof StateRejectDetails>

export const StateWaitDetails = model('StateWaitDetails', {
  type: literal(['wait_details'], { default: 'wait_details' }),
  delay_seconds: integer(),
  reason: optional(text()),
})
export type StateWaitDetails = Static<typeof StateWaitDetails>

export const OrchestrationResult = model('OrchestrationResult', {
  state: nullable(State),
  status: SetStateStatus,
  details: anyOf([StateAcceptDetails, StateWaitDetails, StateRejectDetails, StateAbortDetails]),
})
export type OrchestrationResult = Static<typeof OrchestrationResult>

export const StateCreate = strictModel('StateCreate', {
  type: StateType,
  name: optional(text()),
  message: optional(text()),
  data: optional(any()),
  state_details: absentIsEmpty(StateDetails),
}, { after: withStateName })
export type StateCreate = Static<typeof StateCreate>
