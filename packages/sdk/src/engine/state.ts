import { defaultStateName, isTerminal, type StateDetails, type StateType } from '@spillway/core/domain/state'
import { newUuid7 } from '@spillway/core/wire/ids'
import { CancelledRunError, CrashedRunError, FailedRunError } from '../errors.ts'
import type { ResultMetadata } from './result-record.ts'
import { maskSecrets } from './secret.ts'

/** A state of a run, as this side knows it. */
export interface State {
  readonly id: string
  readonly type: StateType
  readonly name: string
  readonly message: string | null
  readonly timestampUs: number
  /** Only members that were set. */
  readonly details: Partial<StateDetails>
  /** Where the result lies, when it was kept. */
  readonly data: ResultMetadata | null
}

export interface NewState {
  readonly type: StateType
  readonly name?: string | undefined
  readonly message?: string | null
  readonly details?: Partial<StateDetails>
  readonly data?: ResultMetadata | null
}

export function makeState(given: NewState, nowUs: number): State {
  return {
    // Ids that rise with time: a server's indexes of them stay small where they are written.
    id: newUuid7(Date.now()),
    type: given.type,
    name: given.name ?? defaultStateName(given.type),
    message: given.message == null ? null : maskSecrets(given.message),
    timestampUs: nowUs,
    details: given.details ?? {},
    data: given.data ?? null,
  }
}

/** What a run came to: its last state with the value, or with the error. */
export type Outcome<T> =
  | { readonly state: State; readonly ok: true; readonly value: T }
  | { readonly state: State; readonly ok: false; readonly error: Error }

/** A state that user code returns to say what its run came to, instead of a value. */
export class ReturnedState {
  readonly state: NewState

  constructor(state: NewState) {
    this.state = state
  }
}

/** Returned from a flow or task: it completed, under a name of its own if you like. */
export function Completed(message?: string, options: { name?: string } = {}): ReturnedState {
  return new ReturnedState({ type: 'COMPLETED', message: message ?? null, name: options.name })
}

/** Returned from a flow or task: it failed. */
export function Failed(message?: string, options: { name?: string } = {}): ReturnedState {
  return new ReturnedState({ type: 'FAILED', message: message ?? null, name: options.name })
}

/** Returned from a flow or task: it was cancelled. */
export function Cancelled(message?: string, options: { name?: string } = {}): ReturnedState {
  return new ReturnedState({ type: 'CANCELLED', message: message ?? null, name: options.name })
}

/** Whether a run in this state is over. Takes states of this package and of the API. */
export function isFinal(state: Pick<State, 'type'>): boolean {
  return isTerminal(state.type)
}

/** Whether a run in this state is over and did what it should, under whatever name. */
export function isCompleted(state: Pick<State, 'type'>): boolean {
  return state.type === 'COMPLETED'
}

/**
 * For what `runWithState()`, `outcome()` and the like give without throwing.
 *
 * @returns the value of a run that completed
 * @throws the error of one that did not; of a mere state {FailedRunError}
 */
export function raiseOnFailure<T>(outcome: Outcome<T>): T
export function raiseOnFailure(state: Pick<State, 'type' | 'name' | 'message'>): void
export function raiseOnFailure<T>(given: Outcome<T> | Pick<State, 'type' | 'name' | 'message'>): T | undefined {
  if (!('ok' in given)) {
    if (isFinal(given) && !isCompleted(given)) throw errorOfState(given, 'the run')
    return undefined
  }
  if (given.ok) return given.value
  throw given.error
}

/** The error of a state that is known only by its record. */
export function errorOfState({ type, name, message }: Pick<State, 'type' | 'name' | 'message'>, what: string): FailedRunError {
  const Class = type === 'CRASHED' ? CrashedRunError : type === 'CANCELLED' || type === 'CANCELLING' ? CancelledRunError : FailedRunError
  return new Class({ type, name, message }, what)
}

/**
 * What a flow that returns states comes to, in Prefect's words: cancelled if one was, completed if all were, and else
 * failed.
 */
export function aggregateState(states: readonly Pick<State, 'type'>[]): NewState {
  const count = (type: StateType): number => states.filter((state) => state.type === type).length
  if (count('CANCELLED') > 0) return { type: 'CANCELLED', message: `${count('CANCELLED')}/${states.length} states cancelled.` }
  if (count('COMPLETED') === states.length) return { type: 'COMPLETED', message: 'All states completed.' }
  const failed = states.length - count('COMPLETED')
  return { type: 'FAILED', message: `${failed}/${states.length} states failed.` }
}
