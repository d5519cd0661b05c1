import assert from 'node:assert/strict'
import test from 'node:test'
import { waitingRunsAfter, waitingRunsById } from '../storage/catch-up.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { bodyOf, everySeconds, makeDeployment, makePool, makeRun, toldEvents } from './deployments.fixture.ts'
import type { NewDeployment } from './deployments.ts'
import { propose, readRun } from './runs.fixture.ts'

const hourUs = 3600e6
/** A moment long gone: runs of then are hours late. */
const startUs = Math.floor(Date.now() / 3600e3 - 10) * hourUs

type Labels = NonNullable<NewDeployment['labels']>
const latest: Labels = { 'spillway.catch-up': 'latest' }

/** A deployment in the pool `dock` whose hourly schedules were to start `count` runs each, hours ago. @returns its id. */
async function lateDeployment(store: TestStore, labels: Labels, given: Partial<NewDeployment> = {}, count = 3): Promise<string> {
  const { id } = await makeDeployment(store, { work_pool_name: 'dock', labels, paused: true, schedules: [everySeconds(3600)], ...given })
  const endUs = startUs + (count - 1) * hourUs
  await store.write('scheduleDeploymentRuns', { id, startUs, endUs, minSeconds: null, minRuns: count, maxRuns: count })
  return id
}

/** Runs by the hours after `startUs` at which they were due. */
function hoursOf(runs: { next_scheduled_start_time: string | number | null }[]): number[] {
  return runs.map(({ next_scheduled_start_time: due }) => ((typeof due === 'number' ? due : Date.parse(due!) * 1000) - startUs) / hourUs)
}

async function polled(store: TestStore): Promise<number[]> {
  const answer = await store.read('scheduledRunsOfPool', { poolName: 'dock', queueNames: null, beforeUs: Date.now() * 1000, afterUs: null, limit: 200 })
  return hoursOf(bodyOf(answer).map((item: { flow_run: object }) => item.flow_run))
}

async function served(store: TestStore, id: string): Promise<number[]> {
  return hoursOf(bodyOf(await store.read('scheduledRunsOfDeployments', { deploymentIds: [id], beforeUs: Date.now() * 1000, limit: 200 })))
}

interface StoredRun {
  id: string
  next_scheduled_start_time: number
  state_type: string
  state_name: string
  message: string
}

const runsOf = (store: TestStore, where = 'true'): StoredRun[] =>
  store.all<StoredRun>(`select *, state ->> 'message' as message from flow_run where ${where} order by next_scheduled_start_time`)

/** What a round of the service does. */
async function skip(store: TestStore): Promise<number> {
  const { ids } = await store.read('findRunsToSkip', { after: null, limit: 1000 })
  return store.write('skipLateRuns', { ids })
}

test('of a deployment without labels every late run is handed out and none is ended', async () => {
  const store = openTestStore()
  await makePool(store)
  const id = await lateDeployment(store, {})
  assert.deepEqual([await polled(store), await served(store, id), await skip(store)], [[0, 1, 2], [0, 1, 2], 0])
  store.close()
})

test('with latest only the newest late run is handed out, and the others are cancelled with a name, a reason and an event', async () => {
  const store = openTestStore()
  await makePool(store)
  const id = await lateDeployment(store, latest)
  assert.deepEqual([await polled(store), await served(store, id)], [[2], [2]], 'before the service has had its turn')
  assert.equal(await skip(store), 2)
  assert.equal(await skip(store), 0)
  assert.deepEqual([await polled(store), await served(store, id)], [[2], [2]])
  const [oldest, , newest] = runsOf(store)
  assert.deepEqual([oldest!.state_type, oldest!.state_name, newest!.state_type], ['CANCELLED', 'Skipped', 'SCHEDULED'])
  assert.match(oldest!.message, /^Due \d{4}-\d\d-\d\dT\d\d:00:00Z; a newer run of the schedule was due/)
  assert.equal(toldEvents(store).filter((event) => event === 'prefect.flow-run.Skipped').length, 2)
  store.close()
})

