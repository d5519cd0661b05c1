import { isUuid } from '../../wire/ids.ts'
import { parseIso } from '../../wire/time.ts'

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && parseIso(text) !== undefined
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2 || text.includes(':::')) return false
  const parts = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = parts.at(-1)
  const groups = last !== undefined && IPV4.test(last) ? [...parts.slice(0, -1), '0', '0'] : parts
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  return halves.length === 2 ? groups.length < 8 : groups.length === 8
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: isUuid,
  'date-time': isDateTime,
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && parseIso(text) !== undefined,
  time: (text) => isDateTime(`1970-01-01T${text}`),
  email: (text) => text.includes('@'),
  'idn-email': (text) => text.includes('@'),
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  regex: (text) => compilePattern(text) !== undefined,
}

/** Whether a text has a format; formats that are not known fit everything. */
export function hasFormat(text: string, format: string): boolean {
  return !Object.hasOwn(FORMATS, format) || FORMATS[format]!(text)
}

const PATTERNS_MAX = 500
const patterns = new Map<string, RegExp | undefined>()

/** Compiles a pattern written for Python, or gives undefined when it cannot be read. */
export function compilePattern(pattern: string): RegExp | undefined {
  if (patterns.has(pattern)) return patterns.get(pattern)
  const compiled = tryPattern(pattern)
  if (patterns.size >= PATTERNS_MAX) patterns.clear()
  patterns.set(pattern, compiled)
  return compiled
}

function tryPattern(pattern: string): RegExp | undefined {
  const translated = pattern
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '^')
    .replaceAll('\\Z', '$')
  // Without the flag the syntax is nearer to Python's, and a runtime that may can match in linear time.
  const needsUnicode = /\\[pP]\{|\\u\{|[\ud800-\udfff]/.test(translated)
  try {
    return new RegExp(translated, needsUnicode ? 'u' : '')
  } catch {
    // Not a pattern.
  }
  return undefined
}
