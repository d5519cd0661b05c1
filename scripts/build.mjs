// Compiles packages/*/src into packages/*/dist when a source is newer than the last build. `node scripts/build.mjs` builds
// whatever has changed, with the types that go into the published packages.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, root } from './set-up/dependencies.mjs'

const packages = ['core', 'server', 'sdk', 'cli']
/** Those that programs of others import, and so need types. */
const typed = ['core', 'sdk', 'cli']
/** Files that the program reads beside its own code. */
const assets = [['server', 'storage/migrations']]
/** Files that are commands: npm links to them when it installs, before they are built anew. */
const commands = [['cli', 'main.js'], ['sdk', 'runner/child.js']]

/** What the build is made of: names, sizes and times of all sources. Reading them takes a few milliseconds. */
function fingerprint() {
  const hash = createHash('sha256')
  const add = (path) => {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path.slice(root.length)}:${size}:${mtimeMs}\n`)
  }
  add(join(root, 'tsconfig.json'))
  add(join(root, 'tsconfig.build.json'))
  for (const name of packages) {
    const source = join(root, 'packages', name, 'src')
    const files = readdirSync(source, { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort()) add(file)
  }
  return hash.digest('hex')
}

/** Builds when needed. */
export function ensureBuilt() {
  const stamp = join(root, '.cache', 'build-stamp')
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && packages.every((name) => existsSync(join(root, 'packages', name, 'dist')))) return
  console.log('Building (a few seconds)…')
  const out = join(root, '.cache', 'build')
  rmSync(out, { recursive: true, force: true })
  // Types are the business of `npm run check`; the build only strips them.
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json', '--noCheck'], { cwd: root, stdio: 'inherit' })
  for (const name of packages) {
    const target = join(root, 'packages', name, 'dist')
    rmSync(target, { recursive: true, force: true })
    renameSync(join(out, name, 'src'), target)
  }
  for (const [name, folder] of assets) {
    cpSync(join(root, 'packages', name, 'src', folder), join(root, 'packages', name, 'dist', folder), { recursive: true })
  }
  for (const [name, file] of commands) chmodSync(join(root, 'packages', name, 'dist', file), 0o755)
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(stamp, wanted)
}

/** Puts `.d.ts` files beside the built code, when that is newer than they are. */
function ensureTypes() {
  const stamp = join(root, '.cache', 'types-stamp')
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && typed.every((name) => hasTypes(name))) return
  const out = join(root, '.cache', 'build-types')
  rmSync(out, { recursive: true, force: true })
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.types.json', '--outDir', out], { cwd: root, stdio: 'inherit' })
  for (const name of typed) cpSync(join(out, name, 'src'), join(root, 'packages', name, 'dist'), { recursive: true })
  writeFileSync(stamp, wanted)
}

function hasTypes(name) {
  return readdirSync(join(root, 'packages', name, 'dist'), { recursive: true }).some((file) => String(file).endsWith('.d.ts'))
}

if (process.argv[1] === import.meta.filename) {
  ensureDependencies()
  ensureBuilt()
  ensureTypes()
}
