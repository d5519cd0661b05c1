// Faults of runners and of the processes of runs: H of the fault catalogue, as far as it is the SDK's.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runDeployment, setDefaultSession, type ApiClient, type DeploymentRun } from '../../packages/sdk/src/index.ts'
import { eventually } from '../faults/eventually.ts'
import { startServerProcess, temporaryFolder, type ServerProcess } from '../server/server-process.ts'
import { atEnd } from './at-end.ts'
import { startProgram, type Program } from './processes.ts'
import { startProxy } from './proxy.ts'
import { sessionWith } from './targets.ts'

const isFull = process.env['SPILLWAY_SOAK'] === '1'
const file = fileURLToPath(new URL('./flows/faulty.ts', import.meta.url))
let server: ServerProcess
let client: ApiClient
let env: Record<string, string>
let program: Program

before(async () => {
  const hooks = { after: atEnd }
  server = await startServerProcess(hooks, { SPILLWAY_HOME: temporaryFolder(hooks) })
  const own = sessionWith(`${server.url}/api`)
  setDefaultSession(own.session)
  client = own.session.remote!.client
  env = { ...own.env, SPILLWAY_HEARTBEAT_SECONDS: '1' }
  program = await serve(env)
})

async function serve(env: Record<string, string>, args: readonly string[] = []): Promise<Program> {
  const serving = startProgram(file, env, args)
  await eventually(() => serving.output().includes('serving f-blocked'), 'the deployments to be served', 60)
  return serving
}

async function logsOf(run: DeploymentRun): Promise<string[]> {
  return (await client.filterLogs({ logs: { flow_run_id: { any_: [run.id] } }, sort: 'TIMESTAMP_ASC' })).map(({ message }) => message)
}

async function logged(run: DeploymentRun, start: string): Promise<string> {
  let line: string | undefined
  await eventually(async () => (line = (await logsOf(run)).find((message) => message.startsWith(start))) !== undefined, `'${start}' in the log`, 120)
  return line!
}

async function completedTasks(run: { id: string }): Promise<number> {
  return await client.call<number>('POST', '/task_runs/count', { flow_runs: { id: { any_: [run.id] } }, task_runs: { state: { type: { any_: ['COMPLETED'] } } } }, { repeatable: true })
}

/** Whether a process is there; one that has ended and that nobody has asked after is told from one that runs. */
function stateOf(pid: number): string {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'gone'
  } catch {
    return 'gone'
  }
}

test('a computation that blocks its process for long ends as it should, with all its records and one warning', async () => {
  const run = await runDeployment('f-blocked/test', { seconds: isFull ? 10 : 3 })
  assert.equal(run.state?.name, 'Completed')
  await eventually(async () => (await completedTasks(run)) === 10, '10 task runs', 60)
  const warnings = (await logsOf(run)).filter((message) => message.includes('event loop was blocked'))
  assert.equal(warnings.length, 1, (await logsOf(run)).join('\n'))
})

test('a run that ignores what it is told, with a process that holds its output, is gone with all it has started (H07)', async () => {
  const run = await runDeployment('f-stubborn/test', {}, { wait: false })
  const pids = (await logged(run, 'processes ')).split(' ').slice(1).map(Number)
  await run.cancel()
  assert.equal((await run.wait({ timeout: '40s' })).name, 'Cancelled')
  await eventually(() => pids.every((pid) => stateOf(pid) === 'gone'), 'the processes to be gone', 60)
})

