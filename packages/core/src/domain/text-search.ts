/** The longest query that the API takes, in characters. */
export const TEXT_QUERY_LENGTH_MAX = 200

/** A text query taken apart: one of `include` must occur, none of `exclude`, all of `required`. */
export interface TextQuery {
  include: readonly string[]
  exclude: readonly string[]
  required: readonly string[]
}

/**
 * Parses a search query: words separated by white space, `"quoted phrases"` (with `\"` and `\\` in them), `-word` or
 * `!word` to exclude, `+word` to require. A sign that stands alone counts for nothing. Case does not matter; terms come
 * back as they were written.
 */
export function parseTextQuery(query: string): TextQuery {
  const terms = { include: [] as string[], exclude: [] as string[], required: [] as string[] }
  let at = 0
  while (at < query.length) {
    if (/\s/.test(query[at]!)) {
      at++
      continue
    }
    const sign = query[at]!
    const kind = sign === '-' || sign === '!' ? 'exclude' : sign === '+' ? 'required' : 'include'
    if (kind !== 'include') at++
    const { term, end } = query[at] === '"' ? quotedTerm(query, at + 1) : bareTerm(query, at)
    if (term !== '') terms[kind].push(term)
    at = end
  }
  return terms
}

function bareTerm(query: string, from: number): { term: string; end: number } {
  let end = from
  while (end < query.length && query[end] !== '"' && !/\s/.test(query[end]!)) end++
  return { term: query.slice(from, end), end }
}

/** A quote that is never closed reaches to the end of the query. */
function quotedTerm(query: string, from: number): { term: string; end: number } {
  let term = ''
  let at = from
  for (; at < query.length && query[at] !== '"'; at++) {
    const next = query[at + 1]
    if (query[at] === '\\' && (next === '"' || next === '\\')) at++
    term += query[at]
  }
  return { term, end: at + 1 }
}

/** Whether a query asks for anything at all. */
export function isEmptyTextQuery({ include, exclude, required }: TextQuery): boolean {
  return include.length + exclude.length + required.length === 0
}

/** Builds the test of a query against texts; the case of letters does not matter. */
export function compileTextQuery(query: string): (text: string) => boolean {
  const parsed = parseTextQuery(query)
  const [include, exclude, required] = [parsed.include, parsed.exclude, parsed.required].map((terms) =>
    terms.map((term) => term.toLowerCase())) as [string[], string[], string[]]
  return (text) => {
    const searched = text.toLowerCase()
    return (
      (include.length === 0 || include.some((term) => searched.includes(term))) &&
      !exclude.some((term) => searched.includes(term)) &&
      required.every((term) => searched.includes(term))
    )
  }
}
