import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runDeployment, setDefaultSession, type ApiClient, type DeploymentRun } from '../../packages/sdk/src/index.ts'
import { eventually } from '../faults/eventually.ts'
import type { doubled as doubledFlow } from './flows/served.ts'
import { startProgram, type Program } from './processes.ts'
import { sessionWith, startTarget } from './targets.ts'

const file = fileURLToPath(new URL('./flows/served.ts', import.meta.url))
let client: ApiClient
let program: Program
let programEnv: Record<string, string>

before(async () => {
  const target = await startTarget('Spillway')
  const { session, env } = sessionWith(target.apiUrl)
  setDefaultSession(session)
  client = session.remote!.client
  programEnv = { ...env, SPILLWAY_HEARTBEAT_SECONDS: '1', NODE_OPTIONS: '--max-old-space-size=96' }
  program = startProgram(file, programEnv)
  await eventually(async () => (await client.findDeployment('ts-broken', 'test')) !== undefined, 'the deployments to be served', 60)
})

/** Starts a run that is not waited for, and waits until its process is at work. */
async function begun(flow: string): Promise<DeploymentRun> {
  const run = await runDeployment(`${flow}/test`, {}, { wait: false })
  await eventually(async () => (await run.refresh()).type === 'RUNNING', `${flow} to run`, 60)
  return run
}

test('a deployment runs in a process of its own, and its typed result comes back', async () => {
  const run = await runDeployment<Awaited<ReturnType<typeof doubledFlow>>>('ts-doubled/test', { x: 21 })
  assert.equal(run.state?.name, 'Completed')
  assert.deepEqual(await run.result(), { value: 42, label: 'none' })
  const logs = await client.filterLogs({ logs: { flow_run_id: { any_: [run.id] } }, sort: 'TIMESTAMP_ASC' })
  assert.ok(logs.some(({ message }) => message === 'doubling 21'))
  await eventually(async () => (await client.filterTaskRuns({ flow_runs: { id: { any_: [run.id] } } }))[0]?.state_name === 'Completed', 'the end of its task', 60)
})

test('parameters that do not fit the schema are refused by the server before anything runs', async () => {
  await assert.rejects(runDeployment('ts-doubled/test', { x: 'many' }), /409|422/)
})

test('a deployment that is named by half is told how to be named', async () => {
  await assert.rejects(runDeployment('ts-doubled', { x: 1 }), { name: 'TypeError', message: "'ts-doubled' is no deployment: write flow/deployment, such as nightly/prod, or its id" })
})

test('a flow that fails is Failed, not Crashed, and its caller gets the message', async () => {
  const run = await runDeployment('ts-failing/test')
  assert.equal(run.state?.type, 'FAILED')
  await assert.rejects(run.result(), /Error: as expected/)
})

test('cancelling reaches user code by its signal, and the run and its task end Cancelled', async () => {
  const run = await begun('ts-waiting')
  await run.cancel()
  const state = await run.wait({ timeout: '20s' })
  assert.equal(state.name, 'Cancelled')
  const tasks = { flow_runs: { id: { any_: [run.id] } } }
  await eventually(async () => (await client.filterTaskRuns(tasks))[0]?.state_type === 'CANCELLED', 'the end of its task', 60)
  assert.deepEqual((await client.filterTaskRuns(tasks)).map(({ state_name: name }) => name), ['Cancelled'])
})

test('a run that blocks its event loop has heartbeats from its runner; cancelled, it is killed after the grace', async () => {
  const run = await begun('ts-deaf')
  const heartbeats = { filter: { event: { name: ['prefect.flow-run.heartbeat'] }, resource: { id: [`prefect.flow-run.${run.id}`] } } }
  await eventually(async () => (await client.filterEvents(heartbeats)).total >= 3, 'three heartbeats', 20)
  await run.cancel()
  const state = await run.wait({ timeout: '20s' })
  assert.equal(state.name, 'Cancelled')
  assert.match(state.message ?? '', /killed/)
})

test('whatever kills the process, the run ends Crashed and says why', async () => {
  const cases: [flow: string, message: RegExp][] = [
    ['ts-exiting', /exited with non-zero status code 3/],
    ['ts-hungry', /ran out of memory/],
    ['ts-broken', /could not be started: .*nowhere\.ts/],
  ]
  await Promise.all(cases.map(async ([flow, message]) => {
    const run = await runDeployment(`${flow}/test`, {}, { timeout: '60s' })
    assert.equal(run.state?.type, 'CRASHED', flow)
    assert.match(run.state?.message ?? '', message)
  }))
  assert.equal(program.child.exitCode, null)
})

test('a program that serves its flows wherever it is loaded is served by one process, and not again by those of its runs', async () => {
  const own = startProgram(fileURLToPath(new URL('./flows/served-itself.ts', import.meta.url)), programEnv)
  await eventually(() => own.output().includes('serving self-exported/test'), 'the deployments to be served', 30)
  const runs = await Promise.all(['self-plain/test', 'self-exported/test'].map((name) => runDeployment(name, {}, { timeout: '30s' })))
  assert.deepEqual(runs.map(({ state }) => state?.name), ['Completed', 'Completed'], own.output())
  assert.equal(own.output().match(/serving self-plain\/test/g)?.length, 1, own.output())
  assert.match(own.output(), /the flow 'self-plain' is run by its module whenever that is loaded, also for another run: write if \(import\.meta\.main\) in front of the call/)
  own.child.kill('SIGTERM')
  assert.equal((await own.ended).code, 0, own.output())
})

test('a process that is killed leaves a crashed run, and one whose runner is killed goes on to its end', async () => {
  const [killed, orphaned] = await Promise.all([begun('ts-waiting'), begun('ts-briefly')])
  const pid = async (run: DeploymentRun): Promise<number> => {
    let line: string | undefined
    await eventually(async () => {
      line = (await client.filterLogs({ logs: { flow_run_id: { any_: [run.id] } } })).find(({ message }) => message.startsWith('process '))?.message
      return line !== undefined
    }, 'the log of the process', 60)
    return Number(line!.slice(8))
  }
  process.kill(await pid(killed), 'SIGKILL')
  assert.equal((await killed.wait({ timeout: '90s' })).type, 'CRASHED')
  assert.match((await killed.refresh()).message ?? '', /SIGKILL/)
  const orphan = await pid(orphaned)
  program.child.kill('SIGKILL')
  await program.ended
  assert.equal((await orphaned.refresh()).type, 'RUNNING')
  process.kill(orphan, 'SIGUSR2')
  assert.equal((await orphaned.wait({ timeout: '90s' })).name, 'Completed')
  program = startProgram(file, programEnv)
  await eventually(() => program.output().includes('serving ts-broken'), 'the deployments to be served again', 60)
})

test('told to end, it starts no more runs, lets those under way end, and rests their schedules', async () => {
  const run = await begun('ts-waiting')
  program.child.kill('SIGTERM')
  await eventually(async () => (await client.findDeployment('ts-doubled', 'test'))?.paused === true, 'the deployments to rest', 60)
  assert.equal(program.child.exitCode, null)
  program.child.kill('SIGTERM')
  const { code } = await program.ended
  assert.equal(code, 0, program.output())
  assert.equal((await run.refresh()).type, 'CRASHED')
  assert.match((await run.refresh()).message ?? '', /runner is ending/)
})
