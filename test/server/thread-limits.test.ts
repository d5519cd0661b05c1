import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { makeVariablesSlow } from '../faults/slow-table.ts'
import { testBound } from './bound.ts'
import { eventually, startTestServer } from './in-process.ts'

testBound('stuckReaders', 'with so many readers stuck a further one is not replaced, and its callers are told to try again', async (t) => {
  const server = await startTestServer(t, {}, { readTimeoutMs: 300, readersCheckEveryMs: 50, stuckReaders: 1 })
  makeVariablesSlow(server.databasePath, 3)
  const slowCount = (): Promise<Response> => server.post('/api/variables/count', {})
  for (const restartedBefore of [0, 1]) {
    assert.equal(await server.metric('spillway_store_reader_restarts_total{lane="scan"}'), restartedBefore)
    const refused = await slowCount()
    assert.equal(refused.status, 503)
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  }
  assert.equal(await server.metric('spillway_store_reader_restarts_total{lane="scan"}'), 1, 'the second one stays')
  assert.equal(await server.reached('stuckReaders'), 1)
  assert.equal((await server.get('/api/health')).status, 200)
  await eventually(async () => (await server.post('/api/flows/count', {})).status === 200, 'the lane to go on')
})

testBound('writerRestartLongestMs', 'the wait before an ended writer is started again grows up to the bound', async (t) => {
  const threads: Worker[] = []
  const note = (thread: Worker): void => void threads.push(thread)
  process.on('worker', note)
  t.after(() => process.off('worker', note))
  const server = await startTestServer(t, {}, { writerRestartMs: 10, writerRestartLongestMs: 20 })
  let writer = threads[0]!
  for (const [index, reached] of [0, 1, 2].entries()) {
    const before = threads.length
    await Promise.all([once(writer, 'exit'), writer.terminate()])
    await eventually(async () => (await server.post('/api/flows/', { name: `flow-${index}` })).status === 201, 'writes to go on')
    assert.equal(await server.reached('writerRestartLongestMs'), reached)
    writer = threads[before]!
  }
})