test('what a run prints without end costs its runner no memory and stops nobody (H06)', async () => {
  const memoryMiB = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.child.pid}/status`, 'utf8'))![1]) / 1024
  const before = memoryMiB()
  let peak = before
  const watch = setInterval(() => (peak = Math.max(peak, memoryMiB())), 20)
  // Nobody reads the output of the runner meanwhile.
  program.child.stderr!.pause()
  const run = await runDeployment('f-flood/test', { mebibytes: isFull ? 1024 : 100 }, { timeout: '300s' })
  program.child.stderr!.resume()
  clearInterval(watch)
  assert.equal(run.state?.name, 'Completed')
  assert.ok(peak - before < 120, `${before} MiB before, ${peak} MiB at most`)
  await eventually(() => /lines were dropped here/.test(program.output()), 'the dropped lines to be told', 60)
})

test('healthy runs are not taken for dead because the server was away (H03)', async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => runDeployment('f-sleeper/test', {}, { wait: false })))
  await Promise.all(runs.map((run) => logged(run, 'asleep')))
  server.child.kill('SIGSTOP')
  await delay(isFull ? 120_000 : 2500)
  server.child.kill('SIGCONT')
  await eventually(async () => (await client.version().catch(() => '')) !== '', 'the server to answer', 60)
  await delay(1000)
  for (const run of runs) assert.equal((await run.refresh()).type, 'RUNNING')
  await Promise.all(runs.map((run) => run.cancel()))
  for (const run of runs) assert.equal((await run.wait({ timeout: '40s' })).name, 'Cancelled')
})

test('a run whose process and runner are both killed is Crashed by the next runner, and one that was claimed and not begun is run', async () => {
  const run = await runDeployment('f-sleeper/test', {}, { wait: false })
  await logged(run, 'asleep')
  const place = (await client.readFlowRun(run.id)).infrastructure_pid!
  program.child.kill('SIGKILL')
  process.kill(Number(place.split(':').at(-1)), 'SIGKILL')
  await program.ended
  const claimed = await runDeployment('f-quick/test', {}, { wait: false })
  await client.setFlowRunState(claimed.id, { type: 'PENDING', message: `Claimed by the runner ${hostname()}:${program.child.pid}.` })
  program = await serve(env)
  const state = await run.wait({ timeout: '60s' })
  assert.equal(state.type, 'CRASHED')
  assert.match(state.message ?? '', /process is gone, and so is the runner/)
  assert.equal((await claimed.wait({ timeout: '60s' })).name, 'Completed')
})

test('told to end with ten runs under way, a runner tells them, and every one has its last state (H02)', async () => {
  program.child.kill('SIGTERM')
  await program.ended
  program = await serve(env, ['process', '500ms'])
  const runs = await Promise.all(Array.from({ length: 10 }, () => runDeployment('f-sleeper/test', {}, { wait: false })))
  await Promise.all(runs.map((run) => logged(run, 'asleep')))
  const startMs = performance.now()
  program.child.kill('SIGTERM')
  assert.equal((await program.ended).code, 0, program.output())
  assert.ok(performance.now() - startMs < 30_000)
  for (const run of runs) {
    const state = await run.refresh()
    assert.equal(state.type, 'CRASHED')
    assert.match(state.message ?? '', /its runner is ending/)
    assert.equal(await completedTasks(run), 1)
  }
})

test('two runners whose claims are cut off on the way run each run once, and none stays Pending (H04)', async () => {
  const count = isFull ? 200 : 6
  let cuts = 0
  const rules = { lets: (request: { url?: string | undefined }): boolean => !request.url?.endsWith('set_state') || cuts++ % 3 !== 0 }
  const proxies = await Promise.all([startProxy(server.url, rules), startProxy(server.url, rules)])
  const runners = await Promise.all(proxies.map(({ apiUrl }) => serve({ ...env, PREFECT_API_URL: apiUrl })))
  const runs = await Promise.all(Array.from({ length: count }, () => runDeployment('f-quick/test', {}, { timeout: '120s' })))
  for (const run of runs) {
    assert.equal(run.state?.name, 'Completed')
    const { run_count: starts } = await client.readFlowRun(run.id)
    assert.equal(starts, 1)
    assert.deepEqual((await logsOf(run)).filter((message) => message === 'executed'), ['executed'])
  }
  assert.ok(cuts > count)
  for (const runner of runners) runner.child.kill('SIGTERM')
  for (const runner of runners) assert.equal((await runner.ended).code, 0, runner.output())
})

test('a flow that was started by hand and is told to end is Crashed, with everything it did, and ends by the signal', async () => {
  const started = startProgram(fileURLToPath(new URL('./flows/by-hand.ts', import.meta.url)), env)
  await eventually(() => started.output().includes('waiting'), 'the flow to wait', 60)
  started.child.kill('SIGTERM')
  assert.equal((await started.ended).signal, 'SIGTERM', started.output())
  const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['by-hand'] } } })
  assert.equal(run?.state_type, 'CRASHED')
  assert.match(run?.state?.message ?? '', /interrupted by SIGTERM/)
  assert.equal(await completedTasks(run!), 20)
})

test('a flow that was started by hand is Crashed when an error that nobody catches ends the process', async () => {
  const started = startProgram(fileURLToPath(new URL('./flows/by-hand.ts', import.meta.url)), env, ['breaks'])
  assert.equal((await started.ended).code, 1, started.output())
  assert.match(started.output(), /Error: the pool is gone\n\s+at .*by-hand\.ts:\d+/)
  const [run] = await client.filterFlowRuns({ flows: { name: { any_: ['broken-by-hand'] } } })
  assert.equal(run?.state_type, 'CRASHED')
  assert.match(run?.state?.message ?? '', /interrupted by an error outside of the flow: the pool is gone/)
  assert.equal(await completedTasks(run!), 20)
})

test('built code with a source map is told by the lines that were written', async (t) => {
  const folder = temporaryFolder(t)
  const sdk = new URL('../../packages/sdk/src/index.ts', import.meta.url).href
  // Line 2 of the built file is line 40 of what was written.
  const map = { version: 3, sources: ['written.ts'], names: [], mappings: ';AAuCA' }
  writeFileSync(path.join(folder, 'built.js'), `import { flow } from ${JSON.stringify(sdk)}\nexport const mapped = flow({ name: 'mapped' }, () => { throw new Error('from built code') })\n//# sourceMappingURL=built.js.map\n`)
  writeFileSync(path.join(folder, 'built.js.map'), JSON.stringify(map))
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  const { id: flowId } = await client.createFlow('mapped')
  const { id } = await client.createFlowRun({ flow_id: flowId, state: { type: 'PENDING' } })
  const child = fileURLToPath(new URL('../../packages/sdk/src/runner/child.ts', import.meta.url))
  const ran = startProgram(child, { ...env, PREFECT__FLOW_RUN_ID: id, SPILLWAY__ENTRYPOINT: `${path.join(folder, 'built.js')}:mapped` })
  await ran.ended
  assert.equal((await client.readFlowRun(id)).state_type, 'FAILED', ran.output())
  const messages = (await client.filterLogs({ logs: { flow_run_id: { any_: [id] } } })).map(({ message }) => message)
  assert.ok(messages.some((message) => /written\.ts:40/.test(message)), messages.join('\n'))
})
