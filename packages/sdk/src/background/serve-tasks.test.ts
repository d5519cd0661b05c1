import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { MissingResultError, serveTasks, task, type AnyTask } from '../index.ts'
import { testServer, type TestServer } from '../testing/index.ts'
import { readParameters } from './parameters.ts'

describe('a process that serves tasks', { timeout: 180_000 }, () => {
  let server: TestServer

  before(async () => {
    server = await testServer()
  })
  after(() => server.close())

  function serving(t: TestContext, ...tasks: AnyTask[]): void {
    const stop = new AbortController()
    const served = serveTasks(tasks, { signal: stop.signal })
    t.after(async () => {
      stop.abort()
      server.faults.reset()
      await served
    })
  }

  test('outlives the absence of the server, and goes on when its socket breaks', async (t) => {
    const plusOne = task({ name: 'plus-one' }, (x: number) => x + 1)
    server.faults.away()
    serving(t, plusOne)
    await new Promise(setImmediate)
    server.faults.reset()
    assert.equal(await (await plusOne.delay(1)).result(), 2)
    assert.ok(server.faults.dropSocket() > 0)
    assert.equal(await (await plusOne.delay(2)).result(), 3)
  })

  test('knows its own claim when the answer to it was lost, and leaves a run that is somebody else’s', async (t) => {
    const seen: number[] = []
    const notes = task({ name: 'notes' }, (x: number) => seen.push(x))
    const { client } = server.session.remote!
    const claim = client.setTaskRunState
    t.after(() => Object.assign(client, { setTaskRunState: claim }))
    const refused = { status: 'ABORT', details: { reason: 'This run is in a PENDING state and cannot transition to a PENDING state.' }, state: null }
    let claims = 0
    Object.assign(client, {
      setTaskRunState: async (...args: Parameters<typeof claim>) => {
        // The first run is somebody else's; the claim of the second has come through, but its answer has not.
        if (++claims === 2) await claim(...args)
        return claims <= 2 ? refused : await claim(...args)
      },
    })
    serving(t, notes)
    await notes.delay(1)
    const own = await notes.delay(2)
    const last = await notes.delay(3)
    assert.deepEqual([(await own.state()).name, (await last.state()).name], ['Completed', 'Completed'])
    assert.deepEqual(seen.toSorted(), [2, 3])
  })

  test('arguments that lie elsewhere are an error that says what both sides need', async () => {
    await assert.rejects(readParameters(server.session, 'nowhere'), (error) => error instanceof MissingResultError && /need the same storage/.test(error.message))
  })
})
