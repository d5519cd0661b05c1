import type { ValidationError } from '@spillway/core/wire/validate'

/** What the real Prefect made of a body. */
export type RecordedAnswer =
  | { readonly value: unknown }
  | { readonly errors: readonly Omit<ValidationError, 'input'>[] }
  | { readonly raised: string }

/** A line of validation-cases.json. */
export type RecordedCase = readonly [operation: string, body: unknown, answer: RecordedAnswer]

/** A value without members that are null. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null)
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]))
}
