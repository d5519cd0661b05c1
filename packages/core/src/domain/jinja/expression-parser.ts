import type { Arguments, Expression } from './nodes.ts'
import type { TokenStream } from './token-stream.ts'
import { floatOf } from './values.ts'

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>='])

const LITERALS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
}

/** Parses expressions separated by commas: one stands for itself, several make a tuple. */
export function parseTuple(
  stream: TokenStream,
  options: { hasConditions?: boolean; endsAt?: string } = {},
): Expression {
  const items: Expression[] = []
  let isTuple = false
  for (;;) {
    if (items.length > 0) {
      if (!stream.skipOperator(',')) break
      isTuple = true
    }
    if (isTupleEnd(stream, options.endsAt)) break
    items.push(options.hasConditions === false ? parseOr(stream) : parseExpression(stream))
  }
  if (items.length === 0) stream.fail(`Expected an expression, got '${stream.describeCurrent()}'`)
  return isTuple ? { kind: 'tuple', items } : items[0]!
}

function isTupleEnd(stream: TokenStream, endsAt: string | undefined): boolean {
  const { kind } = stream.current
  return (
    kind === 'print-end' ||
    kind === 'block-end' ||
    stream.isOperator(')') ||
    (endsAt !== undefined && stream.isName(endsAt))
  )
}

/** Parses one expression, which may be a choice: `a if b else c`. */
export function parseExpression(stream: TokenStream): Expression {
  return stream.nested(() => {
    let expression = parseOr(stream)
    while (stream.skipName('if')) {
      const condition = parseOr(stream)
      const otherwise = stream.skipName('else') ? parseExpression(stream) : undefined
      expression = { kind: 'choice', condition, then: expression, otherwise }
    }
    return expression
  })
}

function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream)
  while (stream.skipName('or')) left = { kind: 'binary', operator: 'or', left, right: parseAnd(stream) }
  return left
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseNot(stream)
  while (stream.skipName('and')) left = { kind: 'binary', operator: 'and', left, right: parseNot(stream) }
  return left
}

function parseNot(stream: TokenStream): Expression {
  if (!stream.skipName('not')) return parseComparison(stream)
  return stream.nested(() => ({ kind: 'unary', operator: 'not', of: parseNot(stream) }))
}

function parseComparison(stream: TokenStream): Expression {
  const first = parseOperators(stream, 0)
  const rest: [string, Expression][] = []
  for (;;) {
    const { kind, text } = stream.current
    if (kind === 'operator' && COMPARISONS.has(text)) {
      stream.next()
      rest.push([text, parseOperators(stream, 0)])
    } else if (stream.skipName('in')) {
      rest.push(['in', parseOperators(stream, 0)])
    } else if (stream.isName('not') && stream.following.kind === 'name' && stream.following.text === 'in') {
      stream.next()
      stream.next()
      rest.push(['not in', parseOperators(stream, 0)])
    } else {
      return rest.length === 0 ? first : { kind: 'compare', first, rest }
    }
  }
}

/** From the loosest to the tightest. */
const OPERATORS: readonly (readonly string[])[] = [['+', '-'], ['~'], ['*', '/', '//', '%'], ['**']]

function parseOperators(stream: TokenStream, level: number): Expression {
  const operators = OPERATORS[level]
  if (!operators) return parseUnary(stream, true)
  let left = parseOperators(stream, level + 1)
  while (stream.current.kind === 'operator' && operators.includes(stream.current.text)) {
    const operator = stream.next().text
    left = { kind: 'binary', operator, left, right: parseOperators(stream, level + 1) }
  }
  return left
}

function parseUnary(stream: TokenStream, hasFilters: boolean): Expression {
  const sign = stream.isOperator('-') ? '-' : stream.isOperator('+') ? '+' : undefined
  let expression: Expression
  if (sign) {
    stream.next()
    expression = stream.nested(() => ({ kind: 'unary', operator: sign, of: parseUnary(stream, false) }))
  } else {
    expression = parsePrimary(stream)
  }
  expression = parsePostfix(stream, expression)
  return hasFilters ? parseFilters(stream, expression) : expression
}

function parsePrimary(stream: TokenStream): Expression {
  const { kind, text, line } = stream.current
  switch (kind) {
    case 'name':
      stream.next()
      return Object.hasOwn(LITERALS, text)
        ? { kind: 'literal', value: LITERALS[text] }
        : { kind: 'name', name: text, line }
    case 'string': {
      let value = ''
      while (stream.current.kind === 'string') value += stream.next().text
      return { kind: 'literal', value }
    }
    case 'integer':
      stream.next()
      return { kind: 'literal', value: Number(text.replaceAll('_', '')) }
    case 'float':
      stream.next()
      return { kind: 'literal', value: floatOf(Number(text.replaceAll('_', ''))) }
    case 'operator':
      if (text === '(') return parseParentheses(stream)
      if (text === '[') return parseList(stream)
      if (text === '{') return parseDict(stream)
  }
  return stream.fail(`unexpected '${stream.describeCurrent()}'`)
}

function parseParentheses(stream: TokenStream): Expression {
  stream.next()
  if (stream.skipOperator(')')) return { kind: 'tuple', items: [] }
  const inner = stream.nested(() => parseTuple(stream))
  stream.expectOperator(')')
  return inner
}

