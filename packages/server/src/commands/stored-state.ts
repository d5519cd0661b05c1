import { stateToWire, type State, type WireState } from '@spillway/core/domain/state'
import { parseIso } from '@spillway/core/wire/time'
import { parseExactJson } from '@spillway/core/wire/exact-json'
import { storeResult, type ResultOwner } from './state-results.ts'
import type { Tx } from '../storage/port.ts'

/** A state as it stands in the `state` column, read back. */
export function parseState(json: string | null): State | null {
  if (json === null) return null
  const { id, type, name, timestamp, message, data, state_details } = parseExactJson(json) as WireState
  return { id, type, name, timestampUs: parseIso(timestamp) ?? 0, message, data, details: state_details }
}

export interface WrittenState {
  /** The state's JSON as it is stored in the run and in the history. */
  stored: string
  /** The same for the answer to whoever proposed it: unpersisted data is given back once, but not kept. */
  answered: string
  artifactId: string | null
}

/** Keeps the data of a state that is about to be written and gives the state's JSON. */
export async function writeResult(tx: Tx, state: State, owner: ResultOwner): Promise<WrittenState> {
  const { data, artifactId } = await storeResult(tx, state.data, owner)
  const wire = stateToWire(state)
  const stored = JSON.stringify(data === wire.data ? wire : { ...wire, data })
  const isGivenBack = artifactId === null && state.data !== null
  return { stored, answered: isGivenBack ? JSON.stringify(wire) : stored, artifactId }
}
