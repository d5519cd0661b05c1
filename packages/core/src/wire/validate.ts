import type { Static, TSchema } from 'typebox'
import { schemaNamed } from './schema.ts'
import { FAIL, Run } from './validation/check.ts'
import type { Check, ValidationError } from './validation/check.ts'
import { dictCheck, listCheck, oneOfCheck, tupleCheck } from './validation/containers.ts'
import { labelOf, memberSchemas } from './validation/labels.ts'
import { bodyParametersCheck, modelCheck } from './validation/models.ts'
import type { ModelField } from './validation/models.ts'
import { anyCheck, booleanCheck, integerCheck, nullCheck, numberCheck, textCheck } from './validation/scalars.ts'
import type { SchemaForm } from './validation/schema-form.ts'
import {
  dateTimeCheck,
  durationCheck,
  forwardDurationCheck,
  nativeDateTimeCheck,
  offsetDateTimeCheck,
} from './validation/times.ts'
import { nullableCheck, objectsFirstCheck, taggedUnionCheck, unionCheck } from './validation/unions.ts'
import { uuidCheck } from './validation/uuids.ts'

export type { ValidationError }

export type Validation<T> = { ok: true; value: T } | { ok: false; errors: ValidationError[] }

/**
 * Looks at one input.
 *
 * @param loc where the input stands in the request, such as `['body']`; put in front of every error's place
 */
export type Validator<T> = (value: unknown, loc?: readonly (string | number)[]) => Validation<T>

export interface CompileOptions {
  /**
   * Whether absent fields get their defaults: `true` (default) everywhere, `false` nowhere (the value has only what was
   * sent), `'nested'` everywhere but in the outermost object (for PATCH: absent means unchanged, but a given sub-object
   * is whole).
   */
  applyDefaults?: boolean | 'nested'
  /** Whether keys unknown to models that refuse them are errors (default), or are dropped and reported. */
  unknownFields?: 'tolerate' | 'forbid' | (() => 'tolerate' | 'forbid')
  /** Told the place of each unknown key that was dropped. */
  onUnknown?: (loc: readonly (string | number)[]) => void
  /** Errors after which looking stops (default 100). */
  errorsMax?: number
}

/** Which absent fields are filled in, in one part of a schema. */
type Fill = 'all' | 'none' | 'below'

type Memo = Record<Fill, WeakMap<object, Check>>

const memo: Memo = { all: new WeakMap(), none: new WeakMap(), below: new WeakMap() }

/**
 * Makes a validator for a schema. Inputs are coerced and errors worded as pydantic's lax mode does it.
 * Compile once, at start: the work of reading the schema is done here.
 */
export function compile<T extends TSchema>(
  schema: T,
  options: CompileOptions & { applyDefaults: false | 'nested' },
): Validator<Partial<Static<T>>>
export function compile<T extends TSchema>(schema: T, options?: CompileOptions): Validator<Static<T>>
export function compile(schema: TSchema, options: CompileOptions = {}): Validator<unknown> {
  const { applyDefaults = true, unknownFields = 'forbid', onUnknown, errorsMax = 100 } = options
  const check = checkOf(schema, applyDefaults === true ? 'all' : applyDefaults === false ? 'none' : 'below')
  const mode = typeof unknownFields === 'function' ? unknownFields : () => unknownFields
  return (value, loc = []) => {
    const run = new Run(mode() === 'forbid', errorsMax)
    const checked = check(value, run)
    if (checked === FAIL) return { ok: false, errors: finished(run, loc) }
    if (run.sawUnknown && onUnknown !== undefined) reportUnknown(check, value, loc, onUnknown)
    return { ok: true, value: checked }
  }
}

function finished(run: Run, loc: readonly (string | number)[]): ValidationError[] {
  return run.errors.map(({ type, path, msg, input, ctx }) => {
    const place = [...loc, ...path.reverse()]
    return ctx === undefined ? { type, loc: place, msg, input } : { type, loc: place, msg, input, ctx }
  })
}

/** Unknown keys are rare, so their places are found by looking a second time, strictly. */
function reportUnknown(
  check: Check,
  value: unknown,
  loc: readonly (string | number)[],
  onUnknown: (loc: readonly (string | number)[]) => void,
): void {
  const strict = new Run(true, 100)
  check(value, strict)
  for (const error of finished(strict, loc)) {
    if (error.type === 'extra_forbidden') onUnknown(error.loc)
  }
}

/** The check of a schema, made once for each way of filling in defaults. */
function checkOf(schema: TSchema, fill: Fill): Check {
  const form = schema as SchemaForm
  const made = memo[fill].get(form)
  if (made !== undefined) return made
  // A schema that contains itself finds this stand-in while it is being made.
  let real: Check | undefined
  memo[fill].set(form, (value, run) => real!(value, run))
  real = withOwnSteps(form, plainCheck(form, fill))
  memo[fill].set(form, real)
  return real
}

/** Adds a schema's own steps: before, beforeCheck, check, after. */
function withOwnSteps({ before, beforeCheck, check, after, emptyIsNull }: SchemaForm, inner: Check): Check {
  if (emptyIsNull) return (given, run) => (isEmpty(given) ? null : inner(given, run))
  if (!before && !beforeCheck && !check && !after) return inner
  return (given, run) => {
    const early = beforeCheck?.(given)
    if (early !== undefined) return run.fail('value_error', `Value error, ${early}`, given, { error: {} })
    const value = inner(before ? before(given) : given, run)
    if (value === FAIL) return FAIL
    const late = check?.(value)
    if (late !== undefined) return run.fail('value_error', `Value error, ${late}`, given, { error: {} })
    return after ? after(value) : value
  }
}

