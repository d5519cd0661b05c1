import { parseExpression, parseFilter, parseTuple } from './expression-parser.ts'
import type { Expression, MacroParameter, Statement, Target } from './nodes.ts'
import { TokenStream } from './token-stream.ts'

/**
 * Parses a template.
 *
 * @throws {TemplateSyntaxError}
 */
export function parseStatements(source: string): Statement[] {
  return new Parser(source).parseAll()
}

class Parser {
  readonly #stream: TokenStream
  /** The tags that would close each open block, and the block's own. */
  readonly #open: { tag: string; closers: readonly string[] }[] = []

  constructor(source: string) {
    this.#stream = new TokenStream(source)
  }

  parseAll(): Statement[] {
    return this.#parseBody()
  }

  /** Reads statements up to the name of one of the closing tags of the innermost block. */
  #parseBody(): Statement[] {
    const stream = this.#stream
    const body: Statement[] = []
    for (;;) {
      const { kind, text } = stream.current
      if (kind === 'end') {
        if (this.#open.length > 0) this.#failOpen('Unexpected end of template.')
        return body
      }
      stream.next()
      if (kind === 'text') {
        body.push({ kind: 'text', text })
      } else if (kind === 'print-begin') {
        body.push({ kind: 'print', value: parseTuple(stream) })
        stream.expectEnd('print-end')
      } else {
        if (stream.isName(...(this.#open.at(-1)?.closers ?? []))) return body
        body.push(stream.nested(() => this.#parseStatement()))
      }
    }
  }

  #failOpen(message: string): never {
    const { tag, closers } = this.#open.at(-1)!
    const expected = closers.map((closer) => `'${closer}'`).join(' or ')
    return this.#stream.fail(
      `${message} Jinja was looking for the following tags: ${expected}. ` +
        `The innermost block that needs to be closed is '${tag}'.`,
    )
  }

  #parseStatement(): Statement {
    const stream = this.#stream
    if (stream.current.kind !== 'name') stream.fail('tag name expected')
    const tag = stream.next().text
    switch (tag) {
      case 'for':
        return this.#parseFor()
      case 'if':
        return this.#parseIf()
      case 'set':
        return this.#parseSet()
      case 'with':
        return this.#parseWith()
      case 'filter':
        return { kind: 'filter-block', filters: parseFilter(stream, undefined, true), body: this.#parseBlock('filter') }
      case 'macro':
        return this.#parseMacro()
      case 'block':
        stream.expectName()
        return {
          kind: 'scope',
          body: this.#parseBlock('block', () => {
            if (stream.current.kind === 'name') stream.next()
          }),
        }
      case 'autoescape':
        parseExpression(stream)
        return { kind: 'scope', body: this.#parseBlock('autoescape') }
      case 'include':
      case 'extends':
        parseExpression(stream)
        stream.expectEnd('block-end')
        return { kind: 'load' }
      default: {
        const message = `Encountered unknown tag '${tag}'.`
        return this.#open.length > 0 ? this.#failOpen(message) : stream.fail(message)
      }
    }
  }

  /** The rest of an opening tag, a body, and its closing tag. */
  #parseBlock(tag: string, afterClosingName?: () => void): Statement[] {
    const { body } = this.#parsePart(tag, [`end${tag}`])
    afterClosingName?.()
    this.#stream.expectEnd('block-end')
    return body
  }

  #parsePart(tag: string, closers: readonly string[]): { body: Statement[]; closer: string } {
    this.#stream.expectEnd('block-end')
    this.#open.push({ tag, closers })
    const body = this.#parseBody()
    this.#open.pop()
    return { body, closer: this.#stream.next().text }
  }

  #parseFor(): Statement {
    const stream = this.#stream
    const target = this.#parseTarget('in')
    stream.expectName('in')
    const source = parseTuple(stream, { hasConditions: false, endsAt: 'recursive' })
    const condition = stream.skipName('if') ? parseExpression(stream) : undefined
    stream.skipName('recursive')
    const { body, closer } = this.#parsePart('for', ['endfor', 'else'])
    const otherwise = closer === 'else' ? this.#parsePart('for', ['endfor']).body : []
    stream.expectEnd('block-end')
    return { kind: 'for', target, source, condition, body, otherwise }
  }

  #parseIf(): Statement {
    const branches: { condition: Expression; body: Statement[] }[] = []
    let otherwise: Statement[] = []
    let closer = 'elif'
    while (closer === 'elif') {
      const condition = parseTuple(this.#stream, { hasConditions: false })
      const part = this.#parsePart('if', ['elif', 'else', 'endif'])
      branches.push({ condition, body: part.body })
      closer = part.closer
    }
    if (closer === 'else') otherwise = this.#parsePart('if', ['endif']).body
    this.#stream.expectEnd('block-end')
    return { kind: 'if', branches, otherwise }
  }

  #parseSet(): Statement {
    const stream = this.#stream
    const target = this.#parseTarget(undefined)
    if (stream.skipOperator('=')) {
      const value = parseTuple(stream)
      stream.expectEnd('block-end')
      return { kind: 'set', target, value }
    }
    const filters = stream.isOperator('|') ? parseFilter(stream, undefined) : undefined
    return { kind: 'set-block', target, filters, body: this.#parseBlock('set') }
  }

  #parseWith(): Statement {
    const stream = this.#stream
    const values: { target: Target; value: Expression }[] = []
    while (stream.current.kind !== 'block-end') {
      if (values.length > 0) stream.expectOperator(',')
      const target = { kind: 'name', name: stream.expectName() } as const
      stream.expectOperator('=')
      values.push({ target, value: parseExpression(stream) })
    }
    return { kind: 'with', values, body: this.#parseBlock('with') }
  }

  #parseMacro(): Statement {
    const stream = this.#stream
    const name = stream.expectName()
    stream.expectOperator('(')
    const parameters: MacroParameter[] = []
    while (!stream.isOperator(')')) {
      if (parameters.length > 0) stream.expectOperator(',')
      const parameter = stream.expectName()
      parameters.push({ name: parameter, initial: stream.skipOperator('=') ? parseExpression(stream) : undefined })
    }
    stream.expectOperator(')')
    return { kind: 'macro', name, parameters, body: this.#parseBlock('macro') }
  }

  #parseTarget(endsAt: string | undefined): Target {
    const stream = this.#stream
    const items: Target[] = []
    let isTuple = false
    for (;;) {
      const inParentheses = stream.skipOperator('(')
      if (inParentheses) {
        items.push(stream.nested(() => this.#parseTarget(undefined)))
        stream.expectOperator(')')
      } else if (
        stream.current.kind === 'name' &&
        !(endsAt !== undefined && stream.isName(endsAt) && items.length > 0)
      ) {
        items.push(this.#parseNameTarget(endsAt === undefined))
      }
      if (!stream.skipOperator(',')) break
      isTuple = true
    }
    if (items.length === 0) stream.fail(`Expected an expression, got '${stream.describeCurrent()}'`)
    return isTuple ? { kind: 'tuple', items } : items[0]!
  }

  #parseNameTarget(mayBeMember: boolean): Target {
    const name = this.#stream.next().text
    if (mayBeMember && this.#stream.skipOperator('.'))
      return { kind: 'member', of: name, name: this.#stream.expectName() }
    return { kind: 'name', name }
  }
}
