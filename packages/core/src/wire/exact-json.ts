/** Whole numbers of 16 digits and more, where only such a number can stand; texts may hold the same by chance. */
const LONG_NUMBER = /(?:^|[[:,])\s*-?\d{16,}/
const WHOLE = /^-?\d+$/

type RawJson = (text: string) => unknown

// Whoever writes JSON of parsed values writes these numbers too; without this, JSON.stringify throws. There is no other hook.
// oxlint-disable-next-line no-extend-native
Object.defineProperty(BigInt.prototype, 'toJSON', {
  value(this: bigint) {
    return (JSON as unknown as { rawJSON: RawJson }).rawJSON(this.toString())
  },
  writable: true,
  configurable: true,
})

/**
 * Parses JSON of users without changing their numbers: whole numbers that a double cannot hold become a `bigint`, which
 * `JSON.stringify` writes as it came. Ids and nanoseconds in parameters, variables and events are such numbers.
 *
 * @throws {SyntaxError}
 */
export function parseExactJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepWhole as (key: string, value: unknown) => unknown) : JSON.parse(text)
}

function keepWhole(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? exactNumber(value, context.source) : value
}

/** A number as it was written: a whole one that a double cannot hold as `bigint`. */
export function exactNumber(value: number, source: string): number | bigint {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && WHOLE.test(source) ? BigInt(source) : value
}
