import assert from 'node:assert/strict'
import { once, EventEmitter } from 'node:events'
import { test } from 'node:test'
import { PatientScheduler } from './scheduler.ts'

test('time in which the process stood still does not count', async (t) => {
  const scheduler = new PatientScheduler()
  const swept = new EventEmitter()
  t.after(() => scheduler.stop())
  scheduler.start(20, (nowMs) => swept.emit('sweep', nowMs))
  const hold = setInterval(() => {}, 1_000) // The sweep alone keeps no process alive.
  t.after(() => clearInterval(hold))
  const [beforeMs] = (await once(swept, 'sweep')) as [number]
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)
  const [afterMs] = (await once(swept, 'sweep')) as [number]
  assert.ok(afterMs - beforeMs < 1_500, `${afterMs - beforeMs} ms counted of a stand-still of 3,000`)
})