test('runs to come are handed out ahead of their time, and do not take the place of the one that is due', async () => {
  const store = openTestStore()
  await makePool(store)
  const schedule = { interval: 3600, anchor_date: new Date(Date.now() + 1800e3).toISOString(), timezone: 'UTC' }
  const id = await lateDeployment(store, latest, { paused: false, schedules: [everySeconds(3600, { schedule })] })
  const args = { deploymentIds: [id], beforeUs: Date.now() * 1000 + 2 * hourUs, limit: 200 }
  const times = bodyOf(await store.read('scheduledRunsOfDeployments', args)).map((run: { expected_start_time: string }) => Date.parse(run.expected_start_time))
  const waiting = runsOf(store).map(({ next_scheduled_start_time: due }) => due / 1000)
  const newestDue = Math.max(...waiting.filter((time) => time <= Date.now()))
  assert.deepEqual(times, waiting.filter((time) => time >= newestDue && time * 1000 <= args.beforeUs))
  assert.equal(times.length, 3)
  store.close()
})

test('runs that are not handed out do not stand in the way of those behind them', async () => {
  const store = openTestStore()
  await makePool(store)
  const id = await lateDeployment(store, latest, {}, 8)
  await store.write('updateWorkPool', { name: 'dock', changes: { concurrency_limit: 1 } })
  assert.deepEqual(await polled(store), [7])
  const answer = await store.read('scheduledRunsOfDeployments', { deploymentIds: [id], beforeUs: Date.now() * 1000, limit: 2 })
  assert.deepEqual(hoursOf(bodyOf(answer)), [7])
  store.close()
})

test('a newer run that has begun keeps older ones from starting as well', async () => {
  const store = openTestStore()
  await makePool(store)
  await lateDeployment(store, latest)
  const newest = runsOf(store).at(-1)!
  for (const type of ['PENDING', 'RUNNING', 'COMPLETED'] as const) {
    await propose(store, newest.id, { type })
    assert.deepEqual(await polled(store), [], type)
  }
  assert.equal(await skip(store), 2)
  store.close()
})

test('a run that somebody has taken meanwhile is not skipped', async () => {
  const store = openTestStore()
  await makePool(store)
  await lateDeployment(store, latest)
  const { ids } = await store.read('findRunsToSkip', { after: null, limit: 1000 })
  await propose(store, ids[0]!, { type: 'PENDING' })
  assert.equal(await store.write('skipLateRuns', { ids }), 1)
  assert.equal((await readRun(store, ids[0]!)).state.type, 'PENDING')
  store.close()
})

test('whoever was handed a run that has been skipped since cannot start it', async () => {
  const store = openTestStore()
  await makePool(store)
  await lateDeployment(store, latest)
  const [oldest] = runsOf(store)
  await skip(store)
  assert.equal((await propose(store, oldest!.id, { type: 'PENDING' })).status, 'ABORT')
  assert.equal((await readRun(store, oldest!.id)).state.name, 'Skipped')
  store.close()
})

test('each schedule catches up by itself, also after the deployment was made anew', async () => {
  const store = openTestStore()
  await makePool(store)
  const daily = { interval: 86_400, anchor_date: new Date((startUs + hourUs) / 1000).toISOString(), timezone: 'UTC' }
  const schedules = [everySeconds(3600, { slug: 'hourly' }), everySeconds(86_400, { slug: 'daily', schedule: daily })]
  const id = await lateDeployment(store, latest, { schedules })
  const dueOf = (slug: string) =>
    hoursOf(runsOf(store, `created_by ->> 'display_value' = '${slug}' and state_type = 'SCHEDULED' and next_scheduled_start_time < ${Date.now() * 1000}`))
  assert.deepEqual([dueOf('hourly'), dueOf('daily')], [[0, 1, 2], [1]])
  await makeDeployment(store, { work_pool_name: 'dock', labels: latest, paused: true, schedules })
  assert.deepEqual(await served(store, id), [1, 2])
  await skip(store)
  assert.deepEqual([dueOf('hourly'), dueOf('daily')], [[2], [1]])
  store.close()
})

