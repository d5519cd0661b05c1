import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { abortSignal, emitEvent, flow, sleep, task } from '../index.ts'
import { assertCompleted, assertEvent, assertFailed, mock, runFlow, testServer, type TestServer } from './index.ts'

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

test('assertions say what a run came to, and give what it had', async () => {
  const works = await runFlow(flow({ name: 'works' }, () => {
    emitEvent('crm.synced', { resource: { id: 'crm' }, payload: { rows: 3, of: ['a'] } })
    return 7
  }))
  const fails = await runFlow(flow({ name: 'fails' }, () => Promise.reject(new RangeError('too far'))))
  assert.equal(assertCompleted(works), 7)
  assert.equal(assertCompleted(works.outcome), 7)
  assert.throws(() => assertCompleted(fails), /ended Failed: RangeError: too far/)
  assert.equal(assertFailed(fails, /too far/).name, 'RangeError')
  assert.throws(() => assertFailed(works), /completed with 7/)
  assert.throws(() => assertFailed(fails, 'too near'))
  assert.equal(assertEvent(works, 'crm.synced', { rows: 3, of: ['a'] }).resource['prefect.resource.id'], 'crm')
  assert.throws(() => assertEvent(works, 'crm.synced', { rows: 4 }), /those of the name have/)
  assert.throws(() => assertEvent(works, 'crm.lost'), /there are .*crm.synced/)
})

describe('a server in this process', { timeout: 180_000 }, () => {
  let server: TestServer
  before(async () => {
    server = await testServer()
  })
  after(() => server.close())

  /** Runs a flow of one task. @returns the names of the states of both, as the server has them. */
  async function recorded(name: string): Promise<(string | null)[]> {
    assert.equal(await flow({ name }, async () => await task({ name: 'one' }, () => 1)())(), 1)
    const { client } = server.session.remote!
    const [run] = await client.filterFlowRuns({ flows: { name: { any_: [name] } } })
    const tasks = await client.filterTaskRuns({ flow_runs: { id: { any_: [run!.id] } } })
    return [run!.state_name, ...tasks.map((one) => one.state_name)] as (string | null)[]
  }

  test('records what flows do', async () => {
    assert.deepEqual(await recorded('plain'), ['Completed', 'Completed'])
  })

  test('can be troubled: errors, lost and refused sockets, slowness and a blocked thread change nothing of the records', async () => {
    const { faults } = server
    faults.http(503, { times: 3, headers: { 'retry-after': '0' } })
    assert.deepEqual(await recorded('overloaded'), ['Completed', 'Completed'])
    assert.ok(faults.dropSocket() > 0)
    assert.deepEqual(await recorded('dropped'), ['Completed', 'Completed'])
    faults.slow('20ms')
    faults.blockLoop('50ms')
    const startedMs = performance.now()
    assert.deepEqual(await recorded('slowed'), ['Completed', 'Completed'])
    assert.ok(performance.now() - startedMs > 100, 'five requests in a row and more')
    faults.reset()
    faults.refuseUpgrade()
    faults.dropSocket()
    assert.deepEqual(await recorded('refused'), ['Completed', 'Completed'])
    faults.reset()
  })

  test('can be away for a while: the flow that began meanwhile is recorded when it is back', async () => {
    const { faults } = server
    faults.away()
    const run = recorded('outlasting')
    await delay(100)
    faults.reset()
    assert.deepEqual(await run, ['Completed', 'Completed'])
  })
})
