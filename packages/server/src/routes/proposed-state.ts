import type { ProposedState } from '@spillway/core/domain/state'
import type { StateCreate } from '@spillway/core/wire/states'

/** A StateCreate as the rules take it. */
export function proposedState(state: StateCreate): ProposedState {
  const { type, name, message, data, state_details } = state
  return { type, name, message, data, details: state_details }
}
