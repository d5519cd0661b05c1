import { pythonRepr, reprString } from '../python-repr.ts'
import { evaluatedItems, evaluatedProperties } from './evaluated.ts'
import { compilePattern, hasFormat } from './formats.ts'
import { isJsonObject, jsonEquals, matchesType, type JsonObject } from './json-types.ts'
import type { SchemaError } from './schema-error.ts'
import type { Validation } from './validator.ts'

/** What is wrong: a message about the value at hand, or errors from below it. */
type Finding = string | SchemaError
type Keyword = (expected: never, instance: unknown, schema: JsonObject, validation: Validation) => readonly Finding[]

const NONE: readonly Finding[] = []

function when(broken: boolean, message: () => string): readonly Finding[] {
  return broken ? [message()] : NONE
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const isString = (value: unknown): value is string => typeof value === 'string'
const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const repr = pythonRepr

/** Characters as Python counts them: code points. */
function lengthOf(text: string): number {
  let pairs = 0
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) pairs++
  }
  return text.length - pairs
}

function tooFew(size: number, least: number, instance: unknown, otherwise: string): readonly Finding[] {
  return when(size < least, () => `${repr(instance)} ${least === 1 ? 'should be non-empty' : otherwise}`)
}

function tooMany(size: number, most: number, instance: unknown, otherwise: string): readonly Finding[] {
  return when(size > most, () => `${repr(instance)} ${most === 0 ? 'is expected to be empty' : otherwise}`)
}

function isMultiple(value: number, of: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(of)) return value % of === 0
  const quotient = value / of
  return Math.trunc(quotient) === quotient
}

function hasRepetition(items: readonly unknown[]): boolean {
  const scalars = new Set<unknown>()
  const others: unknown[] = []
  for (const item of items) {
    if (typeof item !== 'object' || item === null) {
      if (scalars.has(item)) return true
      scalars.add(item)
    } else {
      if (others.some((other) => jsonEquals(other, item))) return true
      others.push(item)
    }
  }
  return false
}

/** `'a', 'b' were unexpected`, sorted as Python sorts them. */
function unexpected(names: readonly unknown[]): string {
  const listed = names.map((name) => repr(name)).sort()
  return `${listed.join(', ')} ${names.length === 1 ? 'was' : 'were'} unexpected`
}

function additionalKeys(instance: JsonObject, schema: JsonObject): string[] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
  const patterns = Object.keys(isJsonObject(schema['patternProperties']) ? schema['patternProperties'] : {})
  return Object.keys(instance).filter(
    (key) => !Object.hasOwn(properties, key) && !patterns.some((pattern) => compilePattern(pattern)?.test(key)),
  )
}

function notUnderAny(instance: unknown, context: SchemaError[]): SchemaError {
  const message = `${repr(instance)} is not valid under any of the given schemas`
  return { message, path: [], keyword: undefined, schema: undefined, instance, context }
}

