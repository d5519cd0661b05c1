import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { NonRetryableError, ParameterValidationError, RetryAfterError, TimeoutError, UpstreamFailedError } from '../errors.ts'
import { abortSignal, getRunContext, onCancel } from './context.ts'
import { offlineSession } from './engine.fixture.ts'
import { flow } from './flow.ts'
import { asCompleted } from './future.ts'
import { backoff } from './retry-options.ts'
import { Completed, Failed } from './state.ts'
import { task } from './task.ts'

const double = task({ name: 'double' }, async (x: number) => x * 2)

test('a flow is a function: it takes its parameters and gives its value', async (t) => {
  offlineSession(t)
  const sum = flow({ name: 'sum', params: z.object({ a: z.number(), b: z.number().default(2) }) }, ({ a, b }) => a + b)
  assert.equal(await sum({ a: 1 }), 3)
  assert.equal(sum.flowName, 'sum')
})

test('parameters that do not fit fail the run without an attempt, and say where', async (t) => {
  offlineSession(t)
  let calls = 0
  const picky = flow({ name: 'picky', retries: 2, params: z.object({ day: z.iso.date(), n: z.number() }) }, () => calls++)
  const outcome = await picky.runWithState({ day: 'monday', n: 'x' } as never)
  assert.equal(outcome.state.name, 'Failed')
  assert.ok(!outcome.ok && outcome.error instanceof ParameterValidationError)
  assert.deepEqual(outcome.error.issues.map(({ path }) => path), ['day', 'n'])
  assert.equal(calls, 0)
})

test('a task that fails is tried again as often as it asks, and throws the last error itself', async (t) => {
  offlineSession(t)
  const attempts: number[] = []
  const error = new Error('boom')
  const flaky = task({ name: 'flaky', retries: 2 }, () => {
    attempts.push(getRunContext().attempt)
    throw error
  })
  const main = flow({ name: 'main' }, async () => await flaky())
  await assert.rejects(main(), (thrown) => thrown === error)
  assert.deepEqual(attempts, [1, 2, 3])
})

test('NonRetryableError and retryIf end the attempts, and RetryAfterError sets the least delay', async (t) => {
  const { session } = offlineSession(t)
  const sleeps: number[] = []
  session.clock.sleep = async (ms) => void sleeps.push(ms)
  const calls = { hopeless: 0, picky: 0 }
  const hopeless = task({ name: 'hopeless', retries: 5 }, () => {
    calls.hopeless++
    throw new NonRetryableError('never')
  })
  const picky = task({ name: 'picky', retries: 5, retryIf: (_error, attempt) => attempt < 2 }, () => {
    calls.picky++
    throw new Error('no')
  })
  const limited = task({ name: 'limited', retries: 1, retryDelay: '1s' }, () => {
    if (getRunContext().attempt === 1) throw new RetryAfterError('7')
    return 'late'
  })
  const main = flow({ name: 'main' }, async () => {
    await hopeless.runWithState()
    await picky.runWithState()
    return await limited()
  })
  assert.equal(await main(), 'late')
  assert.deepEqual(calls, { hopeless: 1, picky: 2 })
  assert.deepEqual(sleeps, [7000])
})

test('of a list of delays the last one stands for all others, and back-off grows to its bound', async (t) => {
  const { session } = offlineSession(t)
  const sleeps: number[] = []
  session.clock.sleep = async (ms) => void sleeps.push(ms)
  const fails = (): never => {
    throw new Error('no')
  }
  await task({ name: 'listed', retries: 4, retryDelay: ['1s', '5s'] }, fails).runWithState()
  await task({ name: 'grown', retries: 4, retryDelay: backoff({ base: '1s', max: '4s', jitter: 0 }) }, fails).runWithState()
  assert.deepEqual(sleeps, [1000, 5000, 5000, 5000, 1000, 2000, 4000, 4000])
})

test('a flow that fails is tried again, and sees which attempt it is', async (t) => {
  offlineSession(t)
  const attempts: number[] = []
  const main = flow({ name: 'main', retries: 2 }, (_: object, run) => {
    attempts.push(run.attempt)
    if (run.attempt < 3) throw new Error('not yet')
    return 'done'
  })
  assert.equal(await main({}), 'done')
  assert.deepEqual(attempts, [1, 2, 3])
})

