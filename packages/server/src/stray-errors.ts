import { AsyncLocalStorage } from 'node:async_hooks'

/** Ends what an error belongs to: the answer of a request, a connection. */
export interface ErrorScope {
  fail(): void
}

/**
 * In whose name code runs: a request's handler and whatever it starts (timers, promises that nobody awaits). An error that
 * escapes from there ends that request and nothing else.
 */
export const errorScope = new AsyncLocalStorage<ErrorScope>()

/**
 * Whether the process may go on after an error that nothing caught. A fault in the code of one request or connection leaves the
 * others as they were, and stopping would cut all of them off; a broken assertion says that shared state is not what the code
 * relies on.
 */
export function breaksInvariant(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'ERR_ASSERTION'
}
