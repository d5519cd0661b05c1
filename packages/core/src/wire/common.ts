import {
  any,
  anyOf,
  boolean,
  dict,
  enumOf,
  float,
  integer,
  jsonObject,
  list,
  mayBeAbsent,
  model,
  optional,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

/** Names of things that have a page of their own. */
export const Name = text({ pattern: '^[^/%&><]+$' })

/** Labels: free keys, plain values. */
export const KeyValueLabels = dict(
  anyOf([boolean({ strict: true }), integer({ strict: true }), float({ strict: true }), text()]),
)
export type KeyValueLabels = Static<typeof KeyValueLabels>

export const CreatedBy = model('CreatedBy', {
  id: optional(uuid()),
  type: optional(text()),
  display_value: optional(text()),
})
export type CreatedBy = Static<typeof CreatedBy>

export const ValidationError = model('ValidationError', {
  loc: list(anyOf([text(), integer()])),
  msg: text(),
  type: text(),
  input: mayBeAbsent(any()),
  ctx: mayBeAbsent(jsonObject()),
})
export type ValidationError = Static<typeof ValidationError>

export const HTTPValidationError = model('HTTPValidationError', {
  detail: mayBeAbsent(list(ValidationError)),
})
export type HTTPValidationError = Static<typeof HTTPValidationError>

export const Operator = enumOf('Operator', ['and_', 'or_'])
export type Operator = Static<typeof Operator>

export const UpdatedBy = model('UpdatedBy', {
  id: optional(uuid()),
  type: optional(text()),
  display_value: optional(text()),
})
export type UpdatedBy = Static<typeof UpdatedBy>