test('a task that takes too long is told by its signal, and ends TimedOut even if it swallows that', async (t) => {
  offlineSession(t)
  const reasons: unknown[] = []
  const slow = task({ name: 'slow', timeout: '20ms' }, async () => {
    await delay(60_000, undefined, { signal: abortSignal() }).catch(() => reasons.push(abortSignal().reason))
    return 'swallowed'
  })
  const outcome = await slow.runWithState()
  assert.equal(outcome.state.name, 'TimedOut')
  assert.equal(outcome.state.type, 'FAILED')
  assert.ok(!outcome.ok && outcome.error instanceof TimeoutError)
  assert.equal(outcome.state.message, 'Task run exceeded timeout of 0.02 second(s)')
  assert.equal(reasons[0], outcome.error)
})

test('a flow that takes too long aborts its tasks and ends TimedOut', async (t) => {
  offlineSession(t)
  let aborted: unknown
  const slow = task({ name: 'slow' }, async () => await delay(60_000, undefined, { signal: abortSignal() }).catch(() => (aborted = abortSignal().reason)))
  const outcome = await flow({ name: 'main', timeout: '20ms' }, async () => await slow()).runWithState()
  assert.equal(outcome.state.name, 'TimedOut')
  assert.ok(aborted instanceof TimeoutError)
})

test('cancelling reaches the signal of user code, its hooks, and everything below it', async (t) => {
  const { log } = offlineSession(t)
  const controller = new AbortController()
  const seen: string[] = []
  const waits = task({ name: 'waits' }, async () => {
    setImmediate(() => controller.abort(new Error('stop it')))
    await delay(60_000, undefined, { signal: abortSignal() }).finally(() => seen.push('task'))
  })
  const child = flow({ name: 'child' }, async () => await waits().finally(() => seen.push('child')))
  const main = flow({ name: 'main' }, async () => {
    onCancel(async () => void seen.push('hook'))
    await child().finally(() => seen.push('main'))
  })
  const outcome = await main.run(undefined, { signal: controller.signal })
  assert.equal(outcome.state.type, 'CANCELLED')
  assert.deepEqual(seen, ['task', 'child', 'main', 'hook'])
  assert.ok(log.length > 0)
})

test('a flow of tasks that wait for nothing hears timers and its cancellation all the same', async (t) => {
  offlineSession(t)
  const controller = new AbortController()
  let [isStarted, timers, done] = [false, 0, 0]
  const timer = setInterval(() => isStarted && ++timers === 3 && controller.abort(new Error('stop it')), 1)
  t.after(() => clearInterval(timer))
  const main = flow({ name: 'main' }, async () => {
    for (isStarted = true; done < 10_000; done++) await double(done)
  })
  const outcome = await main.run(undefined, { signal: controller.signal })
  assert.equal(outcome.state.type, 'CANCELLED')
  assert.ok(done < 10_000, 'the cancellation was heard before the last task was done')
})

test('a future handed to a task is waited for, also inside arrays and objects', async (t) => {
  offlineSession(t)
  const total = task({ name: 'total' }, (parts: { values: number[] }, extra: number) => parts.values.reduce((sum, value) => sum + value, extra))
  const main = flow({ name: 'main' }, async () => {
    const [one, two] = [double.submit(1), double.submit(2)]
    return await total({ values: [one, two, 100] } as never, double.submit(50))
  })
  assert.equal(await main(), 206)
})

test('a task whose upstream failed does not run, and says which run it was', async (t) => {
  offlineSession(t)
  let ran = false
  const fails = task({ name: 'fails' }, (): number => {
    throw new Error('boom')
  })
  const after = task({ name: 'after' }, (x: number) => {
    ran = true
    return x
  })
  const main = flow({ name: 'main' }, async () => {
    const upstream = fails.submit()
    const outcome = await after.runWithState(upstream)
    assert.equal(outcome.state.name, 'NotReady')
    assert.equal(outcome.state.type, 'PENDING')
    assert.ok(!outcome.ok && outcome.error instanceof UpstreamFailedError && outcome.error.message.includes(upstream.taskRunId))
    return 'ok'
  })
  assert.equal(await main(), 'ok')
  assert.equal(ran, false)
})

