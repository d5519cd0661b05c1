/** A JSON Schema as deployments carry it; what is in it is somebody else's. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Texts of one TypeScript type: what stands for the schema, and whether it is a union or intersection that wants brackets. */
export interface TypeText {
  readonly text: string
  readonly isCompound: boolean
}

export const unknownType: TypeText = { text: 'unknown', isCompound: false }

export function plain(text: string): TypeText {
  return { text, isCompound: false }
}

/** `A | B`, each once; a single one stays itself, and `unknown` takes the others in. */
export function union(parts: readonly TypeText[]): TypeText {
  return compound(parts, ' | ')
}

/** `A & B`; `unknown` adds nothing. */
export function intersection(parts: readonly TypeText[]): TypeText {
  const known = parts.filter(({ text }) => text !== 'unknown')
  return known.length === 0 ? unknownType : compound(known, ' & ')
}

export function bracketed({ text, isCompound }: TypeText): string {
  return isCompound ? `(${text})` : text
}

/** The type of exactly this JSON value. */
export function literalType(value: unknown): TypeText {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return plain(String(value))
  if (typeof value === 'string') return plain(quoted(value))
  if (Array.isArray(value)) return plain(`[${value.map((item) => literalType(item).text).join(', ')}]`)
  if (typeof value !== 'object') return unknownType
  const fields = Object.entries(value).map(([name, field]) => `${propertyName(name)}: ${literalType(field).text}`)
  return plain(fields.length === 0 ? '{}' : `{ ${fields.join('; ')} }`)
}

/** A text as a literal in single quotes. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

/** A property's name as it is written in a type: in quotes where it is no identifier. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}

/** Letters that every compiler knows, of the scripts that most people write: newer ones are no identifiers everywhere. */
const letter = '[\\p{L}&&[\\u0000-\\u024f\\u0370-\\u03ff\\u0400-\\u04ff\\u3041-\\u30fa\\u4e00-\\u9fa5\\uac00-\\ud7a3]]'
const betweenWords = new RegExp(`[^0-9${letter}]+`, 'v')
const startsWithLetter = new RegExp(`^${letter}`, 'v')

/** What a type may be called that is made of these words: `etl/nightly-load` becomes `EtlNightlyLoad`. */
export function typeName(words: string): string {
  const name = words
    .split(betweenWords)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
  return startsWithLetter.test(name) ? name : `_${name}`
}

/** A doc comment of these sentences, each line indented; nothing when there are none. */
export function docComment(sentences: readonly string[], indent = ''): string {
  const lines = sentences.flatMap((sentence) => sentence.replaceAll('*/', '*\u200b/').split(/\r\n|[\n\r\u2028\u2029]/)).map((line) => line.trimEnd())
  while (lines.length > 0 && lines.at(-1) === '') lines.pop()
  if (lines.length === 0) return ''
  if (lines.length === 1) return `${indent}/** ${lines[0]!.trim()} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`
}

function compound(parts: readonly TypeText[], joint: ' | ' | ' & '): TypeText {
  if (parts.length === 0 || (joint === ' | ' && parts.some(({ text }) => text === 'unknown'))) return unknownType
  const texts = [...new Map(parts.map((part) => [part.text, part])).values()]
  return texts.length === 1 ? texts[0]! : { text: texts.map((part) => (joint === ' & ' ? bracketed(part) : part.text)).join(joint), isCompound: true }
}
