import assert from 'node:assert/strict'
import test from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startPython } from '../faults/python.ts'
import { StoredRuns } from '../faults/stored-runs.ts'
import { RestartableServer } from './lib/restartable-server.ts'

const driver = new URL('./drivers/confirmed.py', import.meta.url)
const kills = process.env['SPILLWAY_SOAK'] === '1' ? 20 : 3
const processes = 2
const each = 25
const emitters = processes * each
const eventsPerSecond = 5

test(`what ${emitters} stock emitters hold for confirmed is stored at each of ${kills} kills, and in the end everything, each once`, async (t) => {
  const server = await RestartableServer.start(t)
  const stored = new StoredRuns(server.home)
  t.after(() => stored.close())
  const starts = Array.from({ length: processes }, (_, n) => startPython(t, driver, server.apiUrl, [n * each, each, eventsPerSecond].map(String)))
  const parts = await Promise.all(starts)
  /** By emitter: how many events, from the first, it holds for stored. */
  const confirmed = new Map<number, number>()
  for (const part of parts) {
    part.onLine((line) => {
      if ('confirmed' in line) confirmed.set(Number(line['emitter']), Number(line['confirmed']))
    })
    await part.all((line) => 'connected' in line, each, 'the emitters to connect')
  }
  const total = (): number => [...confirmed.values()].reduce((sum, count) => sum + count, 0)
  const has = (emitter: number, below: number): number =>
    stored.count(`select count(distinct json_extract(body, '$.payload.n')) from event where resource_id = ? and json_extract(body, '$.payload.n') < ?`, `stock.emitter.${emitter}`, below)
  let confirmedAtKills = 0
  for (let kill = 1; kill <= kills; kill += 1) {
    const before = total()
    await eventually(() => total() >= before + emitters * eventsPerSecond, 'further confirmations', 60)
    await server.stop('SIGKILL')
    for (const [emitter, count] of confirmed) assert.equal(has(emitter, count), count, `emitter ${emitter} holds ${count} events for stored`)
    confirmedAtKills += total()
    await server.start()
  }
  for (const part of parts) part.send({ stop: true })
  const totals = (await Promise.all(parts.map((part) => part.all((line) => 'emitted' in line, each, 'everything to be confirmed')))).flat()
  for (const { emitter, emitted } of totals) {
    const events = `count(distinct json_extract(body, '$.payload.n')) || ' of ' || count(*)`
    const found = stored.text(`select ${events} from event where resource_id = ?`, `stock.emitter.${String(emitter)}`)
    assert.equal(found, `${String(emitted)} of ${String(emitted)}`, `events of emitter ${String(emitter)}, each once`)
  }
  stored.assertWhole()
  console.log(JSON.stringify({ kills, confirmedAtKills, emitted: totals.reduce((sum, line) => sum + Number(line['emitted']), 0) }))
})
