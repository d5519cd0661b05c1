import { US_PER_SECOND, civilFromDays, formatIso, formatWall } from '../../wire/time.ts'
import { isJsonObject } from '../json-schema/json-types.ts'
import { WrittenNumber, pythonFloat } from '../python-json.ts'
import { pythonRepr, reprString } from '../python-repr.ts'
import { TemplateRenderError } from './errors.ts'

/** What a name, member or item that does not exist gives: it prints as nothing, and so do its own members. */
export class Undefined {
  /** said when it is used where a value is needed */
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

/** A float without a fraction, which prints as `5.0`; floats with one are plain numbers. */
export class WholeFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A point in time, printed as Python prints one in UTC. */
export class TemplateTime {
  readonly us: number

  constructor(us: number) {
    this.us = us
  }
}

/** Values that a template can set one by one: `namespace(a=0)`. */
export class Namespace {
  readonly members: Map<string, unknown>

  constructor(members: Iterable<[string, unknown]>) {
    this.members = new Map(members)
  }
}

export type NamedValues = ReadonlyMap<string, unknown>

/** Something that a template can call. Only these are: functions among the values given are not. */
export class Callable {
  readonly name: string
  readonly call: (positional: readonly unknown[], named: NamedValues) => unknown

  constructor(name: string, call: (positional: readonly unknown[], named: NamedValues) => unknown) {
    this.name = name
    this.call = call
  }
}

let budget = Infinity

/** A step of rendering; going through a value costs a tenth of one for each of its parts. */
const PART = 0.1

/** Pays for work. Fails when the budget of the template at work is used up. */
export function spend(steps: number): void {
  budget -= steps
  if (budget < 0) throw new TemplateRenderError('OverflowError', 'The template takes too many steps.')
}

/** Gives the work that a function does a budget. Rendering never waits, so one budget at a time is enough. */
export function withBudget<T>(steps: number, work: () => T): T {
  const before = budget
  budget = steps
  try {
    return work()
  } finally {
    budget = before
  }
}

const tuples = new WeakSet<readonly unknown[]>()

/** Marks a list as a tuple, which prints in parentheses. */
export function tupleOf(items: readonly unknown[]): readonly unknown[] {
  tuples.add(items)
  return items
}

export function floatOf(value: number): number | WholeFloat {
  return Number.isInteger(value) ? new WholeFloat(value) : value
}

export function isFloat(value: unknown): boolean {
  return value instanceof WholeFloat || (typeof value === 'number' && !Number.isInteger(value))
}

/** The number that a value is, or undefined; true and false count as 1 and 0. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (value instanceof WholeFloat) return value.value
  return typeof value === 'boolean' ? Number(value) : undefined
}

export function isString(value: unknown): value is string {
  return typeof value === 'string'
}

export function typeName(value: unknown): string {
  if (value === null) return 'NoneType'
  if (isString(value)) return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (numberIn(value) !== undefined) return isFloat(value) ? 'float' : 'int'
  if (Array.isArray(value)) return tuples.has(value) ? 'tuple' : 'list'
  if (isJsonObject(value)) return 'dict'
  if (value instanceof TemplateTime) return 'datetime'
  return value instanceof Namespace ? 'Namespace' : 'function'
}

export function typeError(message: string): never {
  throw new TemplateRenderError('TypeError', message)
}

/** Fails for a value that does not exist, saying which. */
export function needDefined(value: unknown): void {
  if (value instanceof Undefined) throw new TemplateRenderError('UndefinedError', value.why)
}

export function isTrue(value: unknown): boolean {
  if (value instanceof Undefined || value === null || value === false || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  if (isJsonObject(value)) return Object.keys(value).length > 0
  return numberIn(value) !== 0
}

/** The text that `{{ value }}` prints. */
export function textOf(value: unknown): string {
  if (value instanceof Undefined) return ''
  return isString(value) ? value : reprOf(value)
}

/** The text that a value prints as inside a list. */
export function reprOf(value: unknown): string {
  spend(PART + (isString(value) ? value.length / 1000 : 0))
  if (isString(value)) return reprString(value)
  if (value instanceof Undefined) return 'Undefined'
  if (value instanceof WholeFloat) return pythonFloat(value.value)
  if (value instanceof TemplateTime) return `${formatWall(value.us, ' ')}+00:00`
  if (value instanceof Callable) return `<function ${value.name}>`
  if (value instanceof Namespace) return '<Namespace>'
  if (Array.isArray(value)) {
    const items = value.map(reprOf).join(', ')
    if (!tuples.has(value)) return `[${items}]`
    return value.length === 1 ? `(${items},)` : `(${items})`
  }
  if (isJsonObject(value)) {
    return `{${Object.entries(value)
      .map(([key, member]) => `${reprString(key)}: ${reprOf(member)}`)
      .join(', ')}}`
  }
  return pythonRepr(value)
}

/** The items of a value, in order: of a text its characters, of an object its keys. */
export function itemsOf(value: unknown): readonly unknown[] {
  if (value instanceof Undefined) return []
  const items = Array.isArray(value)
    ? value
    : isString(value)
      ? [...value]
      : isJsonObject(value)
        ? Object.keys(value)
        : undefined
  spend((items?.length ?? 0) * PART)
  return items ?? typeError(`'${typeName(value)}' object is not iterable`)
}

export function lengthOf(value: unknown): number {
  if (value instanceof Undefined || Array.isArray(value) || isString(value) || isJsonObject(value))
    return itemsOf(value).length
  return typeError(`object of type '${typeName(value)}' has no len()`)
}

export function isEqual(a: unknown, b: unknown): boolean {
  spend(PART)
  const [left, right] = [numberIn(a), numberIn(b)]
  if (left !== undefined && right !== undefined) return left === right
  if (a instanceof Undefined || b instanceof Undefined) return a instanceof Undefined && b instanceof Undefined
  if (a instanceof TemplateTime && b instanceof TemplateTime) return a.us === b.us
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && tuples.has(a) === tuples.has(b) && a.every((item, index) => isEqual(item, b[index]))
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(a)
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
    )
  }
  return a === b
}

