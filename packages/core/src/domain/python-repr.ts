import { isJsonObject } from './json-schema/json-types.ts'
import { pythonFloat } from './python-json.ts'

const REPR_LENGTH_MAX = 20_000

/**
 * A JSON value as Python prints it inside messages: `'text'`, `True`, `None`, `[1, 'a']`, `{'key': 1.5}`.
 * What is longer than 20,000 characters is cut.
 */
export function pythonRepr(value: unknown): string {
  const parts: string[] = []
  let length = 0
  const write = (text: string) => {
    parts.push(text)
    length += text.length
  }
  const visit = (item: unknown): void => {
    if (length > REPR_LENGTH_MAX) return
    if (Array.isArray(item)) {
      write('[')
      for (const [index, member] of item.entries()) {
        if (index > 0) write(', ')
        visit(member)
        if (length > REPR_LENGTH_MAX) break
      }
      write(']')
    } else if (isJsonObject(item)) {
      write('{')
      let first = true
      for (const [key, member] of Object.entries(item)) {
        write(first ? '' : ', ')
        first = false
        write(`${reprString(key)}: `)
        visit(member)
        if (length > REPR_LENGTH_MAX) break
      }
      write('}')
    } else {
      write(reprScalar(item))
    }
  }
  visit(value)
  const text = parts.join('')
  return text.length > REPR_LENGTH_MAX ? `${text.slice(0, REPR_LENGTH_MAX)}...` : text
}

function reprScalar(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return reprString(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') {
    return Number.isInteger(value) && Math.abs(value) < 1e21 && !Object.is(value, -0)
      ? integerText(value)
      : pythonFloat(value)
  }
  return '<value>'
}

function integerText(value: number): string {
  // Beyond 2^53 a number came most likely as a float in exponent form, which Python prints that way.
  return Number.isSafeInteger(value) ? String(value) : Math.abs(value) >= 1e16 ? pythonFloat(value) : String(value)
}

const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/gu
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text in quotes: single ones, unless only single ones occur in it. */
export function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(NOT_PRINTABLE, (character) => (character === ' ' ? character : escapeCharacter(character)))
  return quote + escaped + quote
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0)!
  const hex = code.toString(16)
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
