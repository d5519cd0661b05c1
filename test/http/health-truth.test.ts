/** Health and readiness tell the truth while the store does not move (C11). */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import { test } from 'node:test'
import { startTestServer } from '../server/in-process.ts'
import { eventually } from '../faults/eventually.ts'
import { assertHealthy, probeHealth } from '../faults/health.ts'
import { temporaryFolder } from '../server/server-process.ts'
import { startHttpTarget } from './lib/http-fault.ts'

test('a locked database and a full queue of writes fail no probe of the health', async (t) => {
  const home = temporaryFolder(t)
  const server = await startHttpTarget(t, { writerRequests: 4, requestsWaiting: 8 }, { SPILLWAY_HOME: home, SPILLWAY_HEALTH_LISTEN: '127.0.0.1:0' })
  const db = new DatabaseSync(path.join(home, 'spillway.db'))
  t.after(() => db.isOpen && db.close())
  db.exec('begin immediate')
  const writes = Array.from({ length: 20 }, (_, i) => server.post('/api/flows/', { name: `flow-${i}` }).then(({ status }) => status))
  const health = await probeHealth(t, server.url, 4)
  assertHealthy(health)
  // Reads go on, so the server can serve.
  assert.equal((await fetch(`${server.url}/api/ready`)).status, 200)
  db.close()
  const statuses = await Promise.all(writes)
  assert.equal(statuses.filter((status) => status === 201).length + statuses.filter((status) => status === 503).length, 20)
})

test('readiness ends when the store stops answering and comes back with it, and asking costs the store nothing', async (t) => {
  const server = await startTestServer(t)
  const reads = async (): Promise<number> =>
    (await server.metric('spillway_store_operation_seconds_count{kind="read",name="pingStore",outcome="done"}')) + (await server.metric('spillway_store_operations_under_way{class="read"}'))
  const before = await reads()
  for (let i = 0; i < 200; i += 1) assert.equal((await server.get('/api/ready')).status, 200)
  assert.equal(await reads(), before)
  await server.close()
  await assert.rejects(server.get('/api/ready'))
})

test('a stopped process is neither healthy nor ready, and is both within a second of going on', async (t) => {
  const server = await startHttpTarget(t)
  process.kill(server.child.pid!, 'SIGSTOP')
  t.after(() => server.child.kill('SIGCONT'))
  const asked = fetch(`${server.url}/api/health`, { signal: AbortSignal.timeout(1_000) })
  await assert.rejects(asked)
  process.kill(server.child.pid!, 'SIGCONT')
  const startedMs = performance.now()
  await eventually(async () => (await fetch(`${server.url}/api/ready`)).ok, 'readiness')
  assert.ok(performance.now() - startedMs < 3_000)
})
