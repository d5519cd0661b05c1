import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { threadId } from 'node:worker_threads'
import { flow, readSdkSettings, Session, setDefaultSession, task, type Task } from '@spillway/sdk'
import { runFlow, testServer } from '@spillway/sdk/testing'
import { sdkLimits } from '../../packages/sdk/src/limits.ts'
import { aborted, around, burn, failing, giving, leaving, polite, stubborn, taking, timed } from './flows/in-threads.ts'

/** Runs one task in a flow. */
async function runTask<Args extends unknown[], R>(one: Task<Args, R>, ...args: Args) {
  const run = await runFlow(flow({ name: 'test' }, async () => await (one as Task<unknown[], R>)(...args)), {})
  return { ...run, states: run.taskRuns(one)[0]!.states }
}

test('a task in a thread of its own computes without holding up this one, and its result comes back as it was', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 5)
  const { outcome } = await runTask(burn, 300)
  clearInterval(timer)
  assert.ok(outcome.ok)
  const { threadId: other, ...rest } = outcome.value
  assert.notEqual(other, threadId)
  assert.deepEqual(rest, { at: new Date(0), seen: new Map([['rows', 3n]]) })
  assert.ok(turns > 5, `the loop went round ${turns} times meanwhile`)
})

/** A session without a server, on a clock that takes its time: that of `runFlow` passes over no time-out. */
function ownSession(t: TestContext, onMessage: (message: string) => void): void {
  setDefaultSession(new Session({ settings: readSdkSettings({}), logSink: ({ message }) => onMessage(message) }))
  t.after(() => setDefaultSession(undefined))
}

test('taskThreadGraceMs: a computation that never ends is ended so long after its time-out, and one that listens for it ends by itself', async (t) => {
  const log: string[] = []
  ownSession(t, (message) => log.push(message))
  for (const one of [stubborn, aborted]) {
    const startedMs = performance.now()
    const outcome = await one.runWithState()
    if (one === stubborn) assert.ok(performance.now() - startedMs >= sdkLimits.taskThreadGraceMs)
    assert.equal(outcome.state.name, 'TimedOut')
    if (one === stubborn) assert.ok(performance.now() - startedMs >= sdkLimits.taskThreadGraceMs)
    assert.ok(!outcome.ok)
    assert.equal(outcome.error.name, 'TimeoutError')
  }
  assert.ok(!log.some((line) => line.includes('went on')), 'nothing of it is left')
})

test('the cancellation of a run reaches the code in the thread', async (t) => {
  const log: string[] = []
  ownSession(t, (message) => {
    log.push(message)
    if (message === 'waiting') run.cancel()
  })
  const run = polite.submit()
  assert.equal((await run.state()).name, 'Cancelled')
  assert.ok(log.includes('told to stop'), log.join('\n'))
})

test('taskThreads: so many compute at a time, the others wait, and one that is cancelled meanwhile never begins', async (t) => {
  ownSession(t, () => {})
  const runs = Array.from({ length: sdkLimits.taskThreads + 2 }, () => timed.submit(300))
  const givenUp = timed.submit(300)
  givenUp.cancel()
  assert.equal((await givenUp.state()).name, 'Cancelled')
  const times = await Promise.all(runs.map((run) => run.result()))
  const atOnce = times.map(({ from }) => times.filter((other) => other.from <= from && from < other.to).length)
  assert.ok(Math.max(...atOnce) <= sdkLimits.taskThreads, JSON.stringify(atOnce))
})

test('errors keep their names, members and causes on their way, and say as ever whether there is to be another attempt', async () => {
  const plain = await runTask(failing, 'plain')
  assert.ok(!plain.outcome.ok)
  const { name, message, cause, stack, ...members } = plain.outcome.error as RangeError & { code: string }
  assert.deepEqual([name, message, (cause as Error).message, members.code], ['RangeError', 'attempt 3', 'the disk is full', 'EFULL'])
  assert.match(stack!, /in-threads\.ts/)
  assert.deepEqual(plain.states, ['Pending', 'Running', 'Retrying', 'Retrying', 'Failed'])

  const final = await runTask(failing, 'final')
  assert.deepEqual(final.states, ['Pending', 'Running', 'Failed'])
  const later = await runTask(failing, 'later')
  assert.deepEqual(later.states, ['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'Retrying', 'Failed'])
})

test('a task in a thread has its context, and its logs and the tasks that it calls are those of its run', async () => {
  const { outcome, log, events, taskRuns } = await runFlow(around, {})
  assert.ok(outcome.ok)
  assert.deepEqual(outcome.value, { flowName: 'around', taskName: 'talking', tags: ['nightly'], inner: 4 })
  assert.ok(log.includes('from within {"threadId":true}') && log.includes('printed'), log.join('\n'))
  assert.deepEqual(taskRuns({ taskName: 'inner' }).map(({ states }) => states), [['Pending', 'Running', 'Completed']])
  const talking = events.find(({ resource }) => resource['prefect.resource.name']?.startsWith('talking'))!
  const inner = events.find(({ resource }) => resource['prefect.resource.name']?.startsWith('inner'))!
  const { task_inputs: inputs } = (inner.payload as { task_run: { task_inputs: object } }).task_run
  assert.deepEqual((inputs as Record<string, unknown>)['__parents__'], [{ input_type: 'task_run', id: talking.resource['prefect.resource.id']!.replace('prefect.task-run.', '') }])
})

test('a server has the tasks and the log of a thread as it has those of its run', async () => {
  await using server = await testServer()
  const outcome = await around.runWithState({})
  assert.ok(outcome.ok)
  await server.session.flush()
  const { client } = server.session.remote!
  const runs = await client.request('POST /task_runs/filter', { body: { sort: 'NAME_ASC' } })
  assert.deepEqual(runs.map(({ name, state_name: state }) => [name!.replace(/-.*/, ''), state]), [['inner', 'Completed'], ['talking', 'Completed']])
  assert.equal(new Set(runs.map((run) => run.flow_run_id)).size, 1)
  const logs = await client.request('POST /logs/filter', { body: {} })
  const ofThread = logs.filter((line) => ['printed', 'from within {"threadId":true}'].includes(line.message))
  assert.deepEqual(ofThread.map((line) => line.task_run_id), [runs[1]!.id, runs[1]!.id])
})

test('what cannot be copied, a task that no thread finds and a thread that ends are told as such', async () => {
  const local = task({ name: 'local', isolate: 'thread' }, () => 1)
  const cases: readonly (readonly [run: ReturnType<typeof runTask>, message: RegExp])[] = [
    [runTask(taking, () => 1), /the arguments of 'taking' cannot go to its thread \(.*\): hand over plain data/],
    [runTask(giving), /the result of 'giving' cannot come back from its thread .*: return plain data/],
    [runTask(local), /does not define the task 'local' when it is loaded.*move it to the top level/],
    [runTask(leaving), /the thread of 'leaving' ended with code 3 before its function did/],
  ]
  for (const [run, message] of cases) {
    const { outcome } = await run
    assert.ok(!outcome.ok)
    assert.match(outcome.error.message, message)
  }
})

test('a program that runs its flow wherever it is loaded runs it once, and not again in the threads of its tasks', async () => {
  const program = fileURLToPath(new URL('./flows/runs-itself.ts', import.meta.url))
  const env = { ...process.env, PREFECT_API_URL: '' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=spillway-source', program], { env, timeout: 60_000 })
  assert.equal(stdout, 'it gave 42\n')
})
