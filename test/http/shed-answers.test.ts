/** How the stock client takes a refusal (C08): it must come back by itself, and no exception may reach the user's flow. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { eventually } from '../faults/eventually.ts'
import { startPython, type Line } from '../faults/python.ts'
import { freePort } from '../server/free-port.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { startHttpTarget } from './lib/http-fault.ts'

/** Without the one that every client gets which asks for a CSRF token where there are none. */
const refusals = (line: Line): boolean => 'answer' in line && line['answer'] !== 422

function assertRetryable(answers: readonly Line[]): void {
  for (const { answer, retry_after: retryAfter } of answers) {
    assert.equal(answer, 503)
    assert.match(String(retryAfter), /^[1-9]\d*$/, 'whole seconds: the stock client reads them with float()')
  }
}

test('a stock client that is refused under load waits, comes back and gets through', async (t) => {
  const home = temporaryFolder(t)
  const server = await startHttpTarget(t, { writerRequests: 1, requestsWaiting: 2 }, { SPILLWAY_HOME: home })
  const client = await startPython(t, 'calls', `${server.url}/api`)
  await client.all((line) => line['ready'] === true, 1, 'the client')
  const db = new DatabaseSync(path.join(home, 'spillway.db'))
  t.after(() => db.isOpen && db.close())
  db.exec('begin immediate')
  client.send({ call: 1, times: 8 })
  await client.all(refusals, 3, 'refusals')
  db.close()
  const [done] = await client.all((line) => line['done'] === 1, 1, 'all calls', 60_000)
  assert.equal(done!['through'], 8, JSON.stringify(client.soFar((line) => 'failed' in line)))
  assertRetryable(client.soFar(refusals))
})

test('a stock client that calls while the server drains is told of the maintenance and gets through to the next server', async (t) => {
  const env = { SPILLWAY_HOME: temporaryFolder(t), PREFECT_SERVER_API_PORT: String(await freePort()) }
  const server = await startServerProcess(t, env)
  const client = await startPython(t, 'calls', `${server.url}/api`)
  await client.all((line) => line['ready'] === true, 1, 'the client')
  // Held up in the store, these keep the client's connections open; it calls on over them while the server drains.
  const db = new DatabaseSync(path.join(env.SPILLWAY_HOME, 'spillway.db'))
  t.after(() => db.isOpen && db.close())
  db.exec('begin immediate')
  client.send({ call: 1, times: 4 })
  await eventually(async () => {
    const metrics = await (await fetch(`${server.url}/api/metrics`)).text()
    return /^spillway_store_operations_under_way\{class="state"\} 4$/m.test(metrics)
  }, 'four calls under way')
  server.child.kill('SIGTERM')
  while (!server.stdout().includes('Stopping')) await delay(5)
  db.close()
  client.send({ call: 2, times: 8 })
  assert.equal((await server.ended).code, 0)
  const again = await startServerProcess(t, env)
  assert.equal(again.url, server.url)
  for (const [call, times] of [[1, 4], [2, 8]] as const) {
    const [done] = await client.all((line) => line['done'] === call, 1, `call ${call}`, 90_000)
    assert.equal(done!['through'], times, JSON.stringify(client.soFar((line) => 'failed' in line)))
  }
  const answers = client.soFar(refusals)
  assertRetryable(answers)
  for (const { maintenance } of answers) assert.equal(maintenance, 'true')
})
