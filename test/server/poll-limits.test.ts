import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { testBound } from './bound.ts'
import { eventually, startTestServer, type TestServer } from './in-process.ts'

/** So many work pools, and a poll of one of them. */
async function addPools(server: TestServer, count: number): Promise<(pool: number) => Promise<void>> {
  for (let pool = 0; pool < count; pool += 1) {
    assert.equal((await server.post('/api/work_pools/', { name: `pool-${pool}`, type: 'process' })).status, 201)
  }
  return async (pool) => assert.equal((await server.post(`/api/work_pools/pool-${pool}/get_scheduled_flow_runs`, {})).status, 200)
}

function notedPolls(server: TestServer): number {
  const db = new DatabaseSync(server.databasePath, { readOnly: true, timeout: 5_000 })
  const row = db.prepare('select count(*) as n from work_queue where last_polled is not null').get() as { n: number }
  db.close()
  return row.n
}

testBound('pollers', 'a poller over the bound is remembered in place of the one noted longest ago', async (t) => {
  const server = await startTestServer(t, {}, { pollers: 2, pollNoteEveryMs: 60_000, pollNewsEveryMs: 60_000 })
  const poll = await addPools(server, 3)
  for (const pool of [0, 1, 0, 1]) await poll(pool)
  assert.equal(await server.reached('pollers'), 0)
  await poll(2)
  assert.equal(await server.reached('pollers'), 1)
  await poll(2)
  assert.equal(await server.reached('pollers'), 1, 'the new one is remembered')
  await poll(0)
  assert.equal(await server.reached('pollers'), 2, 'the first one was forgotten')
})

testBound('pollNotes', 'while the store is busy with notes polls are answered without one, and noted later', async (t) => {
  const server = await startTestServer(t, {}, { pollNotes: 1 })
  const poll = await addPools(server, 2)
  const foreign = new DatabaseSync(server.databasePath)
  t.after(() => foreign.isOpen && foreign.close())
  foreign.exec('begin immediate')
  await poll(0)
  await poll(1)
  assert.equal(await server.reached('pollNotes'), 1)
  foreign.close()
  await eventually(() => notedPolls(server) === 1, 'the first poll to be noted')
  await eventually(async () => {
    await poll(1)
    return notedPolls(server) === 2
  }, 'a later poll to be noted')
})

testBound('catchUpRuns', 'more waiting runs are looked at over several rounds, and those that are too late end all the same', async (t) => {
  const services = { PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED: 'true', PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS: '0.1' }
  const server = await startTestServer(t, services, { catchUpRuns: 2 })
  const { id: flowId } = (await (await server.post('/api/flows/', { name: 'tide' })).json()) as { id: string }
  const deployment = {
    name: 'daily', flow_id: flowId, paused: true, labels: { 'spillway.catch-up': 'latest' },
    schedules: [{ active: true, schedule: { interval: 86_400, anchor_date: new Date(Date.now() - 43_200_000).toISOString(), timezone: 'UTC' } }],
  }
  const { id } = (await (await server.post('/api/deployments/', deployment)).json()) as { id: string }
  const days = (count: number): string => new Date(Date.now() - count * 86_400_000).toISOString()
  assert.equal((await server.post(`/api/deployments/${id}/schedule`, { start_time: days(5), end_time: days(0), min_runs: 5 })).status, 200)
  await eventually(async () => (await server.metric('spillway_flow_runs_skipped_total')) === 4, 'all runs but the latest to be skipped')
  assert.ok((await server.reached('catchUpRuns')) >= 1)
})
