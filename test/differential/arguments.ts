import { parseArgs } from 'node:util'
import type { CallList } from './call.ts'
import { callLists } from './lists.ts'

export type Chosen = { version: string; against: string; lists: CallList[] }

/** `--prefect VERSION`, `--against spillway|real|URL`, and names of lists (all when none is given). */
export function parseChosen(args: string[]): Chosen {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      prefect: { type: 'string', default: '3.8.8' },
      against: { type: 'string', default: 'spillway' },
    },
  })
  const unknown = positionals.filter((name) => !callLists.some((list) => list.name === name))
  if (unknown.length > 0) {
    const known = callLists.map((list) => list.name).join(' ')
    throw new Error(`no such list: ${unknown.join(' ')}; there are ${known}`)
  }
  const lists = positionals.length === 0 ? callLists : callLists.filter((list) => positionals.includes(list.name))
  return { version: values.prefect, against: values.against, lists }
}
