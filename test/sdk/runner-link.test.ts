import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runDeployment, setDefaultSession, type ApiClient, type DeploymentRun } from '../../packages/sdk/src/index.ts'
import { sdkLimits } from '../../packages/sdk/src/limits.ts'
import { eventually } from '../faults/eventually.ts'
import { startProgram, type Program } from './processes.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { sessionWith, startTarget } from './targets.ts'

const file = fileURLToPath(new URL('./flows/served.ts', import.meta.url))
let client: ApiClient
let apiUrl: string

before(async () => {
  apiUrl = (await startTarget('Spillway')).apiUrl
})

/** Serves the flows, each run isolated so, through a proxy that counts. */
async function serve(isolate: string, env: Record<string, string> = {}): Promise<{ program: Program; proxy: Proxy }> {
  const proxy = await startProxy(apiUrl)
  const own = sessionWith(apiUrl)
  setDefaultSession(own.session)
  client = own.session.remote!.client
  const program = startProgram(file, { ...own.env, ...env, PREFECT_API_URL: proxy.apiUrl }, [isolate])
  await eventually(() => program.output().includes('serving ts-broken'), 'the deployments to be served', 60)
  return { program, proxy }
}

async function logsOf(run: DeploymentRun): Promise<string[]> {
  const messages: string[] = []
  for (let offset = 0; ; offset += 200) {
    const page = await client.filterLogs({ logs: { flow_run_id: { any_: [run.id] } }, sort: 'TIMESTAMP_ASC', offset, limit: 200 })
    messages.push(...page.map(({ message }) => message))
    if (page.length < 200) return messages
  }
}

async function completedTasks(run: DeploymentRun): Promise<number> {
  return await client.call<number>('POST', '/task_runs/count', { flow_runs: { id: { any_: [run.id] } }, task_runs: { state: { type: { any_: ['COMPLETED'] } } } }, { repeatable: true })
}

describe('the processes of runs, and the runner that started them', () => {
  let runner: { program: Program; proxy: Proxy }

  before(async () => {
    runner = await serve('process', { SPILLWAY_HEARTBEAT_SECONDS: '1' })
  })

  test('send events and logs over one socket and in shared batches', async () => {
    const startMs = performance.now()
    const runs = await Promise.all(Array.from({ length: 6 }, (_, x) => runDeployment('ts-doubled/test', { x })))
    assert.deepEqual(runs.map((run) => run.state?.name), Array.from({ length: 6 }, () => 'Completed'))
    for (const run of runs) {
      await eventually(async () => (await completedTasks(run)) === 1, 'the task run', 60)
      assert.ok((await logsOf(run)).some((message) => message.startsWith('doubling')))
    }
    assert.deepEqual(runner.proxy.upgrades.filter((path) => path === '/api/events/in').length, 1)
    const states = runner.proxy.requests.filter((request) => request.endsWith('set_state')).length
    assert.ok(states >= 18, `${states} states`)
    // Two at the end of each run, before its last state and after it, and one whenever the first record that waits has waited for so long.
    const batchesMax = 2 * runs.length + Math.ceil((performance.now() - startMs) / sdkLimits.logFlushAfterMs)
    const batches = runner.proxy.requests.filter((request) => request === 'POST /api/logs/').length
    assert.ok(batches <= batchesMax, `${batches} batches of logs for 6 runs that end by themselves, and not ${batchesMax}`)
  })

  test('lose nothing when a run is killed: what it did before is recorded, its task runs and its logs', async () => {
    const run = await runDeployment('ts-dying/test')
    assert.equal(run.state?.type, 'CRASHED')
    await eventually(async () => (await completedTasks(run)) === 3, '3 task runs', 60)
    await eventually(async () => (await logsOf(run)).filter((message) => message.startsWith('line ')).length === 20, '20 lines', 60)
  })

  test('lose nothing when the runner is killed: the run goes on over a socket of its own', async () => {
    const run = await runDeployment('ts-busy/test', {}, { wait: false })
    let line: string | undefined
    await eventually(async () => (line = (await logsOf(run)).find((message) => message.startsWith('process '))) !== undefined, 'the log of the process', 60)
    await eventually(async () => (await completedTasks(run)) > 20, 'work to be recorded', 60)
    runner.program.child.kill('SIGKILL')
    await runner.program.ended
    process.kill(Number(line!.slice(8)), 'SIGUSR2')
    assert.equal((await run.wait({ timeout: '90s' })).name, 'Completed')
    // Records that the runner had sent, and had not told of, come twice: log records have no ids.
    const logs = [...new Set(await logsOf(run))]
    const steps = Number(logs.find((message) => message.startsWith('steps '))!.slice(6))
    assert.deepEqual(logs.filter((message) => message.startsWith('line ')), Array.from({ length: steps }, (_, index) => `line ${index + 1}`))
    await eventually(async () => (await completedTasks(run)) === steps, `${steps} task runs`, 60)
  })
})

