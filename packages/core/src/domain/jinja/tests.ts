import { isJsonObject } from '../json-schema/json-types.ts'
import {
  Callable, Undefined, WholeFloat, compareValues, contains, isEqual, isFloat, isString, numberIn,
} from './values.ts'

/** A test of a value, as after `is`. */
export type TemplateTest = (value: unknown, args: readonly unknown[]) => boolean

const isNumber = (value: unknown): boolean => typeof value === 'number' || value instanceof WholeFloat
const equal: TemplateTest = (value, [other]) => isEqual(value, other)
const notEqual: TemplateTest = (value, [other]) => !isEqual(value, other)
const greater: TemplateTest = (value, [other]) => compareValues(value, other, '>') > 0
const less: TemplateTest = (value, [other]) => compareValues(value, other, '<') < 0
const atLeast: TemplateTest = (value, [other]) => compareValues(value, other, '>=') >= 0
const atMost: TemplateTest = (value, [other]) => compareValues(value, other, '<=') <= 0

export const TESTS: Readonly<Record<string, TemplateTest>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  float: isFloat,
  number: isNumber,
  string: isString,
  mapping: isJsonObject,
  sequence: (value) => Array.isArray(value) || isString(value) || isJsonObject(value),
  iterable: (value) => Array.isArray(value) || isString(value) || isJsonObject(value) || value instanceof Undefined,
  callable: (value) => value instanceof Callable,
  odd: (value) => Math.abs((numberIn(value) ?? 0) % 2) === 1,
  even: (value) => (numberIn(value) ?? 1) % 2 === 0,
  divisibleby: (value, [divisor]) => (numberIn(value) ?? NaN) % (numberIn(divisor) ?? NaN) === 0,
  sameas: (value, [other]) => value === other,
  in: (value, [container]) => contains(container, value),
  lower: (value) => isString(value) && value === value.toLowerCase() && value !== value.toUpperCase(),
  upper: (value) => isString(value) && value === value.toUpperCase() && value !== value.toLowerCase(),
  escaped: () => false,
  eq: equal, equalto: equal, '==': equal, ne: notEqual, '!=': notEqual,
  gt: greater, greaterthan: greater, '>': greater, lt: less, lessthan: less, '<': less,
  ge: atLeast, '>=': atLeast, le: atMost, '<=': atMost,
}
