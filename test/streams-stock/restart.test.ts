import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { Publisher } from './lib/publisher.ts'
import { RestartableServer } from './lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from './lib/subscribers.ts'

const soak = process.env['SPILLWAY_SOAK'] === '1'
const signals = (['SIGTERM', 'SIGKILL'] as const).flatMap((signal) => Array.from({ length: soak ? 5 : 1 }, () => signal))

/** By themselves they give up about 8 s after the first refused dial, which is a matter of how soon a busy machine starts a server. */
const attempts = 60

/** As different as their ways through the server: a filter for all, by name, by resource, and by a related resource. */
const filters = [
  undefined,
  { event: { prefix: ['stock.'] } },
  { event: { name: ['stock.tick'] }, resource: { id: ['stock.ticker'] } },
  { any_resource: { id_prefix: ['stock.tick'] } },
  { related: { id: ['stock.room'], role: ['room'] } },
]

for (const version of ['3.8.8', '3.9.1']) {
  test(`stock subscribers ${version} lose nothing and see nothing twice through restarts by SIGTERM and SIGKILL`, async (t) => {
    const server = await RestartableServer.start(t)
    const stock = await StockSubscribers.start(t, server.apiUrl, { version })
    const publisher = new Publisher(t, server.apiUrl, { everyMs: 20 })
    for (const filter of filters) await stock.open('events', { ...(filter && { filter }), attempts })
    await stock.open('logs', { count: 2, attempts })
    const logged: string[] = []
    const log = async (message: string): Promise<void> => {
      await eventually(async () => (await server.openStreams('logs-out')) === 2, 'the log subscribers to be there')
      const line = { name: 'stock', level: 20, message, timestamp: new Date().toISOString(), flow_run_id: null }
      await publisher.post('/logs/', [line])
      logged.push(message)
    }
    const flow = JSON.parse((await publisher.post('/flows/', { name: 'waited' })).body) as { id: string }
    publisher.start()
    await log('before')
    for (const [restart, signal] of signals.entries()) {
      const run = JSON.parse((await publisher.post('/flow_runs/', { flow_id: flow.id, state: { type: 'RUNNING' } })).body) as { id: string }
      await stock.waitFor(run.id)
      await eventually(async () => (await server.openStreams('events-out')) === filters.length + 1, 'the waiter to listen', 30)
      const mark = publisher.acknowledged.length
      await eventually(() => publisher.acknowledged.length >= mark + 50, 'events before the restart')
      await server.stop(signal)
      await server.start()
      server.assertSoonBack()
      // At once: whoever waits is not back yet, and must be told by the backfill.
      await publisher.post(`/flow_runs/${run.id}/set_state`, { state: { type: 'COMPLETED' }, force: true })
      assert.deepEqual(await stock.waited(run.id), { waited: run.id, state: 'Completed' })
      await log(`after restart ${restart}`)
      await eventually(() => publisher.acknowledged.length >= mark + 100, 'events after the restart')
    }
    await publisher.stop()
    await stock.complete(publisher.acknowledged.length, filters.length)
    const heard = async (): Promise<boolean> =>
      (await stock.report()).given.every(({ kind, got }) => kind === 'events' || got.length >= logged.length)
    await eventually(heard, 'the logs to arrive')
    const report = await stock.report()
    assertAllGiven(report, publisher.acknowledged)
    for (const { got, ended } of report.given.filter(({ kind }) => kind === 'logs')) {
      assert.deepEqual({ got, ended }, { got: logged, ended: null })
    }
    const reconnections = report.connections['PrefectEventSubscriber reconnect'] ?? 0
    assert.ok(reconnections >= filters.length * signals.length, `all were cut off and came back: ${JSON.stringify(report.connections)}`)
    assert.doesNotMatch(stock.part.errors(), /Traceback|ERROR/)
  })
}
