import { TemplateRenderError } from './errors.ts'
import { FILTERS, FilterArguments, type FilterContext, type TemplateFilter } from './filters.ts'
import { GLOBALS, loopState } from './globals.ts'
import { attributeOf, itemOf, sliceOf } from './members.ts'
import type { Arguments, Expression, Statement, Target } from './nodes.ts'
import { LENGTH_MAX, arithmetic, holds } from './operators.ts'
import { TESTS } from './tests.ts'
import {
  Callable,
  Namespace,
  Undefined,
  floatOf,
  isFloat,
  isString,
  isTrue,
  itemsOf,
  needDefined,
  numberIn,
  spend,
  textOf,
  tupleOf,
  typeError,
  typeName,
} from './values.ts'

const OUTPUT_LENGTH_MAX = 1_000_000
const MACRO_DEPTH_MAX = 50

export interface EvaluationOptions {
  filters: Readonly<Record<string, TemplateFilter>>
  nowUs: number
}

type Scope = { readonly values: Map<string, unknown>; readonly outer: Scope | undefined }

/** Renders parsed templates. Everything that a template can repeat is counted, and given up past its bound. */
export class Evaluation {
  readonly #options: EvaluationOptions
  #scope: Scope
  #length = 0
  #macroDepth = 0
  readonly #filterContext: FilterContext

