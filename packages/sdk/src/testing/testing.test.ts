import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, flow, sleep, task } from '../index.ts'
import { mock, runFlow, testServer } from './index.ts'

const fetchRows = task({ name: 'fetch-rows', retries: 3, retryDelay: ['1m', '1h'] }, async (day: string): Promise<string[]> => {
  throw new Error(`no network for ${day}`)
})
const nightly = flow({ name: 'nightly' }, async (input: { day: string }) => {
  const rows = await fetchRows(input.day)
  await sleep('2d')
  return rows.length
})

test('a flow is tested without a server: mocks stand in, delays pass at once, states can be seen', async () => {
  let calls = 0
  const run = await runFlow(nightly, { day: 'monday' }, {
    mocks: [mock(fetchRows, (day) => {
      if (++calls < 3) throw new Error('not yet')
      return [day, 'tuesday']
    })],
  })
  assert.ok(run.outcome.ok)
  assert.equal(run.outcome.value, 2)
  assert.deepEqual(run.taskRuns(fetchRows), [{ name: run.taskRuns(fetchRows)[0]!.name, states: ['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'AwaitingRetry', 'Retrying', 'Completed'] }])
  assert.equal(run.clock.elapsedMs(), 61 * 60_000 + 2 * 86_400_000)
})

test('delays of runs beside each other pass in their order', async () => {
  const order: string[] = []
  const waits = task({ name: 'waits' }, async (name: string, duration: string) => {
    await sleep(duration)
    order.push(name)
  })
  await runFlow(flow({ name: 'main' }, async () => {
    await Promise.all([waits('long', '3h'), waits('short', '1h'), waits('middle', '2h')])
  }))
  assert.deepEqual(order, ['short', 'middle', 'long'])
})

test('a time-out comes when the clock passes it, and not before', async () => {
  const slow = task({ name: 'slow', timeout: '1h' }, async () => await sleep('2h'))
  const quick = task({ name: 'quick', timeout: '1h' }, async () => await delay(5, 'in time', { signal: abortSignal() }))
  const run = await runFlow(flow({ name: 'main' }, async () => [await quick(), (await slow.runWithState()).state.name]))
  assert.deepEqual(run.outcome.ok && run.outcome.value, ['in time', 'TimedOut'])
})

test('a server in this process records what flows do', async () => {
  const server = await testServer()
  try {
    assert.equal(await flow({ name: 'recorded' }, async () => await task({ name: 'one' }, () => 1)())(), 1)
    const { client } = server.session.remote!
    const [run] = await client.filterFlowRuns({})
    assert.equal(run?.state_name, 'Completed')
    assert.deepEqual((await client.filterTaskRuns({})).map((one) => one.state_name), ['Completed'])
  } finally {
    await server.close()
  }
})