test('runs made by hand, retries and runs that wait for a slot are never skipped', async () => {
  const store = openTestStore()
  await makePool(store)
  const id = await lateDeployment(store, { 'spillway.max-late-seconds': 1 }, {}, 2)
  await makeRun(store, id, { state: { type: 'SCHEDULED', details: { scheduled_time: '2026-01-01T00:00:00Z' } } })
  const [, waitsForSlot, retries] = runsOf(store)
  store.all(`update flow_run set state_name = 'AwaitingConcurrencySlot' where id = ?`, [waitsForSlot!.id])
  store.all('update flow_run set run_count = 1 where id = ?', [retries!.id])
  assert.equal(await skip(store), 0)
  assert.equal((await polled(store)).length, 3)
  store.close()
})

test('what is later than it may be is not handed out, what is less late is', async () => {
  const store = openTestStore()
  await makePool(store)
  // Half an hour less than the oldest run is late.
  const maxLateSeconds = Math.round((Date.now() * 1000 - startUs) / 1e6) - 1800
  const id = await lateDeployment(store, { 'spillway.max-late-seconds': maxLateSeconds })
  assert.deepEqual([await polled(store), await served(store, id)], [[1, 2], [1, 2]])
  assert.equal(await skip(store), 1)
  assert.match(runsOf(store)[0]!.message, new RegExp(`not taken by a worker or runner within ${maxLateSeconds} s`))
  store.close()
})

test('with skip a run is handed out within the grace only', async () => {
  const store = openTestStore()
  await makePool(store)
  const id = await lateDeployment(store, { 'spillway.catch-up': 'skip' })
  const newest = runsOf(store).at(-1)!
  const dueAgo = (seconds: number) =>
    store.all('update flow_run set next_scheduled_start_time = ? where id = ?', [(Date.now() - seconds * 1000) * 1000, newest.id])
  dueAgo(0)
  assert.equal((await served(store, id)).length, 1)
  dueAgo(60)
  assert.equal((await served(store, id)).length, 0)
  assert.equal(await skip(store), 3)
  store.close()
})

test('late runs take over what their deployment says anew', async () => {
  const store = openTestStore()
  await makePool(store)
  const id = await lateDeployment(store, { 'spillway.max-late-seconds': 1 })
  const again = (labels: Labels) => makeDeployment(store, { work_pool_name: 'dock', labels, paused: true })
  await again({})
  assert.deepEqual(await served(store, id), [0, 1, 2])
  await again(latest)
  assert.deepEqual(await served(store, id), [2])
  store.close()
})

test('labels that cannot be followed are refused with what to write instead', async () => {
  const store = openTestStore()
  await assert.rejects(makeDeployment(store, { labels: { 'spillway.catch-up': 'newest' } }), { status: 422, message: /all, latest, skip/ })
  store.close()
})

test('a look at the waiting runs goes on where the last one ended', async () => {
  const store = openTestStore()
  await makePool(store)
  await lateDeployment(store, latest)
  const first = await store.read('findRunsToSkip', { after: null, limit: 2 })
  const second = await store.read('findRunsToSkip', { after: first.next, limit: 2 })
  assert.deepEqual([first.ids.length, second.ids.length, second.next], [2, 0, null])
  store.close()
})

test('a poll and a round read no more than the runs of deployments with labels', async () => {
  const store = openTestStore()
  const plan = (text: string) =>
    store.all<{ detail: string }>(`explain query plan ${text.replaceAll('?', '1')}`).map(({ detail }) => detail).join('\n')
  const newer = /SEARCH flow_run USING INDEX flow_run_by_catching_up_schedule \(deployment_id=\? AND <expr>=\? AND expected_start_time>\? AND expected_start_time<\?\)/
  for (const [text, index] of [[waitingRunsAfter, /SEARCH run USING INDEX flow_run_catching_up /], [waitingRunsById, /SEARCH run USING INDEX sqlite_autoindex_flow_run_1 \(id=\?\)/]] as const) {
    assert.match(plan(text), index)
    assert.match(plan(text), newer)
    assert.doesNotMatch(plan(text), /SCAN (run|flow_run)|TEMP B-TREE/)
  }
  store.close()
})
