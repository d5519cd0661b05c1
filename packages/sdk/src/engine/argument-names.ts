/**
 * The names of a function's parameters by its text; `arg0` for what has none, such as a pattern. Only labels in the graph
 * depend on it.
 */
export function argumentNames(text: string): readonly string[] {
  const list = parameterList(text)
  if (list === undefined) return []
  return splitTopLevel(list).map((parameter, index) => /^\s*(?:\.\.\.)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(parameter)?.[1] ?? `arg${index}`)
}

function parameterList(text: string): string | undefined {
  const single = /^\s*(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(text)
  if (single) return single[1]
  const open = text.indexOf('(')
  if (open < 0) return undefined
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if ('([{'.includes(text[at]!)) depth++
    else if (')]}'.includes(text[at]!) && --depth === 0) return text.slice(open + 1, at)
  }
  return undefined
}

function splitTopLevel(list: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of list) {
    if ('([{'.includes(character)) depth++
    if (')]}'.includes(character)) depth--
    if (character === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else {
      part += character
    }
  }
  if (part.trim() !== '') parts.push(part)
  return parts
}
