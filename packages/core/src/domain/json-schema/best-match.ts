import { jsonTypeOf, matchesType } from './json-types.ts'
import type { PathPart, SchemaError } from './schema-error.ts'

/** An error and where its value stands from the root. */
export interface LocatedError {
  error: SchemaError
  path: readonly PathPart[]
}

/**
 * The error that tells most: one near the root before one deep inside, and of the branches of `anyOf` and `oneOf` the
 * one that came nearest to fitting. Chooses as Python's jsonschema does, so that messages agree.
 */
export function bestMatch(errors: readonly SchemaError[]): LocatedError | undefined {
  let best: SchemaError | undefined
  for (const error of errors) if (!best || compareRelevance(error, best) > 0) best = error
  if (!best) return undefined
  const path = [...best.path]
  while (best.context.length > 0) {
    const [least, next] = twoLeast(best.context)
    // Branches that are equally far away say nothing about which was meant.
    if (next && compareRelevance(least, next) === 0) break
    best = least
    path.push(...best.path)
  }
  return { error: best, path }
}

function twoLeast(errors: readonly SchemaError[]): [SchemaError, SchemaError | undefined] {
  let least = errors[0]!
  let next: SchemaError | undefined
  for (const error of errors.slice(1)) {
    if (compareRelevance(error, least) < 0) {
      next = least
      least = error
    } else if (!next || compareRelevance(error, next) < 0) {
      next = error
    }
  }
  return [least, next]
}

/** Positive when `a` is more relevant: it is less deep, later among its siblings, no mere choice, of another type. */
function compareRelevance(a: SchemaError, b: SchemaError): number {
  return (
    b.path.length - a.path.length ||
    comparePaths(a.path, b.path) ||
    Number(!isChoice(a)) - Number(!isChoice(b)) ||
    Number(!hasExpectedType(a)) - Number(!hasExpectedType(b))
  )
}

function comparePaths(a: readonly PathPart[], b: readonly PathPart[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (part === other) continue
    if (typeof part !== typeof other) return typeof part === 'number' ? -1 : 1
    return part < other ? -1 : 1
  }
  return a.length - b.length
}

function isChoice(error: SchemaError): boolean {
  return error.keyword === 'anyOf' || error.keyword === 'oneOf'
}

function hasExpectedType({ schema, instance }: SchemaError): boolean {
  if (jsonTypeOf(schema) !== 'object') return false
  const { type } = schema as { type?: unknown }
  return [type].flat().some((one) => typeof one === 'string' && matchesType(instance, one))
}
