import { TemplateRenderError } from './errors.ts'
import { FILTERS, FilterArguments } from './filters.ts'
import {
  compareValues,
  contains,
  floatOf,
  isEqual,
  isFloat,
  isString,
  numberIn,
  typeError,
  typeName,
} from './values.ts'

/** Longest list or text that one operation may make. */
export const LENGTH_MAX = 100_000

/** Whether a comparison holds. */
export function holds(operator: string, a: unknown, b: unknown): boolean {
  switch (operator) {
    case '==':
      return isEqual(a, b)
    case '!=':
      return !isEqual(a, b)
    case 'in':
      return contains(b, a)
    case 'not in':
      return !contains(b, a)
    case '<':
      return compareValues(a, b, operator) < 0
    case '<=':
      return compareValues(a, b, operator) <= 0
    case '>':
      return compareValues(a, b, operator) > 0
    default:
      return compareValues(a, b, operator) >= 0
  }
}

/** The result of `+`, `-`, `*`, `/`, `//`, `%` or `**`. */
export function arithmetic(operator: string, a: unknown, b: unknown): unknown {
  const [left, right] = [numberIn(a), numberIn(b)]
  if (left !== undefined && right !== undefined) return numeric(operator, left, right, isFloat(a) || isFloat(b))
  if (operator === '+' && isString(a)) {
    return isString(b) ? a + b : typeError(`can only concatenate str (not "${typeName(b)}") to str`)
  }
  if (operator === '+' && Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
  if (operator === '%' && isString(a)) {
    return FILTERS['format']!(a, new FilterArguments(Array.isArray(b) ? b : [b], new Map()), undefined as never)
  }
  const [repeated, times] = left === undefined ? [a, right] : [b, left]
  if (operator === '*' && times !== undefined && (isString(repeated) || Array.isArray(repeated))) {
    const count = Math.max(0, Math.trunc(times))
    if (count * repeated.length > LENGTH_MAX) throw new TemplateRenderError('OverflowError', 'A value is too large.')
    return isString(repeated) ? repeated.repeat(count) : Array.from({ length: count }, () => repeated).flat()
  }
  return typeError(`unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`)
}

function numeric(operator: string, a: number, b: number, isFloating: boolean): unknown {
  const result = (value: number) => (isFloating ? floatOf(value) : value)
  if ((operator === '/' || operator === '//' || operator === '%') && b === 0) {
    throw new TemplateRenderError(
      'ZeroDivisionError',
      operator === '/' ? 'division by zero' : 'integer division or modulo by zero',
    )
  }
  switch (operator) {
    case '+':
      return result(a + b)
    case '-':
      return result(a - b)
    case '*':
      return result(a * b)
    case '/':
      return floatOf(a / b)
    case '//':
      return result(Math.floor(a / b))
    case '%':
      return result(a - Math.floor(a / b) * b)
    default:
      return b < 0 ? floatOf(a ** b) : result(a ** b)
  }
}
