/** The labels of a resource: at least `prefect.resource.id`, and `prefect.resource.role` for a related one. */
export type Labels = Readonly<Record<string, string>>

/** Which labels a resource must have: label to one or several patterns. */
export type LabelSpec = Readonly<Record<string, string | readonly string[]>>

/**
 * Builds the test of a pattern in which `*` stands for any run of characters, `?` for any one, and `[abc]`, `[a-z]`,
 * `[!abc]` for one of a class. A pattern always matches its own text, so names with brackets need no escape. Matching
 * is case-sensitive and never takes more than pattern length times text length steps.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  if (!/[*?[]/.test(pattern)) return (text) => text === pattern
  const literal = literalPrefix(pattern)
  if (pattern === `${literal}*`) return (text) => text.startsWith(literal)
  const tokens = globTokens(pattern)
  return (text) => text === pattern || (text.startsWith(literal) && matchTokens(tokens, text))
}

/** The text before the first wildcard of a pattern. */
export function literalPrefix(pattern: string): string {
  const wildcard = pattern.search(/[*?[]/)
  return wildcard < 0 ? pattern : pattern.slice(0, wildcard)
}

/** What one place of a text must be; `undefined` is `*`. */
type GlobToken = ((character: string) => boolean) | undefined

function globTokens(pattern: string): GlobToken[] {
  const tokens: GlobToken[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!
    if (character === '*') {
      if (tokens.length === 0 || tokens.at(-1) !== undefined) tokens.push(undefined)
    } else if (character === '?') {
      tokens.push(() => true)
    } else {
      // A bracket right after the opening one is part of the class; one that is never closed stands for itself.
      const negated = pattern[at + 1] === '!'
      const first = at + (negated ? 2 : 1)
      const end = character === '[' ? pattern.indexOf(']', first + 1) : -1
      if (end < 0) {
        tokens.push((other) => other === character)
      } else {
        tokens.push(classToken(pattern.slice(first, end), negated))
        at = end
      }
    }
  }
  return tokens
}

function classToken(members: string, negated: boolean): GlobToken {
  const singles = new Set<string>()
  const ranges: [string, string][] = []
  for (let at = 0; at < members.length; at++) {
    if (members[at + 1] === '-' && at + 2 < members.length) {
      ranges.push([members[at]!, members[at + 2]!])
      at += 2
    } else {
      singles.add(members[at]!)
    }
  }
  return (character) =>
    (singles.has(character) || ranges.some(([low, high]) => character >= low && character <= high)) !== negated
}

/** When something after a `*` does not fit, only the last `*` is stretched: earlier ones cannot do better. */
function matchTokens(tokens: readonly GlobToken[], text: string): boolean {
  let at = 0
  let token = 0
  let starToken = -1
  let starAt = 0
  while (at < text.length) {
    const test = tokens[token]
    if (token < tokens.length && test === undefined) {
      starToken = token++
      starAt = at
    } else if (test?.(text[at]!)) {
      token++
      at++
    } else if (starToken >= 0) {
      token = starToken + 1
      at = ++starAt
    } else {
      return false
    }
  }
  while (token < tokens.length && tokens[token] === undefined) token++
  return token === tokens.length
}

/**
 * Builds the test of one label's patterns: any of them must match; a leading `!` turns a pattern round. A label that is
 * missing matches nothing, not even a negated pattern; an empty list matches nothing either.
 */
export function compileLabelValues(expected: string | readonly string[]): (value: string | undefined) => boolean {
  const tests = (typeof expected === 'string' ? [expected] : expected).map((pattern) => {
    if (!pattern.startsWith('!')) return compileGlob(pattern)
    const excluded = compileGlob(pattern.slice(1))
    return (value: string) => !excluded(value)
  })
  return (value) => value !== undefined && tests.some((test) => test(value))
}

/** Builds the test of a label specification: every label must match; an empty specification matches everything. */
export function compileLabelSpec(spec: LabelSpec): (labels: Labels) => boolean {
  const tests = Object.entries(spec).map(([label, expected]) => ({ label, test: compileLabelValues(expected) }))
  if (tests.length === 0) return () => true
  return (labels) => tests.every(({ label, test }) => test(Object.hasOwn(labels, label) ? labels[label] : undefined))
}

/**
 * Whether a specification lets every resource of a kind pass: it is empty, or asks only for `<kind>.*` as the id.
 *
 * @param kind such as `prefect.flow-run`
 */
export function matchesEveryResourceOfKind(spec: LabelSpec, kind: string): boolean {
  const labels = Object.keys(spec)
  if (labels.length === 0) return true
  return labels.length === 1 && [spec['prefect.resource.id'] ?? []].flat().includes(`${kind}.*`)
}
