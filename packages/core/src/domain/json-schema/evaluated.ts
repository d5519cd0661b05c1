import { compilePattern } from './formats.ts'
import { isJsonObject, type JsonObject } from './json-types.ts'
import type { Validation } from './validator.ts'

/** Schemas that apply to the same value as the one that has them, and hold for it. */
function schemasInPlace(instance: unknown, schema: JsonObject, { isValid, resolve }: Validation): unknown[] {
  const inPlace: unknown[] = []
  for (const keyword of ['$ref', '$dynamicRef']) {
    const reference = schema[keyword]
    if (typeof reference === 'string') inPlace.push(resolve(reference))
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const choices = schema[keyword]
    if (Array.isArray(choices)) inPlace.push(...choices.filter((one) => isValid(instance, one)))
  }
  if (schema['if'] !== undefined) {
    const holds = isValid(instance, schema['if'])
    if (holds) inPlace.push(schema['if'])
    const branch = schema[holds ? 'then' : 'else']
    if (branch !== undefined) inPlace.push(branch)
  }
  const dependent = schema['dependentSchemas']
  if (isJsonObject(dependent) && isJsonObject(instance)) {
    inPlace.push(
      ...Object.entries(dependent)
        .filter(([key]) => Object.hasOwn(instance, key))
        .map(([, one]) => one),
    )
  }
  return inPlace
}

/** The keys of an object that some keyword of the schema, or of a schema in place, has looked at. */
export function evaluatedProperties(instance: JsonObject, schema: unknown, validation: Validation): Set<string> {
  const seen = new Set<string>()
  if (!isJsonObject(schema)) return seen
  const keys = Object.keys(instance)
  const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema
  if (isJsonObject(properties)) for (const key of keys) if (Object.hasOwn(properties, key)) seen.add(key)
  if (isJsonObject(patternProperties)) {
    for (const pattern of Object.keys(patternProperties)) {
      for (const key of keys) if (compilePattern(pattern)?.test(key)) seen.add(key)
    }
  }
  const takesRest =
    additionalProperties !== undefined || (unevaluatedProperties !== undefined && unevaluatedProperties !== false)
  if (takesRest) for (const key of keys) seen.add(key)
  for (const inner of schemasInPlace(instance, schema, validation)) {
    for (const key of evaluatedProperties(instance, inner, validation)) seen.add(key)
  }
  return seen
}

/** The indexes of a list that some keyword of the schema, or of a schema in place, has looked at. */
export function evaluatedItems(instance: readonly unknown[], schema: unknown, validation: Validation): Set<number> {
  const seen = new Set<number>()
  if (!isJsonObject(schema)) return seen
  const { prefixItems, items, contains, unevaluatedItems } = schema
  const takesRest = items !== undefined || (unevaluatedItems !== undefined && unevaluatedItems !== false)
  for (const [index, item] of instance.entries()) {
    const inPrefix = Array.isArray(prefixItems) && index < prefixItems.length
    const isContained = contains !== undefined && validation.isValid(item, contains)
    if (inPrefix || takesRest || isContained) seen.add(index)
  }
  for (const inner of schemasInPlace(instance, schema, validation)) {
    for (const index of evaluatedItems(instance, inner, validation)) seen.add(index)
  }
  return seen
}
