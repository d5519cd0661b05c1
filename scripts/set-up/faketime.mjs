// libfaketime: gives one process a system clock of its own, so that a test can move it.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { howToGet, installPackages, mayInstall } from './proxies.mjs'

const name = 'libfaketime'

/**
 * The library for programs with threads, or undefined.
 *
 * @returns {string | undefined}
 */
export function findFaketime() {
  const roots = ['/usr/lib', '/usr/local/lib', '/usr/lib64'].filter((root) => existsSync(root))
  const folders = roots.flatMap((root) => [root, ...readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => path.join(root, entry.name))])
  return folders.map((folder) => path.join(folder, 'faketime', 'libfaketimeMT.so.1')).find((file) => existsSync(file))
}

/** Finds it, or installs it where it may. */
export async function ensureFaketime() {
  if (process.platform === 'linux' && !findFaketime() && mayInstall()) {
    try {
      await installPackages([name])
    } catch (error) {
      console.log(error.message)
    }
  }
  if (!findFaketime()) console.log(`\n!! ${name} is missing: the test of a clock that jumps is SKIPPED. ${howToGet(name)}\n`)
}
