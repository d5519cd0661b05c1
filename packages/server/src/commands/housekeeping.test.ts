import assert from 'node:assert/strict'
import test from 'node:test'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { makeDeployment, makeRun } from './deployments.fixture.ts'

const nowUs = () => Date.now() * 1000
const stateOf = (store: TestStore, id: string) => {
  const [row] = store.all<{ state_type: string; state_name: string; message: string | null }>(
    `select state_type, state_name, state ->> 'message' as message from flow_run where id = ?`,
    [id],
  )
  return { ...row! }
}

test('a run that has not started in time is named late, once, with its time kept', async () => {
  const store = openTestStore()
  const { id: deploymentId } = await makeDeployment(store)
  const scheduledTime = '2026-01-01T00:00:00Z'
  const { id } = await makeRun(store, deploymentId, { state: { type: 'SCHEDULED', details: { scheduled_time: scheduledTime } } })
  const retry = await makeRun(store, deploymentId, {
    state: { type: 'SCHEDULED', name: 'AwaitingRetry', details: { scheduled_time: scheduledTime } },
  })
  const dueBeforeUs = nowUs() - 15e6
  assert.deepEqual(await store.read('findLateRuns', { dueBeforeUs, limit: 400 }), [id])
  assert.equal(await store.write('markRunsLate', { ids: [id, retry.id], dueBeforeUs }), 1)
  assert.equal(await store.write('markRunsLate', { ids: [id, retry.id], dueBeforeUs }), 0)
  const [row] = store.all<{ state_name: string; time: string }>(
    `select state_name, state -> 'state_details' ->> 'scheduled_time' as time from flow_run where id = ?`,
    [id],
  )
  assert.deepEqual({ ...row }, { state_name: 'Late', time: scheduledTime })
  assert.equal(store.all(`select 1 from event where event = 'prefect.flow-run.Late'`).length, 1)
  store.close()
})

test('a late run of a full deployment that takes no more is cancelled', async () => {
  const store = openTestStore()
  const { id: deploymentId } = await makeDeployment(store, {
    concurrency_limit: 1, concurrency_options: { collision_strategy: 'CANCEL_NEW' },
  })
  store.all('update concurrency_limit set active_slots = 1')
  const { id } = await makeRun(store, deploymentId, {
    state: { type: 'SCHEDULED', details: { scheduled_time: '2026-01-01T00:00:00Z' } },
  })
  await store.write('markRunsLate', { ids: [id], dueBeforeUs: nowUs() })
  assert.equal(stateOf(store, id).state_type, 'CANCELLED')
  store.close()
})

test('a pause that nobody ended fails its run, one that still lasts does not', async () => {
  const store = openTestStore()
  const { id: deploymentId } = await makeDeployment(store)
  const paused = (until: string) =>
    makeRun(store, deploymentId, { state: { type: 'PAUSED', details: { pause_timeout: until } } })
  const over = await paused('2026-01-01T00:00:00Z')
  const lasting = await paused('2099-01-01T00:00:00Z')
  assert.deepEqual(await store.read('findExpiredPauses', { limit: 10 }), [over.id])
  assert.equal(await store.write('failExpiredPauses', { ids: [over.id, lasting.id] }), 1)
  assert.deepEqual(stateOf(store, over.id), {
    state_type: 'FAILED', state_name: 'Failed', message: 'The flow was paused and never resumed.',
  })
  assert.equal(stateOf(store, lasting.id).state_type, 'PAUSED')
  store.close()
})

test('what is left under a cancelled run is cancelled, and a run that never stops is given up', async () => {
  const store = openTestStore()
  const { id: deploymentId } = await makeDeployment(store)
  const parent = await makeRun(store, deploymentId, { state: { type: 'RUNNING' } })
  store.all(
    `insert into task_run (id, created, updated, name, flow_run_id, task_key, dynamic_key, state_type) values
     ('t1', 0, 0, 't1', ?, 'k', '1', 'RUNNING'), ('t2', 0, 0, 't2', ?, 'k', '2', 'COMPLETED')`,
    [parent.id, parent.id],
  )
  const child = await makeRun(store, deploymentId, { state: { type: 'RUNNING' }, parent_task_run_id: 't1' })
  assert.deepEqual(await store.read('findLeftTaskRuns', { limit: 10 }), [])
  await store.write('setFlowRunState', {
    id: parent.id, state: { type: 'CANCELLED' }, force: true, clientVersion: null, apiVersion: null,
  })
  assert.deepEqual(await store.read('findLeftTaskRuns', { limit: 10 }), ['t1'])
  assert.deepEqual(await store.read('findLeftSubflowRuns', { limit: 10 }), [child.id])
  assert.equal(await store.write('cancelLeftTaskRuns', { ids: ['t1', 't2'] }), 1)
  assert.equal(await store.write('cancelLeftSubflowRuns', { ids: [child.id] }), 1)
  assert.equal(stateOf(store, child.id).state_type, 'CANCELLING')
  assert.deepEqual(await store.read('findLeftSubflowRuns', { limit: 10 }), [])

  const sinceBeforeUs = nowUs() + 1e6
  assert.deepEqual(await store.read('findTimedOutCancellations', { sinceBeforeUs, limit: 10 }), [child.id])
  assert.equal(await store.write('endTimedOutCancellations', { ids: [child.id], sinceBeforeUs: 0 }), 0)
  assert.equal(await store.write('endTimedOutCancellations', { ids: [child.id], sinceBeforeUs }), 1)
  assert.match(stateOf(store, child.id).message!, /^Flow run cancellation timed out/)
  store.close()
})

