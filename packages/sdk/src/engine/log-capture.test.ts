import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { getRunContext } from './context.ts'
import { offlineSession } from './engine.fixture.ts'
import { flow } from './flow.ts'
import { getRunLogger } from './run-logger.ts'
import { Secret } from './secret.ts'
import { task } from './task.ts'
import { UnreadFailureError } from '../errors.ts'

/** Runs `work` and gives what it wrote to the console beside the runs' logs. */
async function printed(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = []
  const { log } = console
  console.log = (...args: unknown[]) => void lines.push(args.join(' '))
  try {
    await work()
  } finally {
    console.log = log
  }
  return lines
}

test('with logPrints what a run writes by console is in its log, and nobody else’s is', async (t) => {
  const { log } = offlineSession(t)
  const inner = task({ name: 'inner' }, () => console.warn('rows: %d', 3, { ok: true }))
  const quiet = task({ name: 'quiet', logPrints: false }, () => console.log('not for the log'))
  const loud = flow({ name: 'loud', logPrints: true }, async () => {
    console.log('from the flow')
    await inner()
    await quiet()
  })
  const other = flow({ name: 'other' }, async () => {
    await new Promise(setImmediate)
    console.log('of another run')
  })
  const before = console.log
  const lines = await printed(async () => {
    const own = console.log
    await Promise.all([loud(), other()])
    assert.equal(console.log, own, 'the console is itself again')
    console.log('after all')
  })
  assert.equal(console.log, before)
  assert.deepEqual(lines.toSorted(), ['after all', 'not for the log', 'of another run'])
  assert.ok(log.includes('from the flow'))
  assert.ok(log.includes('rows: 3 { ok: true }'))
  assert.ok(!log.includes('of another run'))
})

test('a log that writes by console itself does not come round again', async (t) => {
  const { session } = offlineSession(t)
  Object.assign(session, { logSink: ({ message }: { message: string }) => console.log(`log: ${message}`) })
  const lines = await printed(() => flow({ name: 'loops', logPrints: true }, () => console.log('once'))())
  assert.equal(lines.filter((line) => line === 'log: once').length, 1)
})

test('texts of a secret show neither in logs nor in messages of states, and the secret itself not in a result', async (t) => {
  const { session, log } = offlineSession(t)
  const secret = new Secret('tea-with-milk')
  const leaky = flow({ name: 'leaky', result: { persist: true } }, async (input: { fails: boolean }) => {
    getRunLogger().info('it is tea-with-milk', { url: `https://me:${secret.get()}@host` })
    if (input.fails) throw new Error(`cannot log in with ${secret.get()}`)
    return { secret }
  })
  const failed = await leaky.runWithState({ fails: true })
  assert.match(failed.state.message ?? '', /cannot log in with \*{8}$/)
  const kept = await leaky.runWithState({ fails: false })
  assert.equal(kept.state.name, 'Completed')
  const [file] = readdirSync(session.settings.resultsFolder)
  const stored = readFileSync(path.join(session.settings.resultsFolder, file!), 'utf8')
  assert.match(stored, /\*{8}/)
  assert.ok(log.some((line) => line.startsWith('it is ********')))
  for (const text of [...log, stored]) assert.ok(!text.includes('tea-with-milk'), text)
})

test('an error in the log shows its causes and the errors in it, also where they lead in a circle', async (t) => {
  const { log } = offlineSession(t)
  const root = new RangeError('the root')
  const middle = new AggregateError([new Error('first of two'), new Error('second of two')], 'the middle', { cause: root })
  root.cause = middle
  await flow({ name: 'logs' }, () => getRunLogger().error(new Error('the top', { cause: middle })))()
  const line = log.find((one) => one.startsWith('Error: the top'))!
  for (const part of ['Caused by: AggregateError: the middle', 'One of 2: Error: first of two', 'Caused by: RangeError: the root']) assert.ok(line.includes(part), part)
})

test('a run knows its parents, its deadline and its version', async (t) => {
  offlineSession(t)
  const child = flow({ name: 'child', version: '7' }, () => getRunContext())
  const parent = flow({ name: 'parent', timeout: '1h' }, async (_: object, run) => ({ run, inner: await child(), task: await task({ name: 'short', timeout: '1m' }, () => getRunContext())() }))
  const { run, inner, task: short } = await parent({})
  assert.equal(inner.flowRun!.parentFlowRunId, run.flowRun!.id)
  assert.deepEqual([inner.flowRun!.flowVersion, run.flowRun!.parentFlowRunId, run.deployment], ['7', undefined, undefined])
  assert.equal(inner.deadline!.getTime(), run.deadline!.getTime())
  assert.ok(short.deadline! < run.deadline!)
})

test('with failOnUnread a flow fails for a failed run that nobody looked at', async (t) => {
  offlineSession(t)
  const fails = task({ name: 'fails' }, (): number => {
    throw new Error('unseen')
  })
  const strict = flow({ name: 'strict', failOnUnread: true }, async (input: { looks: boolean }) => {
    const future = fails.submit()
    if (input.looks) await future.state()
    return 'done'
  })
  assert.equal(await strict({ looks: true }), 'done')
  await assert.rejects(strict({ looks: false }), (error) => error instanceof UnreadFailureError && /fails-/.test(error.message))
})
