import { counted, FAIL } from './check.ts'
import type { Check, Run } from './check.ts'

export interface TextLimits {
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly pattern?: string | undefined
  /** A text that is too long is told so in the words of a list. */
  readonly countsItems?: boolean | undefined
  /** Error for an input that is no text, where it is not the usual one. */
  readonly wrongType?: { readonly type: string; readonly msg: string } | undefined
}

/** Characters as pydantic counts them: code points, not UTF-16 units. */
function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

const NOT_TEXT = { type: 'string_type', msg: 'Input should be a valid string' }

/** Text; nothing else is turned into text. */
export function textCheck({ minLength, maxLength, pattern, countsItems, wrongType = NOT_TEXT }: TextLimits): Check {
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  const limited = minLength !== undefined || maxLength !== undefined || expression !== undefined
  const plain: Check = (value, run) => {
    if (typeof value !== 'string') return run.fail(wrongType.type, wrongType.msg, value)
    if (!value.isWellFormed()) {
      return run.fail(
        'string_unicode',
        'Input should be a valid string, unable to parse raw data as a unicode string',
        value.toWellFormed(),
      )
    }
    return value
  }
  if (!limited) return plain
  return (value, run) => {
    const text = plain(value, run)
    if (text === FAIL) return FAIL
    const given = text as string
    if (minLength !== undefined && given.length < minLength * 2 && codePoints(given) < minLength) {
      const msg = `String should have at least ${counted(minLength, 'character')}`
      return run.fail('string_too_short', msg, value, { min_length: minLength })
    }
    if (maxLength !== undefined && given.length > maxLength && codePoints(given) > maxLength) {
      if (countsItems) return tooManyItems(value, codePoints(given), maxLength, run)
      const msg = `String should have at most ${counted(maxLength, 'character')}`
      return run.fail('string_too_long', msg, value, { max_length: maxLength })
    }
    if (expression !== undefined && !expression.test(given)) {
      return run.fail('string_pattern_mismatch', `String should match pattern '${pattern}'`, value, { pattern })
    }
    return given
  }
}

function tooManyItems(value: unknown, count: number, max: number, run: Run): typeof FAIL {
  const msg = `Value should have at most ${counted(max, 'item')} after validation, not ${count}`
  return run.fail('too_long', msg, value, { field_type: 'Value', max_length: max, actual_length: count })
}

export interface NumberLimits {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMinimum?: number | undefined
  readonly exclusiveMaximum?: number | undefined
  readonly strict?: boolean | undefined
}

/** Applies bounds to what `inner` accepted. */
function bounded(inner: Check, limits: NumberLimits): Check {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits
  if ([minimum, maximum, exclusiveMinimum, exclusiveMaximum].every((limit) => limit === undefined)) return inner
  return (value, run) => {
    const number = inner(value, run)
    if (number === FAIL) return FAIL
    const given = number as number
    if (maximum !== undefined && !(given <= maximum)) {
      const msg = `Input should be less than or equal to ${maximum}`
      return run.fail('less_than_equal', msg, value, { le: maximum })
    }
    if (exclusiveMaximum !== undefined && !(given < exclusiveMaximum)) {
      return run.fail('less_than', `Input should be less than ${exclusiveMaximum}`, value, { lt: exclusiveMaximum })
    }
    if (minimum !== undefined && !(given >= minimum)) {
      const msg = `Input should be greater than or equal to ${minimum}`
      return run.fail('greater_than_equal', msg, value, { ge: minimum })
    }
    if (exclusiveMinimum !== undefined && !(given > exclusiveMinimum)) {
      const msg = `Input should be greater than ${exclusiveMinimum}`
      return run.fail('greater_than', msg, value, { gt: exclusiveMinimum })
    }
    return number
  }
}

const INTEGER_TEXT = /^[+-]?\d+(?:_\d+)*(?:\.0+)?$/
const NUMBER_TEXT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/
const INFINITY_TEXT = /^([+-]?)inf(?:inity)?$/i
const NAN_TEXT = /^[+-]?nan$/i
const INTEGER_BOUND = 2 ** 63

function integerFromText(text: string, value: unknown, run: Run): unknown {
  const trimmed = text.trim()
  if (!INTEGER_TEXT.test(trimmed)) {
    return run.fail('int_parsing', 'Input should be a valid integer, unable to parse string as an integer', value)
  }
  const number = Number(trimmed.replaceAll('_', ''))
  return Math.abs(number) < INTEGER_BOUND ? whole(number) : tooLarge(value, run)
}

