// The real proxies that tests put in front of the server: nginx and HAProxy.
//
//   node scripts/set-up/proxies.mjs
//
// They are taken from where they lie. On Debian and its like, root gets the missing ones as packages; their services are not
// started. Elsewhere a line says what is missing and how to get it.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findOnPath, run } from './processes.mjs'

const names = ['nginx', 'haproxy']
/** Where daemons lie that are not on an ordinary user's PATH. */
const daemonDirs = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
/** The file that tells Debian's packages whether they may start their services. */
const startPolicy = '/usr/sbin/policy-rc.d'

/**
 * The path of a proxy's program, or undefined.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProxy(name) {
  return findOnPath(name) ?? daemonDirs.map((dir) => path.join(dir, name)).find((candidate) => existsSync(candidate))
}

/**
 * Finds the proxies, and installs the missing ones where it may.
 *
 * @returns {Promise<string[]>} those that are missing still; how to get them has been printed
 */
export async function ensureProxies() {
  const missing = () => names.filter((name) => !findProxy(name))
  if (missing().length > 0 && mayInstall()) {
    try {
      await installPackages(missing())
    } catch (error) {
      console.log(error.message)
    }
  }
  for (const name of missing()) console.log(`\n!! ${name} is missing: the tests behind it are SKIPPED. ${howToGet(name)}\n`)
  return missing()
}

/**
 * @param {string} name
 * @returns {string} what a person types to get it
 */
export function howToGet(name) {
  if (process.platform === 'darwin') return `Install it: brew install ${name}`
  return `Install it: apt-get install --no-install-recommends ${name} (Debian, Ubuntu), or the package of that name of your system.`
}

/** @returns {boolean} whether packages of the system can be installed here */
export function mayInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && findOnPath('apt-get') !== undefined
}

/**
 * Installs packages of Debian without starting their services.
 *
 * @param {string[]} packages
 */
export async function installPackages(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const args = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages]
  const label = `installing ${packages.join(' and ')}`
  const ownPolicy = !existsSync(startPolicy)
  if (ownPolicy) writeFileSync(startPolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    console.log(`${label} (first time only)`)
    try {
      await run('apt-get', args, { label, env })
    } catch {
      // The lists of packages are missing, or so old that they name versions which are gone.
      await run('apt-get', ['update'], { label: 'fetching lists of packages', env })
      await run('apt-get', args, { label, env })
    }
  } finally {
    if (ownPolicy) rmSync(startPolicy, { force: true })
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const missing = await ensureProxies()
  for (const name of names.filter((candidate) => !missing.includes(candidate))) console.log(`${name}: ${findProxy(name)}`)
  process.exitCode = missing.length > 0 && process.env.CI === 'true' ? 1 : 0
}
