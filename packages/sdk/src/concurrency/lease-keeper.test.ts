import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { LeaseLostError } from '../errors.ts'
import { readSdkSettings } from '../settings.ts'
import { LeaseKeeper } from './lease-keeper.ts'

/** A server in a thread of its own, so that it answers while this one is blocked. It gives 410 for the lease `gone`. */
async function startServer(t: TestContext): Promise<{ url: string; renewals: () => Promise<string[]> }> {
  const worker = new Worker(
    `const { createServer } = require('node:http'); const { parentPort } = require('node:worker_threads')
     const seen = []
     const server = createServer((request, response) => {
       request.resume()
       if (request.url.includes('csrf')) return response.writeHead(404).end()
       const id = request.url.split('/').at(-2)
       seen.push(id)
       response.writeHead(id === 'gone' ? 410 : 200, { 'content-type': 'application/json' }).end('null')
     }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
     parentPort.on('message', () => parentPort.postMessage(seen))`,
    { eval: true, execArgv: [] },
  )
  t.after(() => worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${port}/api`,
    renewals: async () => {
      worker.postMessage('tell')
      const [seen] = (await once(worker, 'message')) as [string[]]
      return seen
    },
  }
}

test('leases are renewed while user code blocks the event loop, and no longer once they are given back', async (t) => {
  const server = await startServer(t)
  const keeper = new LeaseKeeper(readSdkSettings({ PREFECT_HOME: '/nowhere', PREFECT_API_URL: server.url }))
  t.after(() => keeper.close())
  const lost: LeaseLostError[] = []
  keeper.keep('held', 1, (error) => lost.push(error))
  let before = 0
  while (before === 0) before = (await server.renewals()).length
  // Nothing on this thread runs meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000)
  const after = (await server.renewals()).length
  assert.ok(after >= before + 2, `${before} renewals before, ${after} after`)
  await new Promise(setImmediate) // The thread's news are read.
  assert.ok(keeper.counts.renewed >= before + 1)
  assert.equal(keeper.counts.held, 1)
  keeper.drop('held')
  assert.deepEqual(lost, [])
})

test('a lease that the server has taken back is told once', async (t) => {
  const server = await startServer(t)
  const keeper = new LeaseKeeper(readSdkSettings({ PREFECT_HOME: '/nowhere', PREFECT_API_URL: server.url }))
  t.after(() => keeper.close())
  const error = await new Promise<LeaseLostError>((resolve) => keeper.keep('gone', 0.1, resolve))
  assert.match(error.message, /taken it back/)
  assert.deepEqual(keeper.counts, { held: 0, renewed: 0, lost: 1 })
})