test('slots of a lease that nobody renewed come back, others stay', async () => {
  const store = openTestStore()
  await makeDeployment(store, { concurrency_limit: 5 })
  const [limit] = store.all<{ id: string }>('select id from concurrency_limit')
  store.all('update concurrency_limit set active_slots = 5')
  store.all(
    `insert into concurrency_lease (id, created, expires, resource_ids, slots) values ('old', 1, 2, ?, 2), ('new', 1, ?, ?, 3)`,
    [JSON.stringify([limit!.id]), nowUs() + 60e6, JSON.stringify([limit!.id])],
  )
  assert.equal(await store.write('reapExpiredLeases', { limit: 10 }), 1)
  assert.deepEqual(store.all<{ active_slots: number }>('select active_slots from concurrency_limit')[0]!.active_slots, 3)
  assert.deepEqual(store.all<{ id: string }>('select id from concurrency_lease').map(({ id }) => id), ['new'])
  store.close()
})

test('old events go with their rows by resource, a bounded number at a time', async () => {
  const store = openTestStore()
  await makeDeployment(store)
  const count = (table: string) => store.all<{ n: number }>(`select count(*) as n from ${table}`)[0]!.n
  const events = count('event')
  assert.ok(events >= 2 && count('event_resource') > events)
  assert.equal(await store.write('deleteOldEvents', { beforeUs: 0, limit: 10 }), 0)
  assert.equal(await store.write('deleteOldEvents', { beforeUs: nowUs() + 1e6, limit: 1 }), 1)
  assert.equal(count('event'), events - 1)
  await store.write('deleteOldEvents', { beforeUs: nowUs() + 1e6, limit: 10 })
  assert.deepEqual([count('event'), count('event_resource')], [0, 0])
  store.close()
})

test('old finished runs go with their logs and artifacts, and what has lost its run is found', async () => {
  const store = openTestStore()
  const { id: deploymentId } = await makeDeployment(store)
  const done = await makeRun(store, deploymentId, { state: { type: 'COMPLETED' } })
  const running = await makeRun(store, deploymentId, { state: { type: 'RUNNING' } })
  const insertLog = `insert into log (id, created, name, level, message, timestamp, flow_run_id) values (?, 0, 'n', 20, 'm', 0, ?)`
  store.all(insertLog, ['l1', done.id])
  store.all(insertLog, ['l2', running.id])
  store.all(insertLog, ['l3', 'gone'])
  for (const [id, runId] of [['a1', done.id], ['a2', 'gone']]) {
    store.all(`insert into artifact (id, created, updated, key, flow_run_id) values (?, 0, 0, 'k', ?)`, [id, runId])
  }
  store.all(`insert into artifact_collection (id, created, updated, key, latest_id) values ('c', 0, 0, 'k', 'a2')`)
  store.all('update flow_run set end_time = 1 where id = ?', [done.id])
  assert.deepEqual(await store.read('findOldFlowRuns', { endedBeforeUs: 2, limit: 10 }), [done.id])
  assert.equal(await store.write('deleteOldFlowRuns', { ids: [done.id, running.id], endedBeforeUs: 2 }), 1)
  const ids = (table: string) => store.all<{ id: string }>(`select id from ${table} order by id`).map(({ id }) => id)
  assert.deepEqual([ids('flow_run'), ids('log'), ids('artifact')], [[running.id], ['l2', 'l3'], ['a2']])
  const { logs, nextSeq } = await store.read('findOrphanLogs', { afterSeq: 0, span: 1000 })
  assert.deepEqual([logs, nextSeq], [[3], null])
  const artifacts = await store.read('findOrphanArtifacts', { limit: 10 })
  assert.equal(await store.write('deleteOrphans', { logs, artifacts }), 2)
  assert.deepEqual([ids('log'), ids('artifact'), ids('artifact_collection')], [['l2'], [], []])
  store.close()
})
