import assert from 'node:assert/strict'
import { eventually } from '../faults/eventually.ts'
import { startHaproxy, startNginx, testBehind, type ProxyOptions } from '../proxies/lib/proxy-process.ts'
import { Publisher } from './lib/publisher.ts'
import { RestartableServer } from './lib/restartable-server.ts'
import { assertAllGiven, StockSubscribers } from './lib/subscribers.ts'

const reloads = process.env['SPILLWAY_SOAK'] === '1' ? 12 : 2
const subscribers = 6

/** Old workers end a second after a reload, with their streams. */
const proxies: readonly [name: 'nginx' | 'haproxy', start: typeof startNginx, change: NonNullable<ProxyOptions['change']>][] = [
  ['nginx', startNginx, [['worker_shutdown_timeout 30s', 'worker_shutdown_timeout 1s'], ['worker_processes auto', 'worker_processes 1']]],
  ['haproxy', startHaproxy, [['hard-stop-after 30s', 'hard-stop-after 1s']]],
]

for (const [name, start, change] of proxies) {
  testBehind(name, `stock subscribers and a waiter behind ${name} lose nothing in ${reloads} reloads of it`, async (t) => {
    const server = await RestartableServer.start(t)
    const proxy = await start(t, { upstreamPort: Number(new URL(server.url).port), tls: false, change })
    const stock = await StockSubscribers.start(t, `${proxy.url}/api`)
    const publisher = new Publisher(t, server.apiUrl, { everyMs: 50 })
    const flow = JSON.parse((await publisher.post('/flows/', { name: 'waited' })).body) as { id: string }
    const run = JSON.parse((await publisher.post('/flow_runs/', { flow_id: flow.id, state: { type: 'RUNNING' } })).body) as { id: string }
    await stock.open('events', { count: subscribers })
    await stock.waitFor(run.id)
    const moved = async (): Promise<number> => await server.metric('spillway_websocket_handshakes_total{endpoint="events-out",outcome="accepted"}')
    await eventually(async () => (await moved()) === subscribers + 1, 'all to listen', 30)
    publisher.start()
    for (let round = 1; round <= reloads; round += 1) {
      await proxy.reload()
      await eventually(async () => (await moved()) >= (subscribers + 1) * (round + 1), 'all to have come back through the new worker', 30)
    }
    await publisher.post(`/flow_runs/${run.id}/set_state`, { state: { type: 'COMPLETED' }, force: true })
    assert.deepEqual(await stock.waited(run.id), { waited: run.id, state: 'Completed' })
    await publisher.stop()
    await stock.complete(publisher.acknowledged.length, subscribers)
    assertAllGiven(await stock.report(), publisher.acknowledged)
    assert.doesNotMatch(stock.part.errors(), /Traceback|ERROR/)
  })
}
