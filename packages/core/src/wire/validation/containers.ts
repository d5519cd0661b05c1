import { counted, FAIL, expectedOneOf } from './check.ts'
import type { Check, Run } from './check.ts'

/** Levels of models inside models that are looked into. */
export const DEPTH_MAX = 64

/** True for what JSON calls an object. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sets a key that may be called `__proto__`. */
export function setKey(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[key] = value
  }
}

export interface ListLimits {
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly isSet?: boolean | undefined
  /** Faults of an input that is no array are worded as for any Python sequence. */
  readonly isSequence?: boolean | undefined
}

/** Arrays; a set drops what it has seen already. */
export function listCheck(item: Check, { minItems, maxItems, isSet, isSequence }: ListLimits): Check {
  const noun = isSet ? 'set' : 'list'
  const field = isSet ? 'Set' : 'List'
  return (value, run) => {
    if (!Array.isArray(value)) {
      return isSequence ? noSequence(value, run) : run.fail(`${noun}_type`, `Input should be a valid ${noun}`, value)
    }
    // A list that is too long is refused before anybody looks at its items.
    if (maxItems !== undefined && !isSet && value.length > maxItems) {
      return tooMany(value.length)
    }
    const out: unknown[] = new Array(value.length)
    let valid = true
    for (let at = 0; at < value.length; at++) {
      const from = run.errors.length
      const checked = item(value[at], run)
      if (checked === FAIL) {
        valid = false
        run.under(from, at)
        if (run.isFull) break
      } else {
        out[at] = checked
      }
    }
    if (!valid) return FAIL
    const kept = isSet ? [...new Set(out)] : out
    if (maxItems !== undefined && kept.length > maxItems) return tooMany(kept.length)
    if (minItems !== undefined && kept.length < minItems) {
      const msg = `${field} should have at least ${counted(minItems, 'item')} after validation, not ${kept.length}`
      return run.fail('too_short', msg, value, { field_type: field, min_length: minItems, actual_length: kept.length })
    }
    return kept

    function tooMany(count: number): typeof FAIL {
      const msg = `${field} should have at most ${counted(maxItems!, 'item')} after validation, not ${count}`
      return run.fail('too_long', msg, value, { field_type: field, max_length: maxItems, actual_length: count })
    }
  }
}

function noSequence(value: unknown, run: Run): typeof FAIL {
  if (typeof value !== 'string') {
    return run.fail('is_instance_of', 'Input should be an instance of Sequence', value, { class: 'Sequence' })
  }
  const msg = "'str' instances are not allowed as a Sequence value"
  return run.fail('sequence_str', msg, value, { type_name: 'str' })
}

/** Arrays of fixed length with a check for each place. */
export function tupleCheck(items: readonly Check[]): Check {
  return (value, run) => {
    if (!Array.isArray(value)) return run.fail('tuple_type', 'Input should be a valid tuple', value)
    const out = items.map((item, at) => {
      const from = run.errors.length
      if (at >= value.length) return run.failAt(at, 'missing', 'Field required', value)
      const checked = item(value[at], run)
      if (checked === FAIL) run.under(from, at)
      return checked
    })
    if (value.length > items.length) {
      const ctx = { field_type: 'Tuple', max_length: items.length, actual_length: value.length }
      const msg = `Tuple should have at most ${counted(items.length, 'item')} after validation, not ${value.length}`
      return run.fail('too_long', msg, value, ctx)
    }
    return out.includes(FAIL) ? FAIL : out
  }
}

/** Objects with free keys. Without a check for the values the object is taken as it stands. */
export function dictCheck(item: Check | undefined): Check {
  return (value, run) => {
    if (!isPlainObject(value)) return run.fail('dict_type', 'Input should be a valid dictionary', value)
    if (item === undefined) return value
    const out: Record<string, unknown> = {}
    let valid = true
    for (const key of Object.keys(value)) {
      const from = run.errors.length
      const checked = item(value[key], run)
      if (checked === FAIL) {
        valid = false
        run.under(from, key)
        if (run.isFull) break
      } else {
        setKey(out, key, checked)
      }
    }
    return valid ? out : FAIL
  }
}

/** One of a list of values; numbers and booleans in text are not turned into them. */
export function oneOfCheck(values: readonly unknown[], isEnum: boolean, shown = expectedOneOf(values)): Check {
  const known = new Set(values)
  const type = isEnum ? 'enum' : 'literal_error'
  return (value, run) => {
    if (known.has(value)) {
      if (isEnum) run.coerced()
      return value
    }
    return run.fail(type, `Input should be ${shown}`, value, { expected: shown })
  }
}
