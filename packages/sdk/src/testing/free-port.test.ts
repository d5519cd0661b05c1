import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freePort } from './free-port.ts'

test('a free port is passed over while somebody listens on it, and is none that the system gives to others', async (t) => {
  t.mock.method(Math, 'random', () => draws.shift()!)
  const draws = [0.5, 0.5, 0.25]
  const port = await freePort()
  const taken = createServer().listen(port, '127.0.0.1')
  t.after(() => taken.close())
  await once(taken, 'listening')
  assert.notEqual(await freePort(), port)
  assert.deepEqual(draws, [])
  assert.ok(port < 32_768)
})
