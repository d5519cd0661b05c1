import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export interface Import {
  readonly path: string
  /** `type` when only types cross; `file` when the file is only named, to be run by a worker or another process. */
  readonly kind: 'code' | 'type' | 'file'
}

export interface SourceFile {
  /** From the repository's root, with slashes: `packages/core/src/wire/time.ts`. */
  readonly path: string
  readonly text: string
  /** Files of the repository that it uses, as paths like its own. */
  readonly imports: readonly Import[]
  /** What it imports from outside: `node:fs`, `ws`. */
  readonly externals: readonly string[]
}

const skipped = new Set(['node_modules', 'dist', '.git', '.cache', '__pycache__'])

/** All files below some folders whose name ends in one of `endings`, as paths from the root, sorted. */
export function listFiles(folders: readonly string[], endings: readonly string[]): string[] {
  const found: string[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const where = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && !skipped.has(entry.name)) visit(where)
      else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) found.push(where)
    }
  }
  for (const folder of folders) visit(folder)
  return found.sort()
}

const importLine = /^\s*(?:import|export)\b(?<clause>[^'"`;]*?)\bfrom\s*['"](?<from>[^'"]+)['"]|^\s*import\s*['"](?<bare>[^'"]+)['"]|\bimport\(\s*['"](?<dynamic>[^'"]+)['"]\s*\)|\bnew URL\(\s*['"](?<url>\.[^'"]+\.(?:ts|mjs|js))['"]|(?<worker>['"]\.\/[\w-]+\.(?:ts|mjs)['"])\s*[:,)]/gm

/** Reads a file and what it imports. Comments are not told apart from code: nothing else looks like an import line. */
export function readSource(file: string): SourceFile {
  const text = readFileSync(path.join(root, file), 'utf8')
  const imports: Import[] = []
  const externals: string[] = []
  for (const { groups = {} } of text.matchAll(importLine)) {
    const named = groups['url'] ?? groups['worker']?.slice(1, -1)
    const from = named ?? groups['from'] ?? groups['bare'] ?? groups['dynamic'] ?? ''
    const kind = named ? 'file' : /^\s*type\b/.test(groups['clause'] ?? '') ? 'type' : 'code'
    const own = /^@spillway\/(\w+)\/(.+)$/.exec(from)
    if (from.startsWith('.')) imports.push({ path: path.posix.join(path.posix.dirname(file), from), kind })
    else if (from === '@spillway/sdk' || from === '@spillway/sdk/testing') imports.push({ path: `packages/sdk/src/${from.endsWith('testing') ? 'testing/' : ''}index.ts`, kind })
    else if (own) imports.push({ path: `packages/${own[1]}/src/${own[2]}.ts`, kind })
    else externals.push(from)
  }
  return { path: file, text, imports, externals }
}

/** Code that only tests use. */
export function isTest(file: string): boolean {
  return /\.(test|fixture)\.ts$|\/testing\.ts$/.test(file)
}