/** Negative when `a` comes before `b`. Fails for values that have no order. */
export function compareValues(a: unknown, b: unknown, operator = '<'): number {
  spend(PART)
  needDefined(a)
  needDefined(b)
  const [left, right] = [numberIn(a), numberIn(b)]
  if (left !== undefined && right !== undefined) return left - right
  if (isString(a) && isString(b)) return a < b ? -1 : a > b ? 1 : 0
  if (a instanceof TemplateTime && b instanceof TemplateTime) return a.us - b.us
  if (Array.isArray(a) && Array.isArray(b)) {
    for (const [index, item] of a.entries()) {
      if (index >= b.length) return 1
      if (!isEqual(item, b[index])) return compareValues(item, b[index], operator)
    }
    return a.length - b.length
  }
  return typeError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
}

export function contains(container: unknown, item: unknown): boolean {
  if (isString(container)) {
    spend(container.length / 1000)
    if (!isString(item)) typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`)
    return container.includes(item as string)
  }
  if (isJsonObject(container)) return isString(item) && Object.hasOwn(container, item)
  if (Array.isArray(container) || container instanceof Undefined)
    return itemsOf(container).some((one) => isEqual(one, item))
  return typeError(`argument of type '${typeName(container)}' is not iterable`)
}

/** A value as it can be written in JSON. */
export function jsonValueOf(value: unknown): unknown {
  spend(PART)
  if (value instanceof WholeFloat) return new WrittenNumber(value.value, pythonFloat(value.value))
  if (value instanceof TemplateTime) return formatIso(value.us)
  if (Array.isArray(value)) return value.map(jsonValueOf)
  if (isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonValueOf(member)]))
  if (value === null || isString(value) || typeof value === 'number' || typeof value === 'boolean') return value
  return typeError(
    `Object of type ${value instanceof Undefined ? 'ChainableUndefined' : typeName(value)} is not JSON serializable`,
  )
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** The parts of a time in UTC. */
export function timeParts({ us }: TemplateTime): Record<string, number> {
  const seconds = Math.floor(us / US_PER_SECOND)
  const days = Math.floor(seconds / 86_400)
  const second = seconds - days * 86_400
  return {
    ...civilFromDays(days),
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    microsecond: us - seconds * US_PER_SECOND,
    weekday: (((days + 3) % 7) + 7) % 7,
  }
}

/** Prints a time by a pattern of C's strftime; directives that are not known stay as they are. */
export function formatTime(time: TemplateTime, pattern: string): string {
  const { year, month, day, hour, minute, second, microsecond, weekday } = timeParts(time) as Record<string, number>
  const two = (value: number | undefined) => String(value).padStart(2, '0')
  const directives: Record<string, string> = {
    Y: String(year),
    m: two(month),
    d: two(day),
    H: two(hour),
    M: two(minute),
    S: two(second),
    y: two(year! % 100),
    f: String(microsecond).padStart(6, '0'),
    I: two(hour! % 12 || 12),
    p: hour! < 12 ? 'AM' : 'PM',
    A: WEEKDAYS[weekday!]!,
    a: WEEKDAYS[weekday!]!.slice(0, 3),
    B: MONTHS[month! - 1]!,
    b: MONTHS[month! - 1]!.slice(0, 3),
    Z: 'UTC',
    z: '+0000',
    s: String(Math.floor(time.us / US_PER_SECOND)),
    F: `${year}-${two(month)}-${two(day)}`,
    T: `${two(hour)}:${two(minute)}:${two(second)}`,
    '%': '%',
  }
  return pattern.replaceAll(/%(.)/g, (whole, directive: string) => directives[directive] ?? whole)
}
