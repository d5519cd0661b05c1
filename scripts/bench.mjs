// Runs one of the measurements in bench/, or lists them.
//
//   npm run bench                             the list
//   npm run bench -- lifecycle --seconds 3    one of them; what follows its name goes to it
//   npm run bench -- all                      the questions one after another, with their own defaults
//   npm run bench -- lifecycle --save         the line also goes to bench/results/<name>-<date>.jsonl
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { continueOnPinnedNode } from './set-up/pinned-node.mjs'

continueOnPinnedNode()

const benchDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../bench')

/** What `all` runs, in this order. What decided the store's form and schema is measured again only when asked for. */
const questions = [
  'start-up', 'lifecycle', 'reads', 'ingest', 'runs-page', 'overload', 'dials', 'fan-out', 'idle-streams', 'stalled-peers', 'stream-churn', 'torture',
  'sdk-cost',
]
const others = ['store-form', 'write-cost']

/** The opening paragraph of a bench file's comment: what it answers. */
function purposeOf(name) {
  const comment = readFileSync(path.join(benchDir, `${name}.ts`), 'utf8').match(/^\/\*\*([\s\S]*?)\*\//)?.[1] ?? ''
  return comment.replace(/\n \*[^\S\n]?/g, '\n').trim().split('\n\n')[0].replaceAll('\n', '\n    ')
}

function list() {
  console.log('npm run bench -- <name> [options]     or: npm run bench -- all\n')
  for (const name of [...questions, ...others]) console.log(`${name}\n    ${purposeOf(name)}\n`)
  console.log('What they need, and how to read the figures: bench/README.md')
}

/** Runs one bench to its end and resolves with its exit code. */
function runBench(name, args) {
  const save = args.includes('--save')
  const own = args.filter((arg) => arg !== '--save')
  const file = path.join(benchDir, `${name}.ts`)
  const nodeArgs = ['--conditions=spillway-source', '--disable-warning=ExperimentalWarning', file, ...own]
  const child = spawn(process.execPath, nodeArgs, { stdio: ['ignore', 'pipe', 'inherit'] })
  const results = path.join(benchDir, 'results')
  const resultFile = path.join(results, `${name}-${new Date().toISOString().slice(0, 10)}.jsonl`)
  if (save) mkdirSync(results, { recursive: true })
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk)
    if (save) appendFileSync(resultFile, chunk)
  })
  const passOn = (signal) => child.kill(signal)
  process.on('SIGINT', passOn)
  process.on('SIGTERM', passOn)
  return new Promise((resolve) => child.on('close', (code) => {
    process.off('SIGINT', passOn)
    process.off('SIGTERM', passOn)
    resolve(code ?? 1)
  }))
}

const [name, ...args] = process.argv.slice(2)
if (!name) {
  list()
} else if (name === 'all') {
  for (const question of questions) process.exitCode = (await runBench(question, args)) || process.exitCode
} else if (existsSync(path.join(benchDir, `${name}.ts`))) {
  process.exitCode = await runBench(name, args)
} else {
  console.error(`there is no bench ${name}\n`)
  list()
  process.exitCode = 2
}