/** What counts as no value where a value is made up for it. */
function isEmpty(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return !given
  return Object.keys(given).length === 0
}

function plainCheck(form: SchemaForm, fill: Fill): Check {
  if (form.$ref !== undefined) return referred(form.$ref, fill)
  const members = form.anyOf ?? form.oneOf
  if (members !== undefined) return unionOf(form, members, fill)
  if (form.enum !== undefined) return oneOfCheck(form.enum, form.$id !== undefined, form.shown)
  if ('const' in form) return oneOfCheck([form.const], false, form.shown)
  switch (form.type) {
    case 'string':
      return textual(form)
    case 'integer':
      return integerCheck(form)
    case 'number':
      return numberCheck(form)
    case 'boolean':
      return booleanCheck(form.strict === true)
    case 'null':
      return nullCheck
    case 'array':
      return arrayOf(form, fill)
    case 'object':
      return objectOf(form, fill)
    case undefined:
      return anyCheck
    default:
      throw new Error(`No check for a schema of type ${String(form.type)}`)
  }
}

function referred(name: string, fill: Fill): Check {
  let target: Check | undefined
  return (value, run) => {
    if (target === undefined) {
      const schema = schemaNamed(name)
      if (schema === undefined) throw new Error(`There is no schema called ${name}`)
      target = checkOf(schema, fill)
    }
    return target(value, run)
  }
}

function textual(form: SchemaForm): Check {
  if (form.format === 'uuid') return uuidCheck
  if (form.format === 'date-time') return dateTimeOf(form)
  if (form.format === 'duration') return form.forwardOnly ? forwardDurationCheck : durationCheck
  return textCheck(form)
}

function dateTimeOf({ keepsOffset, isNative }: SchemaForm): Check {
  if (isNative) return nativeDateTimeCheck
  return keepsOffset ? offsetDateTimeCheck : dateTimeCheck
}

function arrayOf(form: SchemaForm, fill: Fill): Check {
  if (form.prefixItems !== undefined) return tupleCheck(form.prefixItems.map((item) => checkOf(item, inside(fill))))
  const item = form.items === undefined ? anyCheck : checkOf(form.items, inside(fill))
  return listCheck(item, { ...form, isSet: form.uniqueItems })
}

/** How defaults are filled in one level further down. */
function inside(fill: Fill): Fill {
  return fill === 'below' ? 'all' : fill
}

function objectOf(form: SchemaForm, fill: Fill): Check {
  const { properties, additionalProperties, patternProperties } = form
  if (properties === undefined) {
    const values = additionalProperties ?? Object.values(patternProperties ?? {})[0]
    const isOpen = values === undefined || typeof values === 'boolean' || Object.keys(values).length === 0
    return dictCheck(isOpen ? undefined : checkOf(values, inside(fill)))
  }
  const fields = Object.entries(properties).map(([name, field]) => fieldOf(name, field as SchemaForm, fill))
  const extra = additionalProperties === false ? 'forbid' : additionalProperties === undefined ? 'ignore' : 'allow'
  return form.bodyParameters ? bodyParametersCheck({ fields, extra }) : modelCheck({ fields, extra })
}

function fieldOf(name: string, form: SchemaForm, fill: Fill): ModelField {
  const check = checkOf(form, inside(fill))
  const hasDefault = form.makeDefault || form.absentIsEmpty || 'default' in form || '~optional' in form
  const fills = hasDefault && fill === 'all' && !('~optional' in form)
  return { name, check, required: !hasDefault, fill: fills ? defaultOf(name, form, check) : undefined }
}

/** A maker of a field's default. Defaults go through the check, so that `PT0S` becomes 0 as it would from a client. */
function defaultOf(name: string, form: SchemaForm, check: Check): () => unknown {
  if (form.makeDefault !== undefined) return form.makeDefault
  if (form.absentIsEmpty) return () => check({}, new Run(true, 1))
  const given = form.default
  if (given === null || typeof given === 'boolean') return () => given
  if (typeof given === 'object') return () => structuredClone(given)
  let value: unknown = FAIL
  return () => {
    if (value === FAIL) value = check(given, new Run(true, 1))
    if (value === FAIL) throw new Error(`The default of ${name} does not fit its schema`)
    return value
  }
}

function unionOf(form: SchemaForm, members: readonly TSchema[], fill: Fill): Check {
  const { inner, isNullable } = memberSchemas(members)
  const [only] = inner
  let check: Check
  if (form.discriminator !== undefined) {
    const tagName = form.discriminator.propertyName
    check = taggedUnionCheck({
      tagName,
      members: new Map(inner.map((member) => [tagOf(member, tagName), checkOf(member, inside(fill))])),
    })
  } else if (inner.length === 1 && only !== undefined) {
    check = checkOf(only, fill)
  } else {
    check = unionCheck(inner.map((member) => ({ label: labelOf(member), check: checkOf(member, inside(fill)) })))
  }
  if (form.objectsAs !== undefined) {
    const hasList = inner.some((member) => (member as SchemaForm).type === 'array')
    check = objectsFirstCheck(checkOf(form.objectsAs, inside(fill)), check, hasList)
  }
  return isNullable ? nullableCheck(check) : check
}

function tagOf(member: TSchema, tagName: string): string {
  const form = member as SchemaForm
  const target = form.$ref === undefined ? form : (schemaNamed(form.$ref) as SchemaForm | undefined)
  return String((target?.properties?.[tagName] as SchemaForm | undefined)?.const)
}
