import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { before, describe, test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensurePrefect } from '../../scripts/set-up/prefect.mjs'
import { abortSignal, flow, getRunLogger, runBackgroundTask, serveTasks, setDefaultSession, task, type AnyTask, type ServeTasksOptions } from '../../packages/sdk/src/index.ts'
import { cleanEnvironment } from '../compat/target.ts'
import { eventually } from '../faults/eventually.ts'
import { start } from './processes.ts'
import { sessionWith, startTarget, type TargetName, type TestSession } from './targets.ts'

const backgroundFile = fileURLToPath(new URL('python/background.py', import.meta.url))

const doubled = task({ name: 'ts-doubled', taskKey: 'ts-doubled-key' }, async (x: number, label: string = 'none') => {
  getRunLogger().info(`doubling ${x}`)
  return { value: x * 2, label }
})

/** Serves tasks in this process until the test is over. @returns how to stop it and wait for its end. */
function serving(t: TestContext, tasks: readonly AnyTask[], options: ServeTasksOptions = {}): () => Promise<void> {
  const stop = new AbortController()
  const served = serveTasks(tasks, { ...options, signal: stop.signal })
  const end = async (): Promise<void> => {
    stop.abort()
    await served
  }
  t.after(end)
  return end
}

for (const name of ['Spillway', 'Prefect 3.8.8'] satisfies TargetName[]) {
  describe(`background tasks of TypeScript against ${name}`, () => {
    let own: TestSession

    before(async () => {
      own = sessionWith((await startTarget(name)).apiUrl)
    })

    test('a run that is left to others is done by who serves the task, with retries, logs and a result', async (t) => {
      setDefaultSession(own.session)
      let attempts = 0
      const flaky = task({ name: 'flaky', retries: 1, tags: ['slow'] }, (x: number, options: { plus: number }) => {
        if (++attempts === 1) throw new Error('not yet')
        return x + options.plus
      })
      const run = await flaky.delay(1, { plus: 2 })
      const other = await doubled.delay(21)
      serving(t, [flaky, doubled])
      assert.equal(await run.result({ timeout: '60s' }), 3)
      assert.deepEqual(await other.result({ timeout: '60s' }), { value: 42, label: 'none' })
      const { client } = own.session.remote!
      const [row] = await client.filterTaskRuns({ task_runs: { id: { any_: [run.taskRunId] } } })
      assert.deepEqual([row!.name, row!.tags, row!.run_count, row!.state_name], ['flaky', ['slow'], 2, 'Completed'])
      await eventually(async () => (await client.filterLogs({ logs: { task_run_id: { any_: [other.taskRunId] } } })).some((log) => log.message === 'doubling 21'), 'its log', 20)
    })

    test('a run that fails tells whoever waits for it, and one that nobody serves runs out of time', async (t) => {
      setDefaultSession(own.session)
      const fails = task({ name: 'fails-elsewhere' }, () => {
        throw new RangeError('too far')
      })
      serving(t, [fails])
      const run = await fails.delay()
      await assert.rejects(run.result({ timeout: '60s' }), /RangeError: too far/)
      assert.equal((await run.outcome()).ok, false)
      const idle = await task({ name: 'nobody-serves' }, () => 1).delay()
      await assert.rejects(idle.result({ timeout: '100ms' }), /Does somebody serve the task/)
    })

    test('no more runs than the limit are open, and a worker that ends lets its runs end first', async (t) => {
      setDefaultSession(own.session)
      let open = 0
      let most = 0
      const gate = Promise.withResolvers<void>()
      const slow = task({ name: 'slow-elsewhere' }, async (index: number) => {
        most = Math.max(most, ++open)
        await gate.promise
        await delay(50, undefined, { signal: abortSignal() })
        open--
        return index
      })
      const main = flow({ name: 'delays' }, async () => await Promise.all(Array.from({ length: 6 }, (_, index) => slow.delay(index))))
      const runs = await main()
      const end = serving(t, [slow], { limit: 2 })
      await eventually(() => open === 2, 'two runs at once', 30)
      gate.resolve()
      assert.deepEqual(await Promise.all(runs.map((run) => run.result({ timeout: '60s' }))), [0, 1, 2, 3, 4, 5])
      assert.equal(most, 2)
      const { client } = own.session.remote!
      const [row] = await client.filterTaskRuns({ task_runs: { id: { any_: [runs[0]!.taskRunId] } } })
      assert.notEqual(row!.flow_run_id, null)
      const last = await slow.delay(6)
      await eventually(() => open === 1, 'the last run to begin', 30)
      await end()
      assert.equal(open, 0)
      assert.equal((await last.state()).name, 'Completed')
    })
  })
}

describe('background tasks of TypeScript and Python', () => {
  let own: TestSession
  let python: string
  let env: Record<string, string>

  before(async () => {
    python = (await ensurePrefect('3.8.8')).python
    own = sessionWith((await startTarget('Spillway')).apiUrl)
    env = { ...own.env, PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1', PATH: `${path.dirname(python)}${path.delimiter}${process.env['PATH'] ?? ''}` }
  })

  test('a stock task worker runs what TypeScript leaves to it, and its JSON result is read', async () => {
    setDefaultSession(own.session)
    const worker = start(python, [backgroundFile, 'serve'], env)
    let keys: string[] = []
    await eventually(() => (keys = /^KEYS (\S+) (\S+)$/m.exec(worker.output())?.slice(1) ?? []).length === 2, 'the keys of the Python tasks', 60)
    const run = await runBackgroundTask<{ greeting: string }>(keys[0]!, { name: 'dam', times: 2 })
    assert.deepEqual(await run.result({ timeout: '60s' }), { greeting: 'Hello Hello dam' })
    const when = new Date('2026-01-02T03:04:05.678Z')
    const described = await runBackgroundTask(keys[1]!, { when, ids: new Set([1, 2]), big: 9007199254740993n, sizes: new Map([['a', 1]]) })
    assert.deepEqual(await described.result({ timeout: '60s' }), { kinds: ['datetime', 'set', 'int', 'dict'], when, ids: new Set([1, 2]), bigger: 9007199254740994n })
  })

  test('TypeScript runs what Python leaves to it; arguments that only pickle could write fail with the remedy', async (t) => {
    setDefaultSession(own.session)
    serving(t, [doubled])
    const { stdout } = await promisify(execFile)(python, [backgroundFile, 'delay'], { env: cleanEnvironment(env), timeout: 120_000 })
    const { result, pickled } = JSON.parse(stdout.split('\n').find((one) => one.startsWith('RESULT '))!.slice(7)) as { result: unknown; pickled: [string, string] }
    assert.deepEqual(result, { value: 8, label: 'from Python' })
    assert.equal(pickled[0], 'Failed')
    assert.match(pickled[1], /result_serializer="json"/)
  })
})
