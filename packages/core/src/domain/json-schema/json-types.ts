export type JsonObject = Readonly<Record<string, unknown>>

/** The JSON type of a value, or undefined for what cannot stand in JSON. */
export function jsonTypeOf(value: unknown): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | undefined {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'string':
      return typeof value as 'boolean'
    case 'object': {
      // Objects of a class stand for values that are not there.
      const prototype: unknown = Object.getPrototypeOf(value)
      return prototype === Object.prototype || prototype === null ? 'object' : undefined
    }
    default:
      return undefined
  }
}

/** Whether a value has a type of JSON Schema; a number without a fraction is an integer, however it was written. */
export function matchesType(value: unknown, type: string): boolean {
  const actual = jsonTypeOf(value)
  return type === 'integer' ? actual === 'number' && Number.isInteger(value) : actual === type
}

/** A value with numbers that a double cannot hold rounded, which is near enough to check them against a schema. */
export function withRoundedNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(withRoundedNumbers)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withRoundedNumbers(member)]))
}

export function isJsonObject(value: unknown): value is JsonObject {
  return jsonTypeOf(value) === 'object'
}

/** Whether two JSON values are the same; `true` is not 1. */
export function jsonEquals(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => jsonEquals(item, b[index]))
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key], b[key]))
  )
}
