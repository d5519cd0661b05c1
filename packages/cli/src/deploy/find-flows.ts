import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'

/** Files that are looked into; a folder with more is no folder of flows. */
const FILES_MAX = 2000
const FOUND_MAX = 100
const LEFT_OUT = ['node_modules', 'dist', 'build', 'coverage']
const EXPORTED_FLOW = /^export\s+const\s+([\w$]+)\s*(?::[^=\n]+)?=\s*flow\s*[(<]/gm

/**
 * Entry points of the flows that stand below this folder, as `file.ts:name`. They are found by what is written: to load every
 * file would run whatever stands in it.
 */
export async function findFlows(folder = '.'): Promise<string[]> {
  const found: string[] = []
  let files = 0
  for await (const file of glob('**/*.{ts,mts,js,mjs}', { cwd: folder, exclude: (name) => name.startsWith('.') && name !== '.' || LEFT_OUT.includes(name.split('/').at(-1)!) })) {
    if (++files > FILES_MAX || found.length >= FOUND_MAX) break
    if (/\.(test|spec|d)\.[a-z]+$/.test(file)) continue
    found.push(...(await flowsIn(file, folder)))
  }
  return found.toSorted()
}

/** Entry points of the flows in a file; none where it cannot be read. */
export async function flowsIn(file: string, folder = '.'): Promise<string[]> {
  const text = await readFile(path.resolve(folder, file), 'utf8').catch(() => '')
  return [...text.matchAll(EXPORTED_FLOW)].map(([, name]) => `${file}:${name}`)
}