function tooLarge(value: unknown, run: Run): typeof FAIL {
  const msg = 'Unable to parse input string as an integer, exceeded maximum size'
  return run.fail('int_parsing_size', msg, value)
}

/** Drops the sign of a negative zero. */
function whole(number: number): number {
  return number === 0 ? 0 : number
}

/** Whole numbers; text, booleans and floats without a fraction are taken unless `strict`. */
export function integerCheck(limits: NumberLimits): Check {
  // Where there is an upper bound it speaks for itself.
  const isSafe = (value: number): boolean => limits.maximum !== undefined || Math.abs(value) < INTEGER_BOUND
  return bounded((value, run) => {
    // A strict one is free data, such as a variable's value, and stays exact; others are compared and counted with.
    if (typeof value === 'bigint') return limits.strict ? value : isSafe(Number(value)) ? Number(value) : tooLarge(value, run)
    if (typeof value === 'number') {
      if (Number.isInteger(value)) return isSafe(value) ? whole(value) : tooLarge(value, run)
      if (limits.strict) return run.fail('int_type', 'Input should be a valid integer', value)
      if (!Number.isFinite(value)) return run.fail('finite_number', 'Input should be a finite number', value)
      return run.fail('int_from_float', 'Input should be a valid integer, got a number with a fractional part', value)
    }
    if (!limits.strict && typeof value === 'string') {
      run.coerced()
      return integerFromText(value, value, run)
    }
    if (!limits.strict && typeof value === 'boolean') {
      run.coerced()
      return value ? 1 : 0
    }
    return run.fail('int_type', 'Input should be a valid integer', value)
  }, limits)
}

function numberFromText(text: string): number | undefined {
  const trimmed = text.trim()
  if (NUMBER_TEXT.test(trimmed)) return Number(trimmed.replaceAll('_', ''))
  const infinity = INFINITY_TEXT.exec(trimmed)
  if (infinity) return infinity[1] === '-' ? -Infinity : Infinity
  return NAN_TEXT.test(trimmed) ? Number.NaN : undefined
}

/** Numbers; text and booleans are taken unless `strict`. */
export function numberCheck(limits: NumberLimits): Check {
  return bounded((given, run) => {
    const value = typeof given === 'bigint' ? Number(given) : given
    if (typeof value === 'number') {
      // JSON text does not tell 1 from 1.0 once parsed: a whole number counts as an int that was widened.
      if (Number.isInteger(value)) run.widened()
      return value
    }
    if (!limits.strict && typeof value === 'string') {
      run.coerced()
      const number = numberFromText(value)
      if (number !== undefined) return number
      return run.fail('float_parsing', 'Input should be a valid number, unable to parse string as a number', value)
    }
    if (!limits.strict && typeof value === 'boolean') {
      run.coerced()
      return value ? 1 : 0
    }
    return run.fail('float_type', 'Input should be a valid number', value)
  }, limits)
}

const TRUE_TEXT = new Set(['1', 'on', 't', 'true', 'y', 'yes'])
const FALSE_TEXT = new Set(['0', 'off', 'f', 'false', 'n', 'no'])

/** true and false; the usual words and 1/0 are taken unless `strict`. */
export function booleanCheck(strict: boolean): Check {
  return (value, run) => {
    if (typeof value === 'boolean') return value
    if (strict) return run.fail('bool_type', 'Input should be a valid boolean', value)
    run.coerced()
    if (typeof value === 'number') {
      if (value === 0) return false
      if (value === 1) return true
      const isPlain = Number.isInteger(value) && Math.abs(value) < INTEGER_BOUND
      if (!isPlain) return run.fail('bool_type', 'Input should be a valid boolean', value)
    } else if (typeof value === 'string') {
      const word = value.toLowerCase()
      if (TRUE_TEXT.has(word)) return true
      if (FALSE_TEXT.has(word)) return false
    } else {
      return run.fail('bool_type', 'Input should be a valid boolean', value)
    }
    return run.fail('bool_parsing', 'Input should be a valid boolean, unable to interpret input', value)
  }
}

/** Only null. */
export const nullCheck: Check = (value, run) =>
  value === null ? null : run.fail('none_required', 'Input should be None', value)

/** Anything, untouched. */
export const anyCheck: Check = (value, run) => {
  run.coerced()
  return value
}
