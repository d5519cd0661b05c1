import { execFile } from 'node:child_process'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { cleanEnvironment, makeTempDir } from '../../compat/target.ts'
import { root } from './packed.ts'

/** Where npm keeps what it has fetched, from one run of the tests to the next. */
const cache = path.join(root, '.cache', 'npm-packages')

/** The environment of somebody who has just opened a terminal: this Node first on the path, this registry, nothing else. */
export function userEnvironment(registry: string, home: string): Record<string, string> {
  return cleanEnvironment({
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH']}`,
    HOME: home,
    npm_config_registry: registry,
    npm_config_cache: cache,
    npm_config_prefer_offline: 'true',
    npm_config_yes: 'true',
    npm_config_update_notifier: 'false',
  })
}

/** Lets `npx` forget the packages that it fetched for an earlier run of the tests: it keeps them by name and version. */
export function forgetNpx(): void {
  rmSync(path.join(cache, '_npx'), { recursive: true, force: true })
}

/** Runs a command of a user to its end. @throws with what it has printed when it fails. */
export async function run(command: string, args: readonly string[], options: { cwd: string; env: Record<string, string> }): Promise<{ stdout: string; stderr: string }> {
  return await promisify(execFile)(command, [...args], { ...options, maxBuffer: 16 * 1024 * 1024 })
}

/** A new folder with a package.json and these packages from the registry. */
export async function installedIn(registry: string, home: string, packages: readonly string[]): Promise<string> {
  const folder = makeTempDir('installed')
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module", "private": true }\n')
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder, env: userEnvironment(registry, home) })
  return folder
}

/** Bytes of all files below a folder. */
export function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0)
}
