/** What a secret value is shown as, whatever its length or type. */
export const OBFUSCATED = '********'

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads what stands at a path of keys, a whole object too: a secret may be one, and is covered whole. */
function valueAt(data: unknown, path: readonly string[]): unknown {
  let value = data
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}

function replaceAt(data: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [key, ...rest] = path as [string, ...string[]]
  const inner = data[key]
  return { ...data, [key]: rest.length === 0 ? value : replaceAt(isObject(inner) ? inner : {}, rest, value) }
}

/** Replaces every leaf for which `replace` gives something else; objects without members are leaves. */
function mapLeaves(
  data: JsonObject,
  replace: (leaf: unknown, path: readonly string[]) => unknown,
  path: readonly string[] = [],
): JsonObject {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const at = [...path, key]
      const isBranch = isObject(value) && Object.keys(value).length > 0
      return [key, isBranch ? mapLeaves(value, replace, at) : replace(value, at)]
    }),
  )
}

/** What stands before the `*` of a path, or undefined when it has none. */
function prefixBeforeWildcard(path: readonly string[]): readonly string[] | undefined {
  const wildcard = path.indexOf('*')
  return wildcard < 0 ? undefined : path.slice(0, wildcard)
}

function isUnder(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((key, index) => path[index] === key)
}

/**
 * A block's data with its secrets covered.
 *
 * @param secretFields paths with dots, from the block schema; a `*` stands for everything under what comes before it.
 *   A value that is null stays null, except under a `*`.
 */
export function obfuscateSecrets(data: JsonObject, secretFields: readonly string[]): JsonObject {
  let covered = data
  for (const field of secretFields) {
    const path = field.split('.')
    const prefix = prefixBeforeWildcard(path)
    if (valueAt(covered, path) != null) {
      covered = replaceAt(covered, path, OBFUSCATED)
    } else if (prefix) {
      covered = mapLeaves(covered, (leaf, at) => (isUnder(at, prefix) ? OBFUSCATED : leaf))
    }
  }
  return covered
}

/**
 * The data of an update in which covered secrets are the stored ones again: whoever sends back what they were shown
 * does not mean to change it. A covered value under a `*` that was never stored stays as it was sent.
 */
export function restoreSecrets(update: JsonObject, stored: JsonObject, secretFields: readonly string[]): JsonObject {
  let restored = update
  for (const field of secretFields) {
    const path = field.split('.')
    const prefix = prefixBeforeWildcard(path)
    const secret = valueAt(stored, path)
    if (secret != null) {
      if (valueAt(restored, path) === OBFUSCATED) restored = replaceAt(restored, path, secret)
    } else if (prefix) {
      restored = mapLeaves(restored, (leaf, at) => {
        if (leaf !== OBFUSCATED || !isUnder(at, prefix)) return leaf
        const storedLeaf = valueAt(stored, at)
        return storedLeaf === undefined ? leaf : storedLeaf
      })
    }
  }
  return restored
}
