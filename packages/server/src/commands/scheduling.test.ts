import assert from 'node:assert/strict'
import test from 'node:test'
import { openTestStore, testStoreSettings, type TestStore } from '../storage/sqlite/testing.ts'
import { everySeconds, makeDeployment, makeRun } from './deployments.fixture.ts'

interface Run {
  id: string
  state_name: string
  parameters: string
  tags: string
  created_by: string
  idempotency_key: string
  due: number
}

const runsOf = (store: TestStore): Run[] =>
  store.all<Run>('select *, next_scheduled_start_time as due from flow_run order by next_scheduled_start_time')

test('a new deployment has the runs of its schedules at once, as the scheduler would make them', async () => {
  const store = openTestStore()
  const deployment = await makeDeployment(store, {
    tags: ['b'],
    parameters: { a: 1, b: 1 },
    schedules: [everySeconds(1800, { parameters: { b: 2 }, slug: 'half-hourly' })],
  })
  const runs = runsOf(store)
  assert.equal(runs.length, 3)
  assert.deepEqual(JSON.parse(runs[0]!.parameters), { a: 1, b: 2 })
  assert.deepEqual(JSON.parse(runs[0]!.tags), ['auto-scheduled', 'b'])
  const [schedule] = deployment.schedules
  assert.deepEqual(JSON.parse(runs[0]!.created_by), { id: schedule.id, type: 'SCHEDULE', display_value: 'half-hourly' })
  assert.match(runs[0]!.idempotency_key, new RegExp(`^scheduled ${deployment.id} ${schedule.id} \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d[0]:00\\+00:00$`))
  assert.equal(store.all(`select * from event where event like 'prefect.flow-run%'`).length, 0)
  store.close()
})

test('the scheduler makes no run twice and fills up what is missing', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store, { schedules: [everySeconds(1800)] })
  assert.deepEqual(await store.read('deploymentsToSchedule', { afterId: '', recentSeconds: null }), [])
  assert.deepEqual(await store.write('scheduleDeployments', { ids: [id] }), { made: 0, left: [] })
  store.all('delete from flow_run where id = (select min(id) from flow_run)')
  assert.deepEqual(await store.read('deploymentsToSchedule', { afterId: '', recentSeconds: null }), [id])
  assert.deepEqual(await store.write('scheduleDeployments', { ids: [id] }), { made: 1, left: [] })
  store.close()
})

test('a round of the scheduler gives back what does not fit into it', async () => {
  const settings = testStoreSettings()
  const off = openTestStore({ ...settings, scheduler: { ...settings.scheduler, enabled: false, insertBatchSize: 3 } })
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) ids.push((await makeDeployment(off, { name, schedules: [everySeconds(1800)] })).id)
  assert.equal(runsOf(off).length, 0, 'with the scheduler off nothing is made')
  assert.deepEqual(await off.write('scheduleDeployments', { ids }), { made: 3, left: ids.slice(1) })
  off.close()
})

test('an upsert takes back the runs to come, keeps late ones and those made by hand, and drops absent schedules', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store, { schedules: [everySeconds(1800)] })
  const byHand = await makeRun(store, id)
  const [late] = runsOf(store).filter((run) => run.id !== byHand.id)
  store.all('update flow_run set next_scheduled_start_time = 1 where id = ?', [late!.id])
  await makeDeployment(store, {})
  assert.deepEqual(new Set(runsOf(store).map((run) => run.id)), new Set([late!.id, byHand.id]))
  assert.equal(store.all('select * from deployment_schedule').length, 0)
  store.close()
})

test('pausing takes back all runs of the scheduler, resuming makes them again', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store, { schedules: [everySeconds(1800)] })
  const byHand = await makeRun(store, id)
  await store.write('setDeploymentPaused', { id, paused: true })
  assert.deepEqual(runsOf(store).map((run) => run.id), [byHand.id])
  await store.write('setDeploymentPaused', { id, paused: false })
  assert.equal(runsOf(store).length, 4)
  store.close()
})

test('runs can be made for a time that has passed', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store, { paused: true, schedules: [everySeconds(3600)] })
  const startUs = Date.UTC(2026, 0, 1) * 1000
  await store.write('scheduleDeploymentRuns', {
    id, startUs, endUs: startUs + 5 * 3600e6, minSeconds: null, minRuns: 10, maxRuns: null,
  })
  assert.deepEqual(runsOf(store).map((run) => (run.due - startUs) / 3600e6), [0, 1, 2, 3, 4, 5])
  store.close()
})
