import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { Agent } from 'node:http'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import type { Worker } from 'node:worker_threads'
import { startTestServer, type TestServer } from '../server/in-process.ts'
import { startServerProcess, temporaryFolder } from '../server/server-process.ts'
import { eventually } from './eventually.ts'
import { openForeignLock } from './foreign-lock.ts'
import { sendOnce } from './retrying-client.ts'
import { makeVariablesSlow } from './slow-table.ts'
import { StoredRuns } from './stored-runs.ts'

/** A passing refusal as every client understands it. */
function assertPassingRefusal(status: number, retryAfter: string | null | undefined): void {
  assert.equal(status, 503)
  assert.match(String(retryAfter), /^[1-9]\d*$/, 'Retry-After is whole seconds')
}

/** Writes that the store has taken and not answered. */
const writesUnderWay = (server: TestServer): Promise<number> => server.metric('spillway_store_operations_under_way{class="state"}')

function inDatabase<T>(databasePath: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(databasePath, { timeout: 5_000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}

test('a commit that fails refuses its whole group with 503, and nothing of the group is there', async (t) => {
  const server = await startTestServer(t, {}, { groupMs: 2_000 })
  // A foreign key that is checked at the commit only: every statement succeeds, and COMMIT does not.
  inDatabase(server.databasePath, (db) =>
    db.exec(`create table breaker_parent (id integer primary key);
      create table breaker (id integer references breaker_parent (id) deferrable initially deferred);
      create trigger break_commit after insert on variable when new.name = 'breaks_the_commit'
        begin insert into breaker values (1); end`),
  )
  const lock = openForeignLock(t, path.dirname(server.databasePath))
  // While the file is held, requests gather for one group.
  const { release } = await lock.hold()
  const names = [...Array.from({ length: 20 }, (_, n) => `variable_${n}`), 'breaks_the_commit']
  const posted = names.map((name) => server.post('/api/variables/', { name, value: 1 }))
  await eventually(async () => (await writesUnderWay(server)) === names.length, 'the whole group to wait')
  await release()
  const answers = await Promise.all(posted)
  for (const answer of answers) assertPassingRefusal(answer.status, answer.headers.get('retry-after'))
  assert.equal(await (await server.post('/api/variables/count', {})).json(), 0, 'nothing of the group is stored')
  inDatabase(server.databasePath, (db) => {
    assert.deepEqual({ ...db.prepare(`select count(*) as n from event where event like '%variable%'`).get() }, { n: 0 })
  })
  const later = await server.post('/api/variables/', { name: 'variable_0', value: 1 })
  assert.equal(later.status, 201, 'the next group is stored')
})

const canLimitFiles = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0

const onFullDisk = 'on a full disk writes answer 503, reads go on, and writes recover when there is space'
test(onFullDisk, { skip: !canLimitFiles && 'needs prlimit' }, async (t) => {
  const home = temporaryFolder(t)
  // A file size limit stands for the full disk. Its signal, which a full disk does not send, is taken out of the way.
  const server = await startServerProcess(t, {
    SPILLWAY_HOME: home,
    NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGXFSZ',()=>{})`,
  })
  const pid = String(server.child.pid)
  const limitFiles = (bytes: string): Buffer => execFileSync('prlimit', ['--pid', pid, `--fsize=${bytes}:`])
  const agent = new Agent({ keepAlive: true })
  const stored = new StoredRuns(home)
  t.after(() => {
    agent.destroy()
    stored.close()
  })
  const api = (method: string, where: string, body?: unknown) => sendOnce(agent, method, `${server.url}/api${where}`, body)
  const create = (n: number) => api('POST', '/flow_runs/', { flow_id: flow.id, name: `run-${n}`, state: { type: 'PENDING' } })
  const flow = JSON.parse((await api('POST', '/flows/', { name: 'raw' })).body) as { id: string }
  assert.equal((await create(0)).status, 201)

  limitFiles('1')
  const refused = await Promise.all(Array.from({ length: 20 }, (_, n) => create(n + 1)))
  for (const { status, headers } of refused) assertPassingRefusal(status, String(headers['retry-after']))
  for (const where of ['/health', `/flows/${flow.id}`]) assert.equal((await api('GET', where)).status, 200, `${where} goes on`)
  assert.equal((await api('POST', '/flow_runs/filter', {})).status, 200, 'lists go on')
  assert.equal(stored.count('select count(*) from flow_run'), 1, 'nothing of what was refused is stored')

  limitFiles('unlimited')
  await eventually(async () => (await create(100)).status === 201, 'writes to recover')
  stored.assertWhole()
  assert.equal(server.child.exitCode, null)
})

test('a reader that is stuck in a statement is replaced, and its callers are told to try again', async (t) => {
  const server = await startTestServer(t, {}, { readTimeoutMs: 500 })
  // The first question of its lane starts the reader.
  assert.equal((await server.post('/api/flows/count', {})).status, 200)
  makeVariablesSlow(server.databasePath, 6)
  const startedMs = performance.now()
  const stuck = server.post('/api/variables/count', {})
  await eventually(async () => (await server.metric('spillway_store_operations_under_way{class="read"}')) === 1, 'the reader to have it')
  const behind = server.post('/api/flows/count', {})
  for (const answer of [await stuck, await behind]) assertPassingRefusal(answer.status, answer.headers.get('retry-after'))
  const refusedAfterMs = performance.now() - startedMs
  assert.equal((await server.post('/api/flows/count', {})).status, 200, 'the lane has another reader')
  const servedAfterMs = performance.now() - startedMs
  assert.ok(refusedAfterMs < 3_000, `refused after ${refusedAfterMs} ms`)
  assert.ok(servedAfterMs < 5_000, `served after ${servedAfterMs} ms`)
  assert.equal(await server.reached('readTimeoutMs'), 1)
})

/** Starts a server and gives its store's threads by name, those that come later too. */
async function startWithThreads(t: { after(work: () => unknown): void }): Promise<{ server: TestServer; threads: Worker[]; startMs: number }> {
  const threads: Worker[] = []
  const note = (thread: Worker): void => void threads.push(thread)
  process.on('worker', note)
  t.after(() => process.off('worker', note))
  const startedMs = performance.now()
  const server = await startTestServer(t)
  return { server, threads, startMs: performance.now() - startedMs }
}

test('the end of the writer thread refuses what was under way with 503 and another one takes its place', async (t) => {
  const { server, threads, startMs } = await startWithThreads(t)
  const create = (n: number): Promise<Response> => server.post('/api/variables/', { name: `variable_${n}`, value: n })
  assert.equal((await create(0)).status, 201)
  // While the file is held, the requests are under way for certain.
  const lock = openForeignLock(t, path.dirname(server.databasePath))
  const { release } = await lock.hold()
  const writes = Array.from({ length: 50 }, (_, n) => create(n + 1))
  await eventually(async () => (await writesUnderWay(server)) === 50, 'the writes to be under way')
  await threads[0]!.terminate()
  for (const answer of await Promise.all(writes)) assertPassingRefusal(answer.status, answer.headers.get('retry-after'))
  const { atMs: endedMs } = await release()
  await eventually(async () => (await create(1)).status === 201, 'writes to go on')
  const backAfterMs = performance.now() - endedMs
  // Two seconds, or twice what the start of a whole server takes here.
  const allowedMs = Math.max(2_000, 2 * startMs)
  assert.ok(backAfterMs < allowedMs, `writes went on after ${backAfterMs} ms; allowed: ${allowedMs} ms`)
  assert.equal(await (await server.post('/api/variables/count', {})).json(), 2, 'nothing of what was refused is stored')
  assert.equal((await server.get('/api/ready')).status, 200)
})

test('the end of a reader thread refuses what was under way with 503 and the next read has another one', async (t) => {
  const { server, threads } = await startWithThreads(t)
  const flow = (await (await server.post('/api/flows/', { name: 'raw' })).json()) as { id: string }
  await threads[1]!.terminate()
  await eventually(async () => (await server.get(`/api/flows/${flow.id}`)).status === 200, 'reads to go on')
  assert.equal((await server.post('/api/flows/filter', {})).status, 200)
})