/** The keywords of draft 2020-12 that say something about a value; all others are passed over. */
export const KEYWORDS: Readonly<Record<string, Keyword>> = {
  $ref: (reference: string, instance, _schema, { resolve, descend }) => descend(instance, resolve(reference)),
  $dynamicRef: (reference: string, instance, _schema, { resolve, descend }) => descend(instance, resolve(reference)),

  type: (type: string | readonly string[], instance) => {
    const types = [type].flat()
    return when(
      !types.some((one) => matchesType(instance, one)),
      () => `${repr(instance)} is not of type ${types.map((one) => repr(one)).join(', ')}`,
    )
  },
  enum: (values: readonly unknown[], instance) =>
    when(!values.some((value) => jsonEquals(value, instance)), () => `${repr(instance)} is not one of ${repr(values)}`),
  const: (value: unknown, instance) => when(!jsonEquals(value, instance), () => `${repr(value)} was expected`),

  minimum: (least: number, instance) =>
    when(isNumber(instance) && instance < least, () => `${repr(instance)} is less than the minimum of ${repr(least)}`),
  maximum: (most: number, instance) =>
    when(isNumber(instance) && instance > most, () => `${repr(instance)} is greater than the maximum of ${repr(most)}`),
  exclusiveMinimum: (bound: number, instance) =>
    when(
      isNumber(instance) && instance <= bound,
      () => `${repr(instance)} is less than or equal to the minimum of ${repr(bound)}`,
    ),
  exclusiveMaximum: (bound: number, instance) =>
    when(
      isNumber(instance) && instance >= bound,
      () => `${repr(instance)} is greater than or equal to the maximum of ${repr(bound)}`,
    ),
  multipleOf: (divisor: number, instance) =>
    when(
      isNumber(instance) && !isMultiple(instance, divisor),
      () => `${repr(instance)} is not a multiple of ${repr(divisor)}`,
    ),

  minLength: (least: number, instance) =>
    isString(instance) ? tooFew(lengthOf(instance), least, instance, 'is too short') : NONE,
  maxLength: (most: number, instance) =>
    isString(instance) ? tooMany(lengthOf(instance), most, instance, 'is too long') : NONE,
  pattern: (pattern: string, instance) =>
    when(
      isString(instance) && compilePattern(pattern)?.test(instance) === false,
      () => `${repr(instance)} does not match ${repr(pattern)}`,
    ),
  format: (format: string, instance, _schema, { checksFormats }) =>
    when(
      checksFormats && isString(instance) && !hasFormat(instance, format),
      () => `${repr(instance)} is not a ${repr(format)}`,
    ),

  minItems: (least: number, instance) =>
    isArray(instance) ? tooFew(instance.length, least, instance, 'is too short') : NONE,
  maxItems: (most: number, instance) =>
    isArray(instance) ? tooMany(instance.length, most, instance, 'is too long') : NONE,
  uniqueItems: (unique: boolean, instance) =>
    when(unique && isArray(instance) && hasRepetition(instance), () => `${repr(instance)} has non-unique elements`),
  prefixItems: (schemas: readonly unknown[], instance, _schema, { descend }) => {
    if (!isArray(instance)) return NONE
    return schemas.slice(0, instance.length).flatMap((one, index) => descend(instance[index], one, index))
  },
  items: (items: unknown, instance, schema, { descend }) => {
    if (!isArray(instance)) return NONE
    const prefix = isArray(schema['prefixItems']) ? schema['prefixItems'].length : 0
    const extra = instance.slice(prefix)
    if (extra.length === 0) return NONE
    if (items === false) {
      const shown = extra.length === 1 ? repr(extra[0]) : repr(extra)
      return [`Expected at most ${prefix} ${prefix === 1 ? 'item' : 'items'} but found ${extra.length} extra: ${shown}`]
    }
    return extra.flatMap((item, index) => descend(item, items, prefix + index))
  },
  contains: (wanted: unknown, instance, schema, { isValid }) => {
    if (!isArray(instance)) return NONE
    const least = isNumber(schema['minContains']) ? schema['minContains'] : 1
    const most = isNumber(schema['maxContains']) ? schema['maxContains'] : instance.length
    const found = instance.filter((item) => isValid(item, wanted)).length
    if (found > most) return [`Too many items match the given schema (expected at most ${most})`]
    if (found >= least) return NONE
    if (found === 0) return [`${repr(instance)} does not contain items matching the given schema`]
    return [`Too few items match the given schema (expected at least ${least} but only ${found} matched)`]
  },
  unevaluatedItems: (rest: unknown, instance, schema, validation) => {
    if (!isArray(instance)) return NONE
    const evaluated = evaluatedItems(instance, schema, validation)
    const left = instance.filter((item, index) => !evaluated.has(index) && !validation.isValid(item, rest))
    return when(left.length > 0, () => `Unevaluated items are not allowed (${unexpected(left)})`)
  },

  properties: (properties: JsonObject, instance, _schema, { descend }) => {
    if (!isJsonObject(instance)) return NONE
    return Object.entries(properties).flatMap(([key, one]) =>
      Object.hasOwn(instance, key) ? descend(instance[key], one, key) : [],
    )
  },
  patternProperties: (patterns: JsonObject, instance, _schema, { descend }) => {
    if (!isJsonObject(instance)) return NONE
    return Object.entries(patterns).flatMap(([pattern, one]) =>
      Object.keys(instance).flatMap((key) =>
        compilePattern(pattern)?.test(key) ? descend(instance[key], one, key) : [],
      ),
    )
  },
  additionalProperties: (rest: unknown, instance, schema, { descend }) => {
    if (!isJsonObject(instance)) return NONE
    const extra = additionalKeys(instance, schema)
    if (isJsonObject(rest)) return extra.flatMap((key) => descend(instance[key], rest, key))
    if (rest !== false || extra.length === 0) return NONE
    if (!isJsonObject(schema['patternProperties']) || Object.keys(schema['patternProperties']).length === 0) {
      return [`Additional properties are not allowed (${unexpected(extra)})`]
    }
    const names = extra
      .map((key) => reprString(key))
      .sort()
      .join(', ')
    const patterns = Object.keys(schema['patternProperties'])
      .sort()
      .map((key) => reprString(key))
      .join(', ')
    return [`${names} ${extra.length === 1 ? 'does' : 'do'} not match any of the regexes: ${patterns}`]
  },
  propertyNames: (names: unknown, instance, _schema, { descend }) =>
    isJsonObject(instance) ? Object.keys(instance).flatMap((key) => descend(key, names)) : NONE,
  required: (required: readonly string[], instance) => {
    if (!isJsonObject(instance)) return NONE
    return required
      .filter((key) => !Object.hasOwn(instance, key))
      .map((key) => `${reprString(key)} is a required property`)
  },
  minProperties: (least: number, instance) =>
    isJsonObject(instance)
      ? tooFew(Object.keys(instance).length, least, instance, 'does not have enough properties')
      : NONE,
  maxProperties: (most: number, instance) =>
    isJsonObject(instance) ? tooMany(Object.keys(instance).length, most, instance, 'has too many properties') : NONE,
  dependentRequired: (dependencies: Readonly<Record<string, readonly string[]>>, instance) => {
    if (!isJsonObject(instance)) return NONE
    return Object.entries(dependencies).flatMap(([key, needed]) =>
      Object.hasOwn(instance, key)
        ? needed
            .filter((one) => !Object.hasOwn(instance, one))
            .map((one) => `${reprString(one)} is a dependency of ${reprString(key)}`)
        : [],
    )
  },
  dependentSchemas: (dependencies: JsonObject, instance, _schema, { descend }) => {
    if (!isJsonObject(instance)) return NONE
    return Object.entries(dependencies).flatMap(([key, one]) =>
      Object.hasOwn(instance, key) ? descend(instance, one) : [],
    )
  },
  unevaluatedProperties: (rest: unknown, instance, schema, validation) => {
    if (!isJsonObject(instance)) return NONE
    const evaluated = evaluatedProperties(instance, schema, validation)
    const left = Object.keys(instance).filter((key) => !evaluated.has(key) && !validation.isValid(instance[key], rest))
    return when(left.length > 0, () => `Unevaluated properties are not allowed (${unexpected(left)})`)
  },

  allOf: (schemas: readonly unknown[], instance, _schema, { descend }) =>
    schemas.flatMap((one) => descend(instance, one)),
  anyOf: (schemas: readonly unknown[], instance, _schema, { descend }) => {
    const context: SchemaError[] = []
    for (const one of schemas) {
      const errors = descend(instance, one)
      if (errors.length === 0) return NONE
      context.push(...errors)
    }
    return [notUnderAny(instance, context)]
  },
  oneOf: (schemas: readonly unknown[], instance, _schema, { descend, isValid }) => {
    const context: SchemaError[] = []
    let first = -1
    for (const [index, one] of schemas.entries()) {
      const errors = descend(instance, one)
      if (errors.length === 0) {
        first = index
        break
      }
      context.push(...errors)
    }
    if (first < 0) return [notUnderAny(instance, context)]
    const more = schemas.slice(first + 1).filter((one) => isValid(instance, one))
    return when(
      more.length > 0,
      () => `${repr(instance)} is valid under each of ${[...more, schemas[first]].map((one) => repr(one)).join(', ')}`,
    )
  },
  not: (excluded: unknown, instance, _schema, { isValid }) =>
    when(isValid(instance, excluded), () => `${repr(instance)} should not be valid under ${repr(excluded)}`),
  if: (condition: unknown, instance, schema, { isValid, descend }) => {
    const branch = isValid(instance, condition) ? 'then' : 'else'
    return Object.hasOwn(schema, branch) ? descend(instance, schema[branch]) : NONE
  },
}
