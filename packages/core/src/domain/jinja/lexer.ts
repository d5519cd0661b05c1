import { TemplateSyntaxError } from './errors.ts'

export type TokenKind =
  | 'text'
  | 'print-begin'
  | 'print-end'
  | 'block-begin'
  | 'block-end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'end'

export interface Token {
  kind: TokenKind
  /** what is written; of a string, what it stands for */
  text: string
  line: number
}

const OPEN = /\{\{|\{%|\{#/g
const RAW_BEGIN = /\{%[-+]?\s*raw\s*(-?)%\}/y
const RAW_END = /\{%(-|\+)?\s*endraw\s*(-|\+)?%\}/g
const SPACE = /\s+/y
const FLOAT = /\d(?:_?\d)*(?:\.\d(?:_?\d)*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/y
const INTEGER = /0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d(?:_?\d)*/y
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy
const STRING = /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+*/%~[\](){}<>=.:|,;]/y

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/**
 * Takes a template apart into texts and tokens. `-` beside a tag strips the white space there, comments vanish, and one
 * newline at the end of the template is dropped.
 *
 * @throws {TemplateSyntaxError}
 */
export function tokenize(source: string): Token[] {
  const template = source.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '')
  const tokens: Token[] = []
  let line = 1
  let at = 0
  let stripsNext = false

  const addText = (text: string, stripEnd: boolean): void => {
    const shown = stripsNext ? text.trimStart() : text
    const kept = stripEnd ? shown.trimEnd() : shown
    if (kept !== '') tokens.push({ kind: 'text', text: kept, line })
    line += countLines(text)
  }

  for (;;) {
    OPEN.lastIndex = at
    const open = OPEN.exec(template)
    const begin = open?.index ?? template.length
    addText(template.slice(at, begin), open !== null && template[begin + 2] === '-')
    stripsNext = false
    if (!open) break
    at = begin
    if (open[0] === '{#') {
      const end = template.indexOf('#}', at + 2)
      if (end < 0) throw new TemplateSyntaxError('Missing end of comment tag', line)
      stripsNext = template[end - 1] === '-' && end - 1 > at + 2
      line += countLines(template.slice(at, end))
      at = end + 2
      continue
    }
    RAW_BEGIN.lastIndex = at
    const raw = open[0] === '{%' ? RAW_BEGIN.exec(template) : null
    if (raw) {
      const contentAt = at + raw[0].length
      RAW_END.lastIndex = contentAt
      const end = RAW_END.exec(template)
      if (!end) throw new TemplateSyntaxError('Missing end of raw directive', line)
      line += countLines(raw[0])
      stripsNext = raw[1] === '-'
      addText(template.slice(contentAt, end.index), end[1] === '-')
      line += countLines(end[0])
      stripsNext = end[2] === '-'
      at = end.index + end[0].length
      continue
    }
    ;({ at, line, stripsNext } = readTag(template, at, line, tokens))
  }
  // The end counts as being where the last thing before it began.
  tokens.push({ kind: 'end', text: '', line: tokens.at(-1)?.line ?? 1 })
  return tokens
}

function countLines(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/** Reads from `{{` or `{%` to its end, or to the end of the template. */
function readTag(
  template: string,
  begin: number,
  beginLine: number,
  tokens: Token[],
): { at: number; line: number; stripsNext: boolean } {
  const isPrint = template[begin + 1] === '{'
  const close = isPrint ? '}}' : '%}'
  let at = begin + 2
  let line = beginLine
  if (template[at] === '-' || template[at] === '+') at++
  tokens.push({ kind: isPrint ? 'print-begin' : 'block-begin', text: template.slice(begin, at), line })
  const brackets: string[] = []
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(template)?.[0]
  }
  while (at < template.length) {
    const space = match(SPACE)
    if (space !== undefined) {
      line += countLines(space)
      at += space.length
      continue
    }
    if (brackets.length === 0) {
      const strips = template.startsWith(`-${close}`, at)
      const ends = strips || template.startsWith(close, at) || template.startsWith(`+${close}`, at)
      if (ends) {
        const text = template.slice(at, template.indexOf(close, at) + 2)
        tokens.push({ kind: isPrint ? 'print-end' : 'block-end', text, line })
        return { at: at + text.length, line, stripsNext: strips }
      }
    }
    const token = readToken(template, at, line, match)
    if (token.kind === 'operator') keepBalance(brackets, token)
    at += token.length
    line += token.kind === 'string' ? countLines(template.slice(at - token.length, at)) : 0
    tokens.push({ kind: token.kind, text: token.text, line: token.line })
  }
  return { at, line, stripsNext: false }
}

function readToken(
  template: string,
  at: number,
  line: number,
  match: (pattern: RegExp) => string | undefined,
): Token & { length: number } {
  const kinds = [
    ['float', FLOAT],
    ['integer', INTEGER],
    ['name', NAME],
    ['string', STRING],
    ['operator', OPERATOR],
  ] as const
  for (const [kind, pattern] of kinds) {
    const text = match(pattern)
    if (text === undefined) continue
    return { kind, text: kind === 'string' ? unescape(text.slice(1, -1)) : text, line, length: text.length }
  }
  throw new TemplateSyntaxError(`unexpected char '${template[at]}' at ${at}`, line)
}

function keepBalance(brackets: string[], { text, line }: Token): void {
  if (CLOSING[text] !== undefined) {
    brackets.push(CLOSING[text])
  } else if (text === ')' || text === ']' || text === '}') {
    const expected = brackets.pop()
    if (expected === undefined) throw new TemplateSyntaxError(`unexpected '${text}'`, line)
    if (expected !== text) throw new TemplateSyntaxError(`unexpected '${text}', expected '${expected}'`, line)
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
}

function unescape(text: string): string {
  return text.replaceAll(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|[^])/g, (whole, escape: string) => {
    if (escape.length > 1) return String.fromCharCode(parseInt(escape.slice(1), 16))
    if (escape === '\n') return ''
    return ESCAPES[escape] ?? ('\\\'"'.includes(escape) ? escape : whole)
  })
}
