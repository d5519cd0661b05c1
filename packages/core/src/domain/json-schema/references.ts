import { pythonRepr } from '../python-repr.ts'
import { isJsonObject } from './json-types.ts'
import { UnresolvableReferenceError } from './schema-error.ts'

/**
 * Finds what a local reference points at: `#`, `#/definitions/Name` or any other JSON pointer, or an anchor.
 *
 * @throws {UnresolvableReferenceError} for pointers to nowhere, and for every reference out of the schema
 */
export function resolveReference(root: unknown, reference: string): unknown {
  if (reference === '#' || reference === '') return root
  if (!reference.startsWith('#')) throw new UnresolvableReferenceError(`Unresolvable: ${reference}`)
  const fragment = decode(reference.slice(1))
  if (!fragment.startsWith('/')) {
    const anchored = findAnchor(root, fragment, 0)
    if (anchored === undefined)
      throw new UnresolvableReferenceError(`NoSuchAnchor: ${pythonRepr(fragment)} does not exist`)
    return anchored
  }
  let target = root
  for (const part of fragment.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const isThere = Array.isArray(target)
      ? /^\d+$/.test(key) && Number(key) < target.length
      : isJsonObject(target) && Object.hasOwn(target, key)
    if (!isThere) {
      throw new UnresolvableReferenceError(
        `PointerToNowhere: ${pythonRepr(fragment)} does not exist within ${pythonRepr(root)}`,
      )
    }
    target = (target as Record<string, unknown>)[key]
  }
  return target
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

const DEPTH_MAX = 100

function findAnchor(schema: unknown, anchor: string, depth: number): unknown {
  if (depth > DEPTH_MAX) return undefined
  if (Array.isArray(schema)) return firstDefined(schema, (item) => findAnchor(item, anchor, depth + 1))
  if (!isJsonObject(schema)) return undefined
  if (schema['$anchor'] === anchor || schema['$dynamicAnchor'] === anchor) return schema
  return firstDefined(Object.values(schema), (item) => findAnchor(item, anchor, depth + 1))
}

function firstDefined<T>(items: readonly T[], pick: (item: T) => unknown): unknown {
  for (const item of items) {
    const found = pick(item)
    if (found !== undefined) return found
  }
  return undefined
}
