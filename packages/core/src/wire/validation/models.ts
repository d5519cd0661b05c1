import { FAIL } from './check.ts'
import type { Check, Run } from './check.ts'
import { DEPTH_MAX, isPlainObject, setKey } from './containers.ts'

export interface ModelField {
  readonly name: string
  readonly check: Check
  readonly required: boolean
  /** Gives a fresh default; undefined when there is none to fill in. */
  readonly fill: (() => unknown) | undefined
}

export interface ModelForm {
  readonly fields: readonly ModelField[]
  /** What happens to keys the model does not have. */
  readonly extra: 'forbid' | 'ignore' | 'allow'
}

const MODEL_TYPE_MSG = 'Input should be a valid dictionary or object to extract fields from'

/** Objects with declared fields. */
export function modelCheck({ fields, extra }: ModelForm): Check {
  const known = new Set(fields.map((field) => field.name))

  function unknownAllowed(value: Record<string, unknown>, out: Record<string, unknown>, run: Run): boolean {
    let allowed = true
    for (const key of Object.keys(value)) {
      if (known.has(key)) continue
      if (extra === 'allow') setKey(out, key, value[key])
      else if (extra === 'ignore') run.coerced()
      else if (run.forbidUnknown) {
        allowed = false
        run.sawForbidden = true
        run.failAt(key, 'extra_forbidden', 'Extra inputs are not permitted', value[key])
      } else run.sawUnknown = true
    }
    return allowed
  }

  return (value, run) => {
    if (!isPlainObject(value)) return run.fail('model_attributes_type', MODEL_TYPE_MSG, value)
    if (run.depth >= DEPTH_MAX) {
      const msg = `Value error, Nested more than ${DEPTH_MAX} levels deep`
      return run.fail('value_error', msg, null, { error: {} })
    }
    run.depth += 1
    const out: Record<string, unknown> = {}
    let valid = true
    let fieldsGiven = 0
    for (const field of fields) {
      const { name } = field
      // Parsed JSON holds no undefined, and no field is named like a member of Object.prototype.
      const given = value[name]
      if (given !== undefined) {
        fieldsGiven += 1
        const from = run.errors.length
        const checked = field.check(given, run)
        if (checked === FAIL) {
          valid = false
          run.under(from, name)
        } else {
          out[name] = checked
        }
      } else if (field.required) {
        valid = false
        run.failAt(name, 'missing', 'Field required', value)
      } else if (field.fill !== undefined) {
        out[name] = field.fill()
      }
    }
    // Counting is cheaper than looking every key up, and nearly always enough.
    let keys = 0
    for (const _ in value) keys += 1
    if (keys !== fieldsGiven && !unknownAllowed(value, out, run)) valid = false
    run.depth -= 1
    if (!valid) return FAIL
    run.sawModel = true
    run.fieldsSet += fieldsGiven
    return out
  }
}

/**
 * The keys of a body that the API takes as several parameters: unknown keys are ignored, null means the default, and
 * a body that is no object lacks every one of them.
 */
export function bodyParametersCheck({ fields }: ModelForm): Check {
  return (value, run) => {
    const isEmpty = value === undefined || value === null
    const out: Record<string, unknown> = {}
    let valid = true
    for (const field of fields) {
      const { name } = field
      const given = isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
      if (given === undefined || given === null) {
        if (field.required || (!isEmpty && !isPlainObject(value))) {
          valid = false
          run.failAt(name, 'missing', 'Field required', null)
        } else if (field.fill !== undefined) out[name] = field.fill()
        continue
      }
      const from = run.errors.length
      const checked = field.check(given, run)
      if (checked === FAIL) {
        valid = false
        run.under(from, name)
      } else {
        out[name] = checked
      }
    }
    return valid ? out : FAIL
  }
}
