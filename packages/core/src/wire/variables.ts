import { variableNameFault, variableValueFault } from './field-checks.ts'
import { VariableFilter } from './filters/variables.ts'
import {
  absentIsNull,
  any,
  anyOf,
  bodyParameters,
  boolean,
  dateTime,
  emptyList,
  enumOf,
  float,
  integer,
  jsonObject,
  list,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

/** Any JSON value. */
export const VariableValue = nullable(
  anyOf([
    text({ strict: true }),
    integer({ strict: true }),
    boolean({ strict: true }),
    float({ strict: true }),
    jsonObject(),
    list(any()),
  ]),
)

export const VariableSort = enumOf('VariableSort', ['CREATED_DESC', 'UPDATED_DESC', 'NAME_DESC', 'NAME_ASC'])
export type VariableSort = Static<typeof VariableSort>

export const Variable = model('Variable', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  name: text({ maxLength: 255 }),
  value: VariableValue,
  tags: list(text(), { makeDefault: emptyList }),
})
export type Variable = Static<typeof Variable>

export const VariableCreate = strictModel('VariableCreate', {
  name: text({ maxLength: 255, countsItems: true, check: variableNameFault }),
  value: withOptions(VariableValue, { beforeCheck: variableValueFault }),
  tags: list(text(), { makeDefault: emptyList }),
})
export type VariableCreate = Static<typeof VariableCreate>

export const VariableUpdate = strictModel('VariableUpdate', {
  name: optional(text({ maxLength: 255, countsItems: true, check: variableNameFault })),
  value: withOptions(VariableValue, { default: null, beforeCheck: variableValueFault }),
  tags: optional(list(text())),
})
export type VariableUpdate = Static<typeof VariableUpdate>

export const CountVariablesBody = bodyParameters('Body_count_variables_variables_count_post', {
  variables: optional(VariableFilter),
})
export type CountVariablesBody = Static<typeof CountVariablesBody>

export const ReadVariablesBody = bodyParameters('Body_read_variables_variables_filter_post', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
  variables: optional(VariableFilter),
  sort: withOptions(VariableSort, { default: 'NAME_ASC' }),
})
export type ReadVariablesBody = Static<typeof ReadVariablesBody>

export * from './filters/variables.ts'
