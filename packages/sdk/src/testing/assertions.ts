import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Outcome } from '../engine/state.ts'
import type { SeenEvent } from './run-flow.ts'

type Run<R> = Outcome<R> | { readonly outcome: Outcome<R> }

/** The run has completed. @returns its value. @throws {AssertionError} with the error that it ended with */
export function assertCompleted<R>(run: Run<R>): R {
  const outcome = outcomeOf(run)
  if (outcome.ok) return outcome.value
  throw new assert.AssertionError({ message: `the run did not complete, but ended ${outcome.state.name}: ${inspect(outcome.error)}`, actual: outcome.state.name, expected: 'Completed' })
}

/** The run has not completed. @param message what its error says. @returns the error. */
export function assertFailed(run: Run<unknown>, message?: string | RegExp): Error {
  const outcome = outcomeOf(run)
  if (outcome.ok) throw new assert.AssertionError({ message: `the run completed with ${inspect(outcome.value)}`, actual: outcome.state.name, expected: 'Failed' })
  if (message instanceof RegExp) assert.match(outcome.error.message, message)
  else if (message !== undefined) assert.equal(outcome.error.message, message)
  return outcome.error
}

/** An event of that name was emitted. @param payload members that its payload has. @returns the first one. */
export function assertEvent(run: { readonly events: readonly SeenEvent[] }, name: string, payload: Readonly<Record<string, unknown>> = {}): SeenEvent {
  const named = run.events.filter(({ event }) => event === name)
  const found = named.find((event) => Object.entries(payload).every(([key, value]) => inspect(event.payload[key]) === inspect(value)))
  if (found) return found
  const there = named.length > 0 ? `those of the name have ${inspect(named.map((event) => event.payload))}` : `there are ${[...new Set(run.events.map(({ event }) => event))].join(', ') || 'none'}`
  throw new assert.AssertionError({ message: `there is no event '${name}' with ${inspect(payload)}; ${there}` })
}

function outcomeOf<R>(run: Run<R>): Outcome<R> {
  return 'outcome' in run ? run.outcome : run
}
