/** Where a text stops being JSON, and why, in the words of Python's parser, which clients show. */
export interface JsonFault {
  readonly msg: string
  /** Offset in characters. */
  readonly at: number
}

/** Nesting past which only the general fault is given. */
const DEPTH_MAX = 200

class Fault extends Error {
  readonly fault: JsonFault

  constructor(msg: string, at: number) {
    super(msg)
    this.fault = { msg, at }
  }
}

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const WORD = /true|false|null/y
const HEX4 = /[0-9a-fA-F]{4}/y

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

function skipSpace(text: string, at: number): number {
  return endOf(SPACE, text, at)
}

function readString(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const code = text.charCodeAt(at)
    if (Number.isNaN(code)) throw new Fault('Unterminated string starting at', start)
    if (code === 34) return at + 1
    if (code < 32) throw new Fault('Invalid control character at', at)
    if (code !== 92) {
      at += 1
      continue
    }
    const escape = text[at + 1]
    if (escape === undefined) throw new Fault('Unterminated string starting at', start)
    if (escape === 'u') {
      if (endOf(HEX4, text, at + 2) < 0) throw new Fault('Invalid \\uXXXX escape', at + 1)
      at += 6
    } else if ('"\\/bfnrt'.includes(escape)) {
      at += 2
    } else {
      throw new Fault('Invalid \\escape', at)
    }
  }
}

function readObject(text: string, start: number, depth: number): number {
  let at = skipSpace(text, start + 1)
  if (text[at] === '}') return at + 1
  for (;;) {
    if (text[at] !== '"') throw new Fault('Expecting property name enclosed in double quotes', at)
    at = skipSpace(text, readString(text, at))
    if (text[at] !== ':') throw new Fault("Expecting ':' delimiter", at)
    at = skipSpace(text, readValue(text, skipSpace(text, at + 1), depth))
    if (text[at] === '}') return at + 1
    if (text[at] !== ',') throw new Fault("Expecting ',' delimiter", at)
    at = skipSpace(text, at + 1)
  }
}

function readArray(text: string, start: number, depth: number): number {
  let at = skipSpace(text, start + 1)
  if (text[at] === ']') return at + 1
  for (;;) {
    at = skipSpace(text, readValue(text, at, depth))
    if (text[at] === ']') return at + 1
    if (text[at] !== ',') throw new Fault("Expecting ',' delimiter", at)
    at = skipSpace(text, at + 1)
  }
}

function readValue(text: string, at: number, depth: number): number {
  if (depth > DEPTH_MAX) throw new Fault('Expecting value', at)
  const first = text[at]
  if (first === '"') return readString(text, at)
  if (first === '{') return readObject(text, at, depth + 1)
  if (first === '[') return readArray(text, at, depth + 1)
  const word = endOf(WORD, text, at)
  const end = word < 0 ? endOf(NUMBER, text, at) : word
  if (end < 0) throw new Fault('Expecting value', at)
  return end
}

/**
 * Finds out why a text that the runtime's JSON parser refused is no JSON.
 * Offsets are code points, as Python counts them.
 */
export function jsonFault(text: string): JsonFault {
  try {
    const end = skipSpace(text, readValue(text, skipSpace(text, 0), 0))
    throw new Fault('Extra data', end)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { msg, at } = error.fault
    return { msg, at: Array.from(text.slice(0, at)).length }
  }
}