  constructor(context: Readonly<Record<string, unknown>>, options: EvaluationOptions) {
    this.#options = options
    this.#scope = { values: new Map(Object.entries(GLOBALS)), outer: undefined }
    this.#scope = { values: new Map(Object.entries(context)), outer: this.#scope }
    this.#filterContext = {
      nowUs: options.nowUs,
      applyFilter: (name, value, args) => this.#filter(name, value, new FilterArguments(args, new Map())),
    }
  }

  render(statements: readonly Statement[]): string {
    const parts: string[] = []
    for (const statement of statements) {
      spend(1)
      const text = this.#run(statement)
      if (text !== '') parts.push(text)
    }
    return parts.join('')
  }

  #bounded(text: string): string {
    this.#length += text.length
    if (this.#length > OUTPUT_LENGTH_MAX)
      throw new TemplateRenderError('OverflowError', 'The rendered text is too long.')
    return text
  }

  #run(statement: Statement): string {
    switch (statement.kind) {
      case 'text':
        return this.#bounded(statement.text)
      case 'print':
        return this.#bounded(textOf(this.evaluate(statement.value)))
      case 'for':
        return this.#runFor(statement)
      case 'if': {
        const branch = statement.branches.find(({ condition }) => isTrue(this.evaluate(condition)))
        return this.render(branch ? branch.body : statement.otherwise)
      }
      case 'set':
        this.#assign(statement.target, this.evaluate(statement.value))
        return ''
      case 'set-block': {
        const body = this.#inScope([], () => this.render(statement.body))
        this.#assign(statement.target, statement.filters ? this.#filterText(statement.filters, body) : body)
        return ''
      }
      case 'with': {
        const values = statement.values.map(({ target, value }) => [target, this.evaluate(value)] as const)
        return this.#inScope(values, () => this.render(statement.body))
      }
      case 'filter-block':
        return this.#bounded(
          textOf(
            this.#filterText(
              statement.filters,
              this.#inScope([], () => this.render(statement.body)),
            ),
          ),
        )
      case 'macro':
        this.#assign({ kind: 'name', name: statement.name }, this.#macro(statement))
        return ''
      case 'scope':
        return this.#inScope([], () => this.render(statement.body))
      case 'load':
        throw new TemplateRenderError('TypeError', 'no loader for this environment specified')
    }
  }

  #inScope<T>(values: readonly (readonly [Target, unknown])[], step: () => T): T {
    const outer = this.#scope
    this.#scope = { values: new Map(), outer }
    try {
      for (const [target, value] of values) this.#assign(target, value)
      return step()
    } finally {
      this.#scope = outer
    }
  }

  #assign(target: Target, value: unknown): void {
    if (target.kind === 'name') {
      this.#scope.values.set(target.name, value)
    } else if (target.kind === 'member') {
      const namespace = this.#lookUp(target.of)
      if (!(namespace instanceof Namespace)) {
        throw new TemplateRenderError('TemplateRuntimeError', 'cannot assign attribute on non-namespace object')
      }
      namespace.members.set(target.name, value)
    } else {
      const items = itemsOf(value)
      if (items.length !== target.items.length) {
        const [few, many] = [
          `not enough values to unpack (expected ${target.items.length}, got ${items.length})`,
          `too many values to unpack (expected ${target.items.length})`,
        ]
        throw new TemplateRenderError('ValueError', items.length < target.items.length ? few : many)
      }
      for (const [index, inner] of target.items.entries()) this.#assign(inner, items[index])
    }
  }

  #lookUp(name: string): unknown {
    for (let scope: Scope | undefined = this.#scope; scope; scope = scope.outer) {
      if (scope.values.has(name)) return scope.values.get(name)
    }
    return new Undefined(`'${name}' is undefined`)
  }

  #runFor(statement: Extract<Statement, { kind: 'for' }>): string {
    const { target, condition, body, otherwise } = statement
    let items = itemsOf(this.evaluate(statement.source))
    if (condition) {
      items = items.filter((item) => {
        spend(1)
        return this.#inScope([[target, item]], () => isTrue(this.evaluate(condition)))
      })
    }
    if (items.length === 0) return this.#inScope([], () => this.render(otherwise))
    const parts: string[] = []
    for (const [index, item] of items.entries()) {
      const loop = { kind: 'name', name: 'loop' } as const
      parts.push(
        this.#inScope(
          [
            [target, item],
            [loop, loopState(items, index)],
          ],
          () => this.render(body),
        ),
      )
    }
    return parts.join('')
  }

  #macro({ name, parameters, body }: Extract<Statement, { kind: 'macro' }>): Callable {
    const defined = this.#scope
    return new Callable(name, (positional, named) => {
      if (++this.#macroDepth > MACRO_DEPTH_MAX)
        throw new TemplateRenderError('RecursionError', 'maximum recursion depth exceeded')
      const caller = this.#scope
      this.#scope = defined
      try {
        const values = parameters.map((parameter, index) => {
          const given = index < positional.length ? positional[index] : named.get(parameter.name)
          const missing = () =>
            parameter.initial
              ? this.evaluate(parameter.initial)
              : new Undefined(`parameter '${parameter.name}' was not provided`)
          return [{ kind: 'name', name: parameter.name } as const, given === undefined ? missing() : given] as const
        })
        return this.#inScope(values, () => this.render(body))
      } finally {
        this.#scope = caller
        this.#macroDepth--
      }
    })
  }

  evaluate(expression: Expression): unknown {
    spend(1)
    switch (expression.kind) {
      case 'literal':
        return expression.value
      case 'name':
        return this.#lookUp(expression.name)
      case 'list':
        return expression.items.map((item) => this.evaluate(item))
      case 'tuple':
        return tupleOf(expression.items.map((item) => this.evaluate(item)))
      case 'dict':
        return Object.fromEntries(
          expression.entries.map(([key, value]) => [textOf(this.evaluate(key)), this.evaluate(value)]),
        )
      case 'attribute': {
        const value = this.evaluate(expression.of)
        const attribute = attributeOf(value, expression.name)
        // Methods go through their value.
        if (attribute instanceof Callable && (isString(value) || Array.isArray(value))) spend(value.length / 1000)
        return attribute
      }
      case 'item':
        return itemOf(this.evaluate(expression.of), this.evaluate(expression.key))
      case 'slice':
        return sliceOf(
          this.evaluate(expression.of),
          expression.parts.map((part) => part && this.evaluate(part)),
        )
      case 'call':
        return this.#call(expression)
      case 'filter':
        return this.#filter(
          expression.name,
          expression.of && this.evaluate(expression.of),
          this.#filterArguments(expression.args),
        )
      case 'test': {
        const test = Object.hasOwn(TESTS, expression.name) ? TESTS[expression.name] : undefined
        if (!test) throw new TemplateRenderError('TemplateAssertionError', `No test named '${expression.name}'.`)
        return test(
          this.evaluate(expression.of),
          expression.args.positional.map((argument) => this.evaluate(argument)),
        )
      }
      case 'unary':
        return this.#unary(expression)
      case 'binary':
        return this.#binary(expression)
      case 'compare':
        return this.#compare(expression)
      case 'choice':
        if (isTrue(this.evaluate(expression.condition))) return this.evaluate(expression.then)
        return expression.otherwise
          ? this.evaluate(expression.otherwise)
          : new Undefined('the inline if-expression evaluated to false and no else section was defined.')
    }
  }

  #filterArguments({ positional, named }: Arguments): FilterArguments {
    return new FilterArguments(
      positional.map((argument) => this.evaluate(argument)),
      new Map(named.map(([name, value]) => [name, this.evaluate(value)])),
    )
  }

  #filter(name: string, value: unknown, args: FilterArguments): unknown {
    const filter = Object.hasOwn(this.#options.filters, name)
      ? this.#options.filters[name]
      : Object.hasOwn(FILTERS, name)
        ? FILTERS[name]
        : undefined
    if (!filter) throw new TemplateRenderError('TemplateAssertionError', `No filter named '${name}'.`)
    spend(1 + (isString(value) ? value.length / 1000 : 0))
    const filtered = filter(value, args, this.#filterContext)
    return this.#boundedValue(filtered)
  }

  /** Applies filters in a row, of which the first has nothing before it, to a text. */
  #filterText(filters: Expression, text: string): unknown {
    if (filters.kind !== 'filter') return text
    const value = filters.of ? this.#filterText(filters.of, text) : text
    return this.#filter(filters.name, value, this.#filterArguments(filters.args))
  }

  /** Values that grow are paid for in steps, so that building them again and again comes to an end. */
  #boundedValue(value: unknown): unknown {
    const size = isString(value) ? value.length / 100 : Array.isArray(value) ? value.length : 0
    if (size > LENGTH_MAX) throw new TemplateRenderError('OverflowError', 'A value is too large.')
    spend(size / 10)
    return value
  }

  #call({ of, args }: Extract<Expression, { kind: 'call' }>): unknown {
    const callee = this.evaluate(of)
    needDefined(callee)
    if (!(callee instanceof Callable)) typeError(`'${typeName(callee)}' object is not callable`)
    const { positional, named } = this.#filterArguments(args)
    return this.#boundedValue((callee as Callable).call(positional, named))
  }

  #unary({ operator, of }: Extract<Expression, { kind: 'unary' }>): unknown {
    const value = this.evaluate(of)
    if (operator === 'not') return !isTrue(value)
    needDefined(value)
    const number = numberIn(value) ?? typeError(`bad operand type for unary ${operator}: '${typeName(value)}'`)
    const result = operator === '-' ? -number : number
    return isFloat(value) ? floatOf(result) : result
  }

  #binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): unknown {
    const a = this.evaluate(left)
    if (operator === 'and') return isTrue(a) ? this.evaluate(right) : a
    if (operator === 'or') return isTrue(a) ? a : this.evaluate(right)
    const b = this.evaluate(right)
    if (operator === '~') return this.#boundedValue(textOf(a) + textOf(b))
    needDefined(a)
    needDefined(b)
    return this.#boundedValue(arithmetic(operator, a, b))
  }

  #compare({ first, rest }: Extract<Expression, { kind: 'compare' }>): boolean {
    let left = this.evaluate(first)
    for (const [operator, expression] of rest) {
      const right = this.evaluate(expression)
      if (!holds(operator, left, right)) return false
      left = right
    }
    return true
  }
}
