import { createRequire } from 'node:module'

type StringWidth = (text: string) => number

const load = createRequire(import.meta.url)
let stringWidth: StringWidth | undefined

/** Columns that a text takes on a terminal. What only wide characters need is loaded with the first of them: it takes longer than the rest of a command. */
export function displayWidth(text: string): number {
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length
  stringWidth ??= (load('string-width') as { default: StringWidth }).default
  return stringWidth(text)
}