test('submitted runs that nobody waits for are over before the flow is, and failed ones are told', async (t) => {
  const { log } = offlineSession(t)
  const ended: string[] = []
  const late = task({ name: 'late' }, async () => {
    await delay(30)
    ended.push('late')
    throw new Error('unseen')
  })
  const main = flow({ name: 'main' }, () => {
    late.submit()
    return 'done'
  })
  assert.equal(await main(), 'done')
  assert.deepEqual(ended, ['late'])
  assert.ok(log.some((line) => /nobody looked at these runs.*late-/.test(line)))
})

test('what a flow returns says what it came to: a state, futures that add up, or a value', async (t) => {
  offlineSession(t)
  const fails = task({ name: 'fails' }, (): number => {
    throw new Error('boom')
  })
  const cases: [() => unknown, type: string, name: string, message: string | null][] = [
    [() => 1, 'COMPLETED', 'Completed', null],
    [() => Completed('skipped it', { name: 'Skipped' }), 'COMPLETED', 'Skipped', 'skipped it'],
    [() => Failed('no good'), 'FAILED', 'Failed', 'no good'],
    [() => [double.submit(1), double.submit(2)], 'COMPLETED', 'Completed', 'All states completed.'],
    [() => [double.submit(1), fails.submit()], 'FAILED', 'Failed', '1/2 states failed.'],
  ]
  for (const [body, type, name, message] of cases) {
    const { state } = await flow({ name: 'main' }, body).runWithState()
    assert.deepEqual([state.type, state.name, state.message], [type, name, message])
  }
  assert.deepEqual(await flow({ name: 'main' }, () => [double.submit(1), double.submit(2)])(), [2, 4])
})

test('Promise.all works as submitting does, and futures come in the order in which they end', async (t) => {
  offlineSession(t)
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const wait = task({ name: 'wait' }, async (index: number) => {
    await ends[index]!.promise
    return index
  })
  const main = flow({ name: 'main' }, async () => {
    const both = Promise.all([wait(0), wait(1)])
    ends[1]!.resolve()
    ends[0]!.resolve()
    const order: number[] = []
    const futures = [wait.submit(2), wait.submit(3)]
    ends[3]!.resolve()
    for await (const future of asCompleted(futures)) {
      order.push(await future.result())
      ends[2]!.resolve()
    }
    return { all: await both, order }
  })
  assert.deepEqual(await main(), { all: [0, 1], order: [3, 2] })
})

test('a map takes its items as it has room for them, and gives results in their order', async (t) => {
  offlineSession(t)
  let open = 0
  let most = 0
  const work = task({ name: 'work' }, async (item: number, plus: number) => {
    most = Math.max(most, ++open)
    await delay(item % 3)
    open--
    return item + plus
  })
  let taken = 0
  function* items(): Generator<number> {
    for (let item = 0; item < 200; item++) {
      taken++
      yield item
    }
  }
  const main = flow({ name: 'main' }, async () => {
    const run = work.map(items(), { window: 7, rest: [1000] })
    await delay(1)
    assert.ok(taken < 200)
    return await run.results()
  })
  assert.deepEqual(await main(), Array.from({ length: 200 }, (_, item) => item + 1000))
  assert.equal(most, 7)
})

test('a map in batches runs once for so many items, and its ends come in their own order', async (t) => {
  offlineSession(t)
  const others = Promise.withResolvers<void>()
  let left = 2
  const sum = task({ name: 'sum' }, async (batch: number[], plus: number) => {
    if (batch[0] === 0) await others.promise
    if (batch.length < 3) throw new Error('a short one')
    return batch.reduce((total, item) => total + item, plus)
  })
  const main = flow({ name: 'main' }, async () => {
    const run = sum.mapBatches([0, 1, 2, 3, 4, 5, 6, 7], { size: 3, rest: [100] })
    const ends: [number, unknown][] = []
    for await (const outcome of run) {
      ends.push([outcome.index, outcome.ok ? outcome.value : outcome.error.message])
      if (--left === 0) others.resolve()
    }
    return ends
  })
  assert.deepEqual(await main(), [[1, 112], [2, 'a short one'], [0, 103]])
})

