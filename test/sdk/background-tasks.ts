import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, flow, getRunLogger, serveTasks, setDefaultSession, task, type AnyTask, type ServeTasksOptions } from '../../packages/sdk/src/index.ts'
import { eventually } from '../faults/eventually.ts'
import type { TestSession } from './targets.ts'

export const doubled = task({ name: 'ts-doubled', taskKey: 'ts-doubled-key' }, async (x: number, label: string = 'none') => {
  getRunLogger().info(`doubling ${x}`)
  return { value: x * 2, label }
})

/** Serves tasks in this process until the test is over. @returns how to stop it and wait for its end. */
export function serving(t: TestContext, tasks: readonly AnyTask[], options: ServeTasksOptions = {}): () => Promise<void> {
  const stop = new AbortController()
  const served = serveTasks(tasks, { ...options, signal: stop.signal })
  const end = async (): Promise<void> => {
    stop.abort()
    await served
  }
  t.after(end)
  return end
}

/** What background tasks do against any server; its session is asked for when a test begins. */
export function testBackgroundTasks(session: () => TestSession): void {
  test('a run that is left to others is done by who serves the task, with retries, logs and a result', async (t) => {
    const own = session()
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
    await eventually(async () => (await client.filterLogs({ logs: { task_run_id: { any_: [other.taskRunId] } } })).some((log) => log.message === 'doubling 21'), 'its log', 60)
  })

  test('a run that fails tells whoever waits for it, and one that nobody serves runs out of time', async (t) => {
    const own = session()
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
    const own = session()
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
    await eventually(() => open === 2, 'two runs at once', 60)
    gate.resolve()
    assert.deepEqual(await Promise.all(runs.map((run) => run.result({ timeout: '60s' }))), [0, 1, 2, 3, 4, 5])
    assert.equal(most, 2)
    const { client } = own.session.remote!
    const [row] = await client.filterTaskRuns({ task_runs: { id: { any_: [runs[0]!.taskRunId] } } })
    assert.notEqual(row!.flow_run_id, null)
    const last = await slow.delay(6)
    await eventually(() => open === 1, 'the last run to begin', 60)
    await end()
    assert.equal(open, 0)
    assert.equal((await last.state()).name, 'Completed')
  })
}
