// Private Python environments for the tests: the stock Prefect client and server, the same with its blocks for S3, and schemathesis.
//
//   node scripts/set-up/prefect.mjs 3.8.8 3.9.1 aws schemathesis
//
// Each environment lies under .cache/ and is made from a locked requirement file in test/prefect/. A stamp file
// holds the hash of that lock, so that the second call only compares hashes.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findOnPath, run } from './processes.mjs'

const repoDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const cacheDir = path.join(repoDir, '.cache')
const lockDir = path.join(repoDir, 'test/prefect')
const onWindows = process.platform === 'win32'
const binName = onWindows ? 'Scripts' : 'bin'
const oldestPython = [3, 11]

/** Versions of Prefect for which a lock exists, oldest first. */
export const prefectVersions = ['3.8.8', '3.9.1']

/**
 * Makes, or finds, the private environment of one Prefect version.
 *
 * @param {string} version a version with a lock in test/prefect/, such as `3.8.8`
 * @returns {Promise<{ python: string, prefectCommand: string, dir: string }>} absolute paths
 * @throws when no suitable Python is found, or the packages cannot be fetched
 */
export async function ensurePrefect(version) {
  const dir = await ensureEnvironment(`prefect-${version}`, path.join(lockDir, `requirements-${version}.txt`))
  return { dir, python: path.join(dir, binName, 'python'), prefectCommand: path.join(dir, binName, 'prefect') }
}

/**
 * Makes, or finds, the private environment of the stock client 3.8.8 with its blocks for S3, and of a server that speaks S3.
 *
 * @returns {Promise<{ python: string, motoCommand: string, dir: string }>} absolute paths
 */
export async function ensurePrefectAws() {
  const dir = await ensureEnvironment('prefect-aws', path.join(lockDir, 'requirements-aws.txt'))
  return { dir, python: path.join(dir, binName, 'python'), motoCommand: path.join(dir, binName, 'moto_server') }
}

/**
 * Makes, or finds, the private environment of schemathesis, which fuzzes an API by its OpenAPI document.
 *
 * @returns {Promise<{ python: string, schemathesisCommand: string, dir: string }>} absolute paths
 */
export async function ensureSchemathesis() {
  const dir = await ensureEnvironment('schemathesis', path.join(lockDir, 'requirements-schemathesis.txt'))
  return {
    dir,
    python: path.join(dir, binName, 'python'),
    schemathesisCommand: path.join(dir, binName, 'schemathesis'),
  }
}

/**
 * The path of a `uv` command: the one on PATH, else one installed into .cache/uv, else undefined.
 *
 * @returns {Promise<string | undefined>}
 */
export async function findOrInstallUv() {
  const onPath = findOnPath('uv')
  if (onPath) return onPath
  const dir = path.join(cacheDir, 'uv')
  const cached = path.join(dir, binName, 'uv')
  if (existsSync(cached)) return cached
  try {
    const python = findPython()
    if (!python) return undefined
    await run(python, ['-m', 'venv', dir], { label: 'uv: making its environment' })
    await run(path.join(dir, binName, 'python'), ['-m', 'pip', 'install', '--quiet', 'uv'], { label: 'uv: installing' })
    return existsSync(cached) ? cached : undefined
  } catch (error) {
    console.log(`uv could not be installed (${error.message.split('\n')[0]}); pip does the work instead`)
    return undefined
  }
}

async function ensureEnvironment(name, lockFile) {
  if (!existsSync(lockFile)) {
    const missing = path.relative(repoDir, lockFile)
    throw new Error(`there is no lock ${missing}; make it with scripts/set-up/bump-prefect.mjs`)
  }
  const dir = path.join(cacheDir, name)
  const stampFile = path.join(dir, '.spillway-stamp')
  const stamp = createHash('sha256').update(readFileSync(lockFile)).update(dir).digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp && existsSync(path.join(dir, binName))) {
    return dir
  }
  mkdirSync(cacheDir, { recursive: true })
  return await withLockDir(`${dir}.lock`, async () => {
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return dir
    rmSync(dir, { recursive: true, force: true })
    const packages = readFileSync(lockFile, 'utf8').split('\n').filter((line) => /^[a-zA-Z]/.test(line)).length
    console.log(`${name}: making a Python environment with ${packages} locked packages (first time only)`)
    await installInto(dir, lockFile, name)
    writeFileSync(stampFile, stamp)
    console.log(`${name}: ready`)
    return dir
  })
}

async function installInto(dir, lockFile, name) {
  const python = findPython()
  const uv = await findOrInstallUv()
  const label = `${name}: installing`
  if (uv) {
    // Without a Python of its own on the machine, uv fetches one.
    await run(uv, ['venv', '--quiet', '--python', python ?? '3.12', dir], { label: `${name}: environment` })
    const target = path.join(dir, binName, 'python')
    // The lock is complete, so no resolver is needed; some releases carry floors that their own lock has to override.
    await run(uv, ['pip', 'install', '--quiet', '--no-deps', '--python', target, '-r', lockFile], { label })
    return
  }
  if (!python) throw new Error('the tests need Python 3.11 or later with venv (Debian: apt-get install python3-venv)')
  await run(python, ['-m', 'venv', dir], { label: `${name}: environment` })
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '-r', lockFile]
  await run(path.join(dir, binName, 'python'), pip, { label })
}

/** A suitable Python on PATH (3.11 or later, with `venv`), or undefined. */
function findPython() {
  for (const name of ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11']) {
    const command = findOnPath(name)
    if (!command) continue
    const version = pythonVersion(command)
    if (version && (version[0] > oldestPython[0] || version[1] >= oldestPython[1])) return command
  }
  return undefined
}

function pythonVersion(command) {
  try {
    const text = run.sync(command, ['-c', 'import sys, venv; print(sys.version_info[0], sys.version_info[1])'])
    const [major, minor] = text.trim().split(' ').map(Number)
    return major === 3 ? [major, minor] : undefined
  } catch {
    return undefined
  }
}

/** Lets one process at a time make an environment; a lock left by a dead process is taken over. */
async function withLockDir(lockPath, work) {
  const deadline = Date.now() + 10 * 60_000
  for (;;) {
    try {
      mkdirSync(lockPath)
      writeFileSync(path.join(lockPath, 'pid'), String(process.pid))
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isAbandoned(lockPath)) rmSync(lockPath, { recursive: true, force: true })
      else if (Date.now() > deadline) throw new Error(`another process holds ${lockPath}; remove it if none runs`, { cause: error })
      else await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lockPath, { recursive: true, force: true })
  }
}

function isAbandoned(lockPath) {
  try {
    process.kill(Number(readFileSync(path.join(lockPath, 'pid'), 'utf8')), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2)
  const others = { aws: ensurePrefectAws, schemathesis: ensureSchemathesis }
  for (const name of names.length > 0 ? names : [...prefectVersions, ...Object.keys(others)]) {
    const made = await (others[name]?.() ?? ensurePrefect(name))
    console.log(`${name}: ${made.dir}`)
  }
}
