import type { Difference } from './compare.ts'
import { pathMatches } from './field-path.ts'

/** A difference from the real server that is meant. Each is told to users in docs/differences.md or is invisible to them. */
export type KnownDifference = {
  /** Pattern of `METHOD /path …` as recordings name calls. */
  call: RegExp
  /** `status`, `headers.<name>` or a path that starts with `body`; `*` is one step, `**` any number. */
  field: string
  /** When given, only answers with this expected status are excused. */
  expectedStatus?: number
  /** When given, only this value of ours is excused. */
  actual?: unknown
  reason: string
}

export const knownDifferences: KnownDifference[] = [
  {
    call: /^/,
    field: '**',
    expectedStatus: 500,
    reason: 'Prefect fails inside with 500 here; any answer below 500 that says what is wrong is better',
  },
]

/** The entry that excuses a difference, if there is one. A 5xx of ours is never excused. */
export function findKnown(
  call: string,
  difference: Difference,
  status: { expected: number; actual: number },
): KnownDifference | undefined {
  if (status.actual >= 500 || status.actual === 0) return undefined
  return knownDifferences.find((known) => {
    if (!known.call.test(call) || !pathMatches(difference.field, known.field)) return false
    if (known.expectedStatus !== undefined && known.expectedStatus !== status.expected) return false
    return known.actual === undefined || known.actual === difference.actual
  })
}
