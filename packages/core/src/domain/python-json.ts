import { exactNumber } from '../wire/exact-json.ts'

/** A number that keeps how it was written, because Python tells `1.0` from `1` and JavaScript does not. */
export class WrittenNumber {
  readonly value: number
  readonly source: string

  constructor(value: number, source: string) {
    this.value = value
    this.source = source
  }
}

type ReviverContext = { source?: string }

/** Parses JSON, keeping the written form of numbers with a fraction or exponent as `WrittenNumber`; other large ones become a `bigint`. */
export function parseKeepingNumbers(json: string): unknown {
  const revive = (_key: string, value: unknown, context?: ReviverContext): unknown => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined) return value
    if (/[.eE]/.test(source)) return new WrittenNumber(value, source)
    return exactNumber(value, source)
  }
  return JSON.parse(json, revive as (key: string, value: unknown) => unknown)
}

const DEPTH_MAX = 200

/**
 * JSON as Python's `json.dumps(value, sort_keys=True)` writes it: keys sorted by code point, `, ` and `: ` between
 * members, everything beyond ASCII escaped. This is the text that clients and server hash.
 *
 * @throws {RangeError} when the value nests deeper than 200 levels
 */
export function pythonCanonicalJson(value: unknown, depth = 0): string {
  if (depth > DEPTH_MAX) throw new RangeError(`JSON nests deeper than ${DEPTH_MAX} levels`)
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number') return pythonNumber(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return asciiString(value)
  if (value instanceof WrittenNumber) return pythonFloat(value.value)
  if (Array.isArray(value)) return `[${value.map((item) => pythonCanonicalJson(item, depth + 1)).join(', ')}]`
  const members = Object.entries(value as object)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([key, member]) => `${asciiString(key)}: ${pythonCanonicalJson(member, depth + 1)}`)
  return `{${members.join(', ')}}`
}

/** Python orders by code point; JavaScript's `<` orders by UTF-16 unit, which differs beyond the basic plane. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left === right) continue
    const isPair = (unit: number) => unit >= 0xd800 && unit <= 0xdfff
    return isPair(left) === isPair(right) ? left - right : isPair(left) ? 1 : -1
  }
  return a.length - b.length
}

function asciiString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function pythonNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : pythonFloat(value)
}

/** Python's shortest form of a float: exponents from 1e16 up and below 1e-4, two digits at least in the exponent. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = String(value)
  return text.includes('.') ? text : `${text}.0`
}
