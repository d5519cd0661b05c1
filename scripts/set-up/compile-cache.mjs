import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './dependencies.mjs'

const folder = join(root, '.cache', 'node-compile')
/** Programs that tests install in temporary folders leave entries that nobody asks for again. */
const bytesMax = 256 * 1024 * 1024

/**
 * The folder in which Node keeps what it made of TypeScript files, for `NODE_COMPILE_CACHE`: hundreds of processes of the tests begin with
 * the same files. Node itself sees to it that an entry is of the file as it is. It is emptied when it has grown large.
 */
export function compileCache() {
  mkdirSync(folder, { recursive: true })
  const bytes = readdirSync(folder, { recursive: true }).reduce((sum, file) => sum + sizeOf(join(folder, file)), 0)
  if (bytes > bytesMax) rmSync(folder, { recursive: true, force: true })
  return folder
}

function sizeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
