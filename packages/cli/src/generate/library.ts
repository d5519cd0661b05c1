import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The module that a file of a project imports the SDK from: the light package where the project has that one alone. */
export function libraryFor(file: string): 'spillway' | '@spillway/sdk' {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json')
    if (existsSync(manifest)) {
      const { dependencies, devDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, object | undefined>
      const all = { ...devDependencies, ...dependencies }
      return '@spillway/sdk' in all && !('spillway' in all) ? '@spillway/sdk' : 'spillway'
    }
    if (folder === path.dirname(folder)) return 'spillway'
  }
}
