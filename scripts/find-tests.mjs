import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './set-up/dependencies.mjs'

/** All `*.test.ts` files below a folder of the repository, as paths relative to its root, sorted. */
export function findTests(folder) {
  let entries
  try {
    entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  } catch {
    return []
  }
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules'))
    .sort()
}
