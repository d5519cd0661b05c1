import assert from 'node:assert/strict'
import test from 'node:test'
import { startPython } from '../faults/python.ts'
import { serveQuickly } from './lib/quick-runner.ts'
import { RestartableServer } from './lib/restartable-server.ts'

const driver = new URL('./drivers/fan_out.py', import.meta.url)
const fanOuts = process.env['SPILLWAY_SOAK'] === '1' ? [30, 100, 300, 300, 300] : [30, 300]

test(`a stock parent flow waits on events for ${fanOuts.join(' and ')} children at once: all complete, no handshake fails`, async (t) => {
  const server = await RestartableServer.start(t)
  const served = await serveQuickly(t, server.apiUrl, 'child')
  const parent = await startPython(t, driver, server.apiUrl, [served.name])
  await parent.all((line) => line['ready'] === true, 1, 'the parent to be imported')
  const perChild: number[] = []
  for (const [n, count] of fanOuts.entries()) {
    parent.send({ count })
    const line = (await parent.all((one) => 'done' in one, n + 1, `${count} children to end`, 300_000)).at(-1)!
    assert.deepEqual(line['ends'], { Completed: count })
    perChild.push(Number(line['seconds']) / count)
  }
  assert.doesNotMatch(parent.errors(), /handshake|Traceback|Unable to connect/)
  assert.equal(await served.stop(), fanOuts.reduce((sum, count) => sum + count))
  assert.equal(await server.metric('spillway_websocket_closes_total{endpoint="events-out",reason="ping-timeout"}'), 0)
  console.log(JSON.stringify({ fanOuts, secondsPerChild: perChild.map((seconds) => Number(seconds.toFixed(3))) }))
  assert.ok(Math.max(...perChild) <= perChild[0]! * 2, `a child of many takes no longer than twice one of ${fanOuts[0]}: ${perChild.join(' ')}`)
})
