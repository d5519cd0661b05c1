import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../faults/eventually.ts'
import { startPython, type PythonPart } from '../faults/python.ts'
import { StoredRuns } from '../faults/stored-runs.ts'
import { Publisher } from './lib/publisher.ts'
import { RestartableServer } from './lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from './lib/subscribers.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
/** A stock subscriber gives up after ten refused dials, about 8 s: a longer outage is for those who were told to try more often. */
const gone = { seconds: soak ? 60 : 4, attempts: soak ? 100 : 10 }
const frozen = { seconds: soak ? 60 : 8, attempts: 10 }
const subscribers = 4
const tasks = 20

const outages = [
  {
    ...gone,
    what: `the server is gone for ${gone.seconds} s`,
    async begin(server: RestartableServer) {
      await server.stop('SIGKILL')
      return async () => {
        await server.start()
        if (gone.attempts === 10) server.assertSoonBack()
      }
    },
  },
  {
    ...frozen,
    what: `the server takes connections and answers nothing for ${frozen.seconds} s`,
    async begin(server: RestartableServer) {
      server.freeze(true)
      return async () => server.freeze(false)
    },
  },
]

for (const { what, seconds, attempts, begin } of outages) {
  test(`stock subscribers, a waiter and a flow under way lose nothing while ${what}`, async (t) => {
    const server = await RestartableServer.start(t)
    const stored = new StoredRuns(server.home)
    t.after(() => stored.close())
    const stock = await StockSubscribers.start(t, server.apiUrl)
    const scripts = await startFlow(t, server, (seconds * 4 * 1.25) / tasks)
    const publisher = new Publisher(t, server.apiUrl, { everyMs: 20 })
    await stock.open('events', { count: subscribers, attempts })
    const [begun] = await scripts.all((line) => line['flow'] !== undefined, 1, 'the flow run')
    const run = String(begun!['run'])
    // `wait_for_flow_run` has no way to be told to try more often.
    const waiters = attempts === 10 ? 1 : 0
    if (waiters) await stock.waitFor(run)
    await eventually(async () => (await server.openStreams('events-out')) === subscribers + waiters, 'all to listen', 30)
    publisher.start()
    await eventually(() => publisher.acknowledged.length >= 25, 'events before the outage')
    await scripts.all((line) => line['ran'] !== undefined, 6, 'the flow to be under way')

    const end = await begin(server)
    await delay(seconds * 1000)
    await end()

    const mark = publisher.acknowledged.length
    await eventually(() => publisher.acknowledged.length >= mark + 25, 'events after the outage', 30)
    const [ended] = await scripts.all((line) => line['done'] === 1, 1, 'the flow to end', 120_000)
    assert.equal(ended!['code'], 0, `the flow knows nothing of the outage:\n${scripts.errors()}`)
    if (waiters) assert.deepEqual(await stock.waited(run), { waited: run, state: 'Completed' })
    await publisher.stop()
    await stock.complete(publisher.acknowledged.length, subscribers, 90_000)
    assertAllGiven(await stock.report(), publisher.acknowledged)
    await eventually(() => stored.openTaskRuns().length === 0, 'every task run to be terminal')
    assert.deepEqual(stored.taskRuns(run), { all: tasks, completed: tasks })
    stored.assertWhole()
  })
}

/** A stock flow of which four tasks run at a time. */
async function startFlow(t: { after(work: () => unknown): void }, server: RestartableServer, pause: number): Promise<PythonPart> {
  const scripts = await startPython(t, 'flows', server.apiUrl)
  await scripts.all((line) => line['ready'] === true, 1, 'the flows to be imported')
  scripts.send({ round: 1, processes: 1, tasks, pause })
  return scripts
}
