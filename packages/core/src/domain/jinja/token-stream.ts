import { TemplateSyntaxError } from './errors.ts'
import { tokenize, type Token, type TokenKind } from './lexer.ts'

const DESCRIPTIONS: Readonly<Partial<Record<TokenKind, string>>> = {
  'print-begin': 'begin of print statement',
  'print-end': 'end of print statement',
  'block-begin': 'begin of statement block',
  'block-end': 'end of statement block',
  text: 'template data / text',
  end: 'end of template',
}

function describe({ kind, text }: Token): string {
  return DESCRIPTIONS[kind] ?? (kind === 'name' || kind === 'operator' ? text : kind)
}

const DEPTH_MAX = 100

/** The tokens of a template, read one after the other. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#tokens = tokenize(source)
  }

  get current(): Token {
    return this.#tokens[this.#at]!
  }

  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)]!
  }

  next(): Token {
    const token = this.current
    if (token.kind !== 'end') this.#at++
    return token
  }

  /** Whether the current token is an operator with this text. */
  isOperator(text: string): boolean {
    return this.current.kind === 'operator' && this.current.text === text
  }

  isName(...names: string[]): boolean {
    return this.current.kind === 'name' && names.includes(this.current.text)
  }

  skipOperator(text: string): boolean {
    if (!this.isOperator(text)) return false
    this.next()
    return true
  }

  skipName(name: string): boolean {
    if (!this.isName(name)) return false
    this.next()
    return true
  }

  expectOperator(text: string): void {
    if (!this.skipOperator(text)) this.failExpecting(text)
  }

  expectName(name?: string): string {
    if (this.current.kind !== 'name' || (name !== undefined && this.current.text !== name))
      this.failExpecting(name ?? 'name')
    return this.next().text
  }

  expectEnd(kind: 'print-end' | 'block-end'): void {
    if (this.current.kind !== kind) this.failExpecting(DESCRIPTIONS[kind]!)
    this.next()
  }

  describeCurrent(): string {
    return describe(this.current)
  }

  failExpecting(wanted: string): never {
    if (this.current.kind === 'end') this.fail(`unexpected end of template, expected '${wanted}'.`)
    this.fail(`expected token '${wanted}', got '${describe(this.current)}'`)
  }

  fail(message: string, line = this.current.line): never {
    throw new TemplateSyntaxError(message, line)
  }

  /** Runs a step of parsing that may contain itself, up to 100 levels deep. */
  nested<T>(step: () => T): T {
    if (++this.#depth > DEPTH_MAX)
      this.fail(`Contains expressions or blocks that nest deeper than ${DEPTH_MAX} levels.`)
    const result = step()
    this.#depth--
    return result
  }
}
