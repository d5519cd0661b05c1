/** A whole number of so many digits may be one that a double cannot hold. */
const LONG_DIGITS = 16
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
  return holdsLongNumber(text) ? JSON.parse(text, keepWhole as (key: string, value: unknown) => unknown) : JSON.parse(text)
}

/**
 * Whether there are 16 digits in a row where a number can begin; a string may hold the same by chance. Not an expression: on a long text
 * with many short numbers V8 gives its fast engine up for one that takes a hundred times as long. Only every 16th character is looked at.
 */
function holdsLongNumber(text: string): boolean {
  for (let at = LONG_DIGITS - 1; at < text.length; at += LONG_DIGITS) {
    if (!isDigit(text, at)) continue
    let start = at
    while (isDigit(text, start - 1) && at - start < LONG_DIGITS) start -= 1
    let end = at + 1
    while (isDigit(text, end)) end += 1
    if (end - start >= LONG_DIGITS && numberMayBegin(text, text[start - 1] === '-' ? start - 1 : start)) return true
    at = end - 1
  }
  return false
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

function numberMayBegin(text: string, at: number): boolean {
  return at === 0 || '[:, \t\n\r'.includes(text[at - 1]!)
}

function keepWhole(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? exactNumber(value, context.source) : value
}

/** A number as it was written: a whole one that a double cannot hold as `bigint`. */
export function exactNumber(value: number, source: string): number | bigint {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && WHOLE.test(source) ? BigInt(source) : value
}