test('a failed future that nobody awaits is no unhandled rejection, and a cancelled one ends Cancelled', async (t) => {
  offlineSession(t)
  const main = flow({ name: 'main' }, async () => {
    const waits = task({ name: 'waits' }, () => delay(60_000, undefined, { signal: abortSignal() })).submit()
    task({ name: 'fails' }, () => Promise.reject(new Error('unseen'))).submit()
    waits.cancel('not needed')
    return (await waits.state()).name
  })
  assert.equal(await main(), 'Cancelled')
})

test('a called task that fails before anybody waits for it is no unhandled rejection, and is told when nobody ever does', async (t) => {
  const { log } = offlineSession(t)
  const fails = task({ name: 'fails' }, async (ms: number) => {
    await delay(ms)
    throw new Error(`after ${ms} ms`)
  })
  const waits = flow({ name: 'waits' }, async () => {
    const first = task({ name: 'slow' }, () => delay(30))()
    const second = fails(1)
    await first
    await assert.rejects(second, { message: 'after 1 ms' })
    await assert.rejects(Promise.all([fails(2), fails(3)]), { message: 'after 2 ms' })
  })
  await waits()
  assert.ok(!log.some((line) => line.includes('nobody looked')))
  const forgets = flow({ name: 'forgets', failOnUnread: true }, () => void fails(1))
  await assert.rejects(forgets(), /nobody looked at these runs, which did not complete: fails-/)
})

test('what is thrown and is no error fails the run with its text, and comes to the caller as cause', async (t) => {
  offlineSession(t)
  const circular: Record<string, unknown> = { code: 7 }
  circular['self'] = circular
  const cases: [thrown: unknown, message: RegExp][] = [
    ['text', /^text$/],
    [{ code: 7 }, /^\{"code":7\}$/],
    [circular, /code: 7, self: \[Circular/],
    [7n, /^7n$/],
    [undefined, /^undefined$/],
  ]
  for (const [thrown, message] of cases) {
    const outcome = await flow({ name: 'main' }, () => {
      throw thrown
    }).runWithState()
    assert.ok(!outcome.ok)
    assert.equal(outcome.state.type, 'FAILED')
    assert.match(outcome.error.message, message)
    if (typeof thrown === 'object') assert.equal(outcome.error.cause, thrown)
    assert.ok(!outcome.error.stack!.includes('asError'))
  }
})

test('an error of another realm is the error that it is', async (t) => {
  offlineSession(t)
  const foreign = runInNewContext("new TypeError('from elsewhere')") as Error
  const outcome = await flow({ name: 'main' }, () => {
    throw foreign
  }).runWithState()
  assert.equal(outcome.state.message, 'Flow run encountered an exception: TypeError: from elsewhere')
  assert.ok(!outcome.ok && outcome.error === foreign)
})

test('what is no object of parameters is refused before there is a run', async (t) => {
  offlineSession(t)
  let runs = 0
  const main = flow({ name: 'main' }, () => ++runs) as (input: unknown) => Promise<number>
  await assert.rejects(Promise.all(['monday', 'tuesday'].map(main)), { name: 'TypeError', message: "the flow 'main' takes one object of parameters, such as { day: '2026-01-01' }, and was given 'monday'" })
  await assert.rejects(main([1]), /was given an array/)
  assert.equal(runs, 0)
})

test('a flow cannot have a name that servers do not take', () => {
  assert.throws(() => flow({ name: 'etl/nightly' }, () => 1), { name: 'TypeError', message: "a flow cannot be named 'etl/nightly': servers take no '/' in its name, nor any other of / % & < >" })
})

test('anonymous functions need a name, and names are made of function names', () => {
  assert.throws(() => task(() => 1), /this task needs a name/)
  function fetchAllRows(): void {}
  assert.equal(task(fetchAllRows).taskName, 'fetch-all-rows')
})
