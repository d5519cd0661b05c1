/**
 * What does the TypeScript SDK cost: one no-op task in a flow until the server has stored it, beside the stock Python client on the same
 * kind of server; memory over a map of 10,000 with a window of 50; and one run in a process of its own, beyond what Node itself takes?
 *
 *     npm run bench -- sdk-cost [--repeats 3] [--targets spillway,prefect-3.8.8] [--only task]
 *
 * The targets are the clients here; all of them talk to a Spillway server of their own. The process of a run and the import are measured from
 * the built package (`node scripts/build.mjs`), as users have it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { machineFacts } from './lib/machine.ts'
import { printResult, readOptions, type Cases, type Figures } from './lib/question.ts'
import { startTarget } from './targets.ts'

const TASKS = 1000
const [ITEMS, WINDOW] = [10_000, 50]
const repository = fileURLToPath(new URL('..', import.meta.url))
const options = readOptions({ repeats: 3, seconds: 0, targets: 'spillway,prefect-3.8.8' })
const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
const built = join(repository, 'packages/sdk/dist')
const source = ['--conditions=spillway-source', '--disable-warning=ExperimentalWarning']

interface Ended {
  tookMs: number
  output: string
}

async function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const startMs = performance.now()
  const child = spawn(command, args, {
    cwd: repository,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, PREFECT_HOME: folder, PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
  return { tookMs: performance.now() - startMs, output }
}

const figuresOf = ({ output }: Ended): Figures => JSON.parse(output) as Figures

/** A run that exists, in a process that is started for it, from spawn to exit; less what Node itself takes. */
async function coldStart(apiUrl: string): Promise<Figures> {
  const flows = join(folder, 'flows.mjs')
  writeFileSync(flows, `import { flow } from ${JSON.stringify(pathToFileURL(join(built, 'index.js')).href)}\nexport const cold = flow({ name: 'cold' }, () => 1)\n`)
  const post = async (path: string, body: object): Promise<{ id: string }> => {
    const answer = await fetch(`${apiUrl}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return (await answer.json()) as { id: string }
  }
  const { id: flowId } = await post('/flows/', { name: 'cold' })
  const { id } = await post('/flow_runs/', { flow_id: flowId, state: { type: 'PENDING' } })
  const { tookMs: nodeMs } = await run(process.execPath, ['--eval', '0'])
  const { tookMs } = await run(process.execPath, [join(built, 'runner/child.js')], { PREFECT_API_URL: apiUrl, PREFECT__FLOW_RUN_ID: id, SPILLWAY__ENTRYPOINT: `${flows}:cold` })
  const imported = await run(process.execPath, ['--input-type=module', '--eval', `await import(${JSON.stringify(pathToFileURL(join(built, 'index.js')).href)})`])
  return { beyondNodeMs: tookMs - nodeMs, nodeMs, importBeyondNodeMs: imported.tookMs - nodeMs }
}

async function measure(name: string): Promise<Cases> {
  const server = await startTarget('spillway')
  const apiUrl = `http://${server.host}:${server.port}${server.base}`
  const env = { PREFECT_API_URL: apiUrl }
  const isWanted = (name: string): boolean => name.includes(options.only)
  try {
    if (name !== 'spillway') {
      const python = join(repository, '.cache', name, 'bin/python')
      return isWanted('no-op task') ? { 'no-op task': figuresOf(await run(python, ['bench/sdk/no_op.py', String(TASKS)], env)) } : {}
    }
    const cases: Cases = {}
    if (isWanted('no-op task')) cases['no-op task'] = figuresOf(await run(process.execPath, [...source, 'bench/sdk/no-op.ts', String(TASKS)], env))
    if (isWanted('map')) cases[`map of ${ITEMS}, window ${WINDOW}`] = figuresOf(await run(process.execPath, ['--expose-gc', ...source, 'bench/sdk/map.ts', String(ITEMS), String(WINDOW)], env))
    if (isWanted('own process') && existsSync(built)) cases['one run in its own process'] = await coldStart(apiUrl)
    return cases
  } finally {
    await server.stop()
  }
}

const machine = machineFacts()
const rounds = new Map<string, Cases[]>(options.targets.map((name) => [name, []]))
try {
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    for (const name of options.targets) {
      process.stderr.write(`sdk-cost: round ${repeat + 1} of ${options.repeats}, ${name} …\n`)
      rounds.get(name)!.push(await measure(name))
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
printResult('sdk-cost', options, machine, rounds, { figure: 'perTaskMs', better: 'less' })
