import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CommandError } from '../exit-codes.ts'
import { projectFiles } from './project-files.ts'

/** What `spillway init` has made. */
export interface Scaffolded {
  readonly folder: string
  readonly files: readonly string[]
}

/** Writes the files of a new project. @throws {CommandError} when one of them is there already; then none is written. */
export function scaffold(folder: string): Scaffolded {
  const files = Object.entries(projectFiles(path.basename(folder), versions()))
  const there = files.map(([file]) => file).filter((file) => existsSync(path.join(folder, file)))
  if (there.length > 0) {
    throw new CommandError(`Nothing was written: ${folder} has ${there.join(', ')} already, and files are never overwritten.`, {
      remedy: 'Name another folder: spillway init my-flows. In a project that you have, npm install spillway is all that is needed.',
    })
  }
  for (const [file, text] of files) {
    const target = path.join(folder, file)
    mkdirSync(path.dirname(target), { recursive: true })
    // `wx`: whatever came to be there meanwhile stays.
    writeFileSync(target, text, { flag: 'wx' })
  }
  return { folder, files: files.map(([file]) => file) }
}

/** What a new project depends on; this package at the version that is running. */
function versions(): Parameters<typeof projectFiles>[1] {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  return { spillway: `^${version}`, zod: '^4.6.7', typescript: '^7.0.2', nodeTypes: '^24.19.2' }
}
