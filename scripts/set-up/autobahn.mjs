// The Autobahn test suite for websockets in .cache/autobahn. It exists for Python 2.7 only.
//
//   node scripts/set-up/autobahn.mjs
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findOnPath, run } from './processes.mjs'

const repoDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const dir = path.join(repoDir, '.cache/autobahn')
const lockFile = path.join(repoDir, 'test/autobahn/requirements.txt')

const howToGetPython = `Autobahn runs on Python 2.7 with pip only, and none was found on PATH or under pyenv.
Get one with pyenv (https://github.com/pyenv/pyenv): pyenv install 2.7.18
It need not be the chosen version: it is found in pyenv's folder.`

/**
 * Makes, or finds, the private installation of Autobahn.
 *
 * @returns {Promise<{ command: string, args: string[], env: Record<string, string> }>} how to call `wstest`
 * @throws when there is no Python 2.7, with how to get one, or when the packages cannot be fetched
 */
export async function ensureAutobahn() {
  const python = findPython27()
  if (!python) throw new Error(howToGetPython)
  const stampFile = path.join(dir, '.spillway-stamp')
  const stamp = createHash('sha256').update(readFileSync(lockFile)).update(python).digest('hex')
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
    rmSync(dir, { recursive: true, force: true })
    console.log('autobahn: installing (first time only)')
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '--target', dir, '-r', lockFile]
    await run(python, args, { label: 'autobahn: installing', env: { PYTHONWARNINGS: 'ignore' } })
    // One of its packages lies in a namespace that only site-packages would open.
    writeFileSync(path.join(dir, 'zope/__init__.py'), '')
    writeFileSync(stampFile, stamp)
  }
  return { command: python, args: [path.join(dir, 'bin/wstest')], env: { PYTHONPATH: dir, PYTHONDONTWRITEBYTECODE: '1' } }
}

/** The path of a Python 2.7 that starts and has pip, or undefined. */
function findPython27() {
  const pyenvVersions = path.join(process.env.PYENV_ROOT ?? path.join(os.homedir(), '.pyenv'), 'versions')
  const underPyenv = existsSync(pyenvVersions)
    ? readdirSync(pyenvVersions)
        .filter((name) => name.startsWith('2.7') || name.startsWith('pypy2.7'))
        .flatMap((name) => ['python2.7', 'pypy'].map((file) => path.join(pyenvVersions, name, 'bin', file)))
    : []
  const onPath = ['python2.7', 'python2', 'python', 'pypy'].map(findOnPath)
  return [...onPath, ...underPyenv].find((command) => command !== undefined && existsSync(command) && isPython27(command))
}

/** Starting it is the only proof: pyenv puts a command on PATH for versions that are not chosen too. */
function isPython27(command) {
  try {
    return run.sync(command, ['-c', 'import sys, pip; print("%d.%d" % sys.version_info[:2])']).trim() === '2.7'
  } catch {
    return false
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { command, args } = await ensureAutobahn()
  console.log(`autobahn: ${command} ${args.join(' ')}`)
}