test('in threads runs are cancelled, killed, and told from each other like processes', async () => {
  const { program, proxy } = await serve('thread', { SPILLWAY_HEARTBEAT_SECONDS: '1' })
  const done = await runDeployment<{ value: number }>('ts-doubled/test', { x: 4 })
  assert.equal((await done.result()).value, 8)
  const deaf = await runDeployment('ts-deaf/test', {}, { wait: false })
  await eventually(async () => (await deaf.refresh()).type === 'RUNNING', 'it to run', 60)
  await deaf.cancel()
  assert.match((await deaf.wait({ timeout: '20s' })).message ?? '', /killed/)
  const cases: [flow: string, message: RegExp][] = [
    ['ts-exiting', /exited with non-zero status code 3/],
    ['ts-broken', /could not be started: .*nowhere\.ts.*check the entry point/],
  ]
  for (const [flow, message] of cases) {
    const run = await runDeployment(`${flow}/test`, {}, { timeout: '60s' })
    assert.equal(run.state?.type, 'CRASHED', flow)
    assert.match(run.state?.message ?? '', message)
  }
  assert.equal(program.child.exitCode, null, program.output())
  assert.equal(proxy.upgrades.filter((path) => path === '/api/events/in').length, 1)
  program.child.kill('SIGTERM')
  assert.equal((await program.ended).code, 0, program.output())
})

test('a run whose thread runs out of memory ends crashed, also when V8 ends the whole process, as it sometimes does', async () => {
  const env = { NODE_OPTIONS: '--max-old-space-size=96', SPILLWAY_HEARTBEAT_SECONDS: '1' }
  const { program } = await serve('thread', env)
  const bystander = await runDeployment('ts-deaf/test', {}, { wait: false })
  await eventually(async () => (await bystander.refresh()).type === 'RUNNING', 'it to run', 60)
  const run = await runDeployment('ts-hungry/test', {}, { wait: false })
  const isOver = async (): Promise<boolean> => (await run.refresh()).type === 'CRASHED'
  await eventually(async () => program.child.signalCode !== null || (await isOver()), 'the run or the process to end', 60)
  // Whoever else ran there is gone too now, if V8 has not left the process alone; here it is certain.
  program.child.kill('SIGKILL')
  await program.ended
  const { program: next } = await serve('thread', env)
  for (const one of [run, bystander]) await eventually(async () => (await one.refresh()).type === 'CRASHED', 'the next runner to say what has become of it', 60)
  assert.match(run.state?.message ?? '', /ran out of memory|is gone, and so is the runner/)
  assert.match(bystander.state?.message ?? '', /is gone, and so is the runner/)
  next.child.kill('SIGTERM')
  assert.equal((await next.ended).code, 0, next.output())
})

test('without isolation a run happens among the code of the server of deployments, and is cancelled by its signal', async () => {
  const { program } = await serve('none')
  const done = await runDeployment<{ value: number }>('ts-doubled/test', { x: 5 })
  assert.equal((await done.result()).value, 10)
  const waiting = await runDeployment('ts-waiting/test', {}, { wait: false })
  await eventually(async () => (await logsOf(waiting)).includes(`process ${program.child.pid}`), 'it to run in the same process', 60)
  await waiting.cancel()
  assert.equal((await waiting.wait({ timeout: '20s' })).name, 'Cancelled')
  program.child.kill('SIGTERM')
  assert.equal((await program.ended).code, 0, program.output())
})
