import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startPython } from '../faults/python.ts'
import { StoredRuns } from '../faults/stored-runs.ts'
import { RestartableServer } from './lib/restartable-server.ts'
import { StockSubscribers } from './lib/subscribers.ts'

const driver = new URL('./drivers/poison.py', import.meta.url)
const good = 20
const goodNumbers = Array.from({ length: good }, (_, n) => n)

interface Emitted {
  good: string[]
  bad: string | null
  big: string | null
}

test('a stock emitter with one bad event among 20 stays connected: the 20 are stored and delivered, the bad one is put aside once', async (t) => {
  const { server, stored, stock, emit } = await startParts(t)
  const ids = await emit({ good, bad: true })
  await stock.complete(good, 2)
  for (const { got, ended } of (await stock.report()).given) assert.deepEqual({ got, ended }, { got: goodNumbers, ended: null })
  assert.equal(stored.count(`select count(*) from event where event = 'stock.tick'`), good)
  assert.equal(stored.count(`select count(*) from event_dead_letter where body like '%' || ? || '%'`, String(ids.bad)), 1)
  assert.equal(await server.metric('spillway_websocket_handshakes_total{endpoint="events-in",outcome="accepted"}'), 1, 'the emitter has never had to come back')
  assert.equal(server.log.split('dead letter').length - 1, 1, 'it is logged once')
})

test('an event of 1.2 MB reaches stock subscribers with a notice for a payload, and they stay connected', async (t) => {
  const { server, stored, stock, emit } = await startParts(t)
  const ids = await emit({ good, big: 1_200_000 })
  await stock.complete(good, 2)
  for (const { got, others, ended } of (await stock.report()).given) {
    assert.deepEqual({ got, others, ended }, { got: goodNumbers, others: [ids.big], ended: null })
  }
  const { connections } = await stock.report()
  assert.equal(connections['PrefectEventSubscriber reconnect'] ?? 0, 0, 'no subscriber has had to come back')
  assert.ok((await server.metric('spillway_limit_reached_total{limit="websocketOutboundBytes"}')) >= 1)
  assert.equal(stored.count('select length(json_extract(body, ?)) from event where id = ?', '$.payload.padding', String(ids.big)), 1_200_000, 'it is stored whole')

  // Whoever comes later has it in the backfill.
  await stock.open('events')
  await stock.complete(good, 3)
  const late = (await stock.report()).given.at(-1)!
  assert.deepEqual({ got: late.got, others: late.others, ended: late.ended }, { got: goodNumbers, others: [ids.big], ended: null })
})

async function startParts(t: { after(work: () => unknown): void }) {
  const server = await RestartableServer.start(t)
  const stored = new StoredRuns(server.home)
  t.after(() => stored.close())
  const [stock, emitter] = await Promise.all([StockSubscribers.start(t, server.apiUrl), startPython(t, driver, server.apiUrl)])
  await stock.open('events')
  await stock.open('events', { filter: { event: { prefix: ['stock.'] } } })
  const emit = async (job: object): Promise<Emitted> => {
    emitter.send(job)
    const [line] = await emitter.all((one) => 'emitted' in one, 1, 'the events to be confirmed')
    await eventually(() => stored.count(`select count(*) from event where event = 'stock.tick'`) >= good, 'the events to be stored')
    return line!['emitted'] as Emitted
  }
  return { server, stored, stock, emit }
}