function parseList(stream: TokenStream): Expression {
  stream.next()
  const items: Expression[] = []
  while (!stream.isOperator(']')) {
    if (items.length > 0) stream.expectOperator(',')
    if (stream.isOperator(']')) break
    items.push(parseExpression(stream))
  }
  stream.expectOperator(']')
  return { kind: 'list', items }
}

function parseDict(stream: TokenStream): Expression {
  stream.next()
  const entries: [Expression, Expression][] = []
  while (!stream.isOperator('}')) {
    if (entries.length > 0) stream.expectOperator(',')
    if (stream.isOperator('}')) break
    const key = parseExpression(stream)
    stream.expectOperator(':')
    entries.push([key, parseExpression(stream)])
  }
  stream.expectOperator('}')
  return { kind: 'dict', entries }
}

function parsePostfix(stream: TokenStream, start: Expression): Expression {
  let expression = start
  for (;;) {
    if (stream.skipOperator('.')) {
      const { kind, text } = stream.current
      if (kind !== 'name' && kind !== 'integer') stream.fail('expected name or number')
      stream.next()
      expression =
        kind === 'name'
          ? { kind: 'attribute', of: expression, name: text }
          : { kind: 'item', of: expression, key: { kind: 'literal', value: Number(text) } }
    } else if (stream.skipOperator('[')) {
      expression = parseSubscript(stream, expression)
    } else if (stream.isOperator('(')) {
      expression = { kind: 'call', of: expression, args: parseArguments(stream) }
    } else {
      return expression
    }
  }
}

function parseSubscript(stream: TokenStream, of: Expression): Expression {
  const parts: (Expression | undefined)[] = [undefined]
  while (!stream.isOperator(']')) {
    if (stream.isOperator(':') && parts.length < 3) {
      stream.next()
      parts.push(undefined)
    } else if (parts.at(-1) === undefined) {
      parts[parts.length - 1] = parseExpression(stream)
    } else {
      stream.failExpecting(',')
    }
  }
  stream.next()
  if (parts.length > 1) return { kind: 'slice', of, parts }
  return { kind: 'item', of, key: parts[0] ?? stream.fail('Expected subscript expression') }
}

function parseArguments(stream: TokenStream): Arguments {
  stream.expectOperator('(')
  const args: Arguments = { positional: [], named: [] }
  while (!stream.isOperator(')')) {
    if (args.positional.length + args.named.length > 0) {
      stream.expectOperator(',')
      if (stream.isOperator(')')) break
    }
    if (stream.current.kind === 'name' && stream.following.kind === 'operator' && stream.following.text === '=') {
      const name = stream.next().text
      stream.next()
      args.named.push([name, parseExpression(stream)])
    } else {
      if (args.named.length > 0) stream.fail('invalid syntax for function call expression')
      args.positional.push(parseExpression(stream))
    }
  }
  stream.expectOperator(')')
  return args
}

/** Parses filters and tests after an expression. */
function parseFilters(stream: TokenStream, start: Expression): Expression {
  let expression = start
  for (;;) {
    if (stream.isOperator('|')) {
      expression = parseFilter(stream, expression)
    } else if (stream.isName('is')) {
      expression = parseTest(stream, expression)
    } else if (stream.isOperator('(')) {
      // Calling the result of a filter or a test.
      expression = { kind: 'call', of: expression, args: parseArguments(stream) }
    } else {
      return expression
    }
  }
}

/**
 * Parses one filter, or filters in a row when there is nothing to filter yet, as after the tags `filter` and `set`.
 */
export function parseFilter(stream: TokenStream, of: Expression | undefined, isStarted = false): Expression {
  let expression = of
  do {
    if (!isStarted) stream.expectOperator('|')
    isStarted = false
    const name = parseDottedName(stream)
    const args = stream.isOperator('(') ? parseArguments(stream) : { positional: [], named: [] }
    expression = { kind: 'filter', of: expression, name, args }
  } while (stream.isOperator('|'))
  return expression
}

function parseDottedName(stream: TokenStream): string {
  let name = stream.expectName()
  while (stream.skipOperator('.')) name += `.${stream.expectName()}`
  return name
}

const AFTER_TEST = ['else', 'or', 'and']

function parseTest(stream: TokenStream, of: Expression): Expression {
  stream.next()
  const isNegated = stream.skipName('not')
  const name = parseDottedName(stream)
  let args: Arguments = { positional: [], named: [] }
  const { kind, text } = stream.current
  if (stream.isOperator('(')) {
    args = parseArguments(stream)
  } else if (
    (kind === 'name' && !AFTER_TEST.includes(text) && text !== 'if') ||
    kind === 'string' ||
    kind === 'integer' ||
    kind === 'float' ||
    stream.isOperator('[') ||
    stream.isOperator('{')
  ) {
    if (stream.isName('is')) stream.fail('You cannot chain multiple tests with is')
    args = { positional: [parsePostfix(stream, parsePrimary(stream))], named: [] }
  }
  const test: Expression = { kind: 'test', of, name, args }
  return isNegated ? { kind: 'unary', operator: 'not', of: test } : test
}
