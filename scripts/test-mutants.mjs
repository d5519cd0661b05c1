// `npm run test:mutants`: switches the defences of the streams off, one at a time, and tells for each which test went red.
// `npm run test:mutants -- credit` tries those whose names contain the word.
import { ensureDependencies } from './set-up/dependencies.mjs'

ensureDependencies()
const { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } = await import('node:fs')
const { spawn } = await import('node:child_process')
const { tmpdir } = await import('node:os')
const path = await import('node:path')
const { fileURLToPath } = await import('node:url')
const { mutants } = await import('../test/mutants/mutants.ts')

const repoDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const words = process.argv.slice(2)
const chosen = mutants.filter(({ defence }) => words.length === 0 || words.some((word) => defence.includes(word)))

/** A copy of the sources beside the packages that are installed: what is changed there is nobody else's. */
function copyRepository() {
  const copy = mkdtempSync(path.join(tmpdir(), 'spillway-mutants-'))
  for (const name of ['packages', 'test', 'scripts', 'bench', 'deploy', 'package.json', 'tsconfig.json']) {
    cpSync(path.join(repoDir, name), path.join(copy, name), { recursive: true, filter: (file) => !/\/(dist|node_modules|__pycache__)$/.test(file) })
  }
  const modules = path.join(copy, 'node_modules')
  mkdirSync(path.join(modules, '@spillway'), { recursive: true })
  for (const name of readdirSync(path.join(repoDir, 'node_modules'))) {
    if (name !== '@spillway') symlinkSync(path.join(repoDir, 'node_modules', name), path.join(modules, name))
  }
  for (const name of readdirSync(path.join(copy, 'packages'))) symlinkSync(path.join(copy, 'packages', name), path.join(modules, '@spillway', name))
  return copy
}

/** Runs test files in the copy. @returns the names of the tests that failed. */
function failuresOf(copy, { tests, only }) {
  const args = ['--conditions=spillway-source', '--disable-warning=ExperimentalWarning', '--test', '--test-timeout=40000', '--test-reporter=tap']
  const child = spawn(process.execPath, [...args, ...(only ? [`--test-name-pattern=${only}`] : []), ...tests], {
    cwd: copy,
    env: { ...process.env, SPILLWAY_SCHEDULES: '600' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  const late = setTimeout(() => child.kill('SIGKILL'), 180_000)
  return new Promise((resolve) => {
    child.on('close', () => {
      clearTimeout(late)
      const passed = [...output.matchAll(/^ *ok \d+ - (?!.*# SKIP)/gm)].length
      const failed = [...output.matchAll(/^ *not ok \d+ - (.*)$/gm)].map((match) => match[1].trim()).filter((name) => !name.endsWith('.test.ts'))
      resolve({ passed, failed, timedOut: child.signalCode !== null })
    })
  })
}

const copy = copyRepository()
let survivors = 0
try {
  console.log('| defence switched off | what went red |\n|---|---|')
  for (const mutant of chosen) {
    const file = path.join(copy, mutant.file)
    const source = readFileSync(file, 'utf8')
    if (source.split(mutant.find).length !== 2) throw new Error(`${mutant.defence}: its piece of ${mutant.file} does not stand there once`)
    writeFileSync(file, source.replace(mutant.find, () => mutant.replace))
    const { failed, timedOut } = await failuresOf(copy, mutant)
    writeFileSync(file, source)
    if (failed.length === 0 && !timedOut) survivors += 1
    const what = failed[0] ?? (timedOut ? 'the test does not end' : '**nothing**')
    console.log(`| ${mutant.defence} | ${what} |`)
  }
  const sound = await failuresOf(copy, { tests: ['test/simulation/admission.test.ts'] })
  if (sound.passed === 0 || sound.failed.length > 0) throw new Error('the unchanged copy does not pass its tests')
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`\n${chosen.length - survivors} passed, ${survivors} failed, 0 skipped`)
process.exit(survivors > 0 ? 1 : 0)
