import assert from 'node:assert/strict'
import test from 'node:test'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { makeDeployment, makePool, toldEvents } from './deployments.fixture.ts'

const statusesOf = (store: TestStore) =>
  store.all(
    `select p.status as pool, q.status as queue, d.status as deployment
     from work_pool p join work_queue q on q.work_pool_id = p.id join deployment d on d.work_queue_id = q.id`,
  ).map((row) => ({ ...row }))

const heartbeat = { poolName: 'dock', workerName: 'w', intervalSeconds: 10 }

test('heartbeats and polls make ready, absence takes it back, and each change is told once', async () => {
  const store = openTestStore()
  const pool = await makePool(store)
  const { updated } = await makeDeployment(store, { work_pool_name: 'dock' })
  store.publications.length = 0
  await store.write('recordWorkerHeartbeat', heartbeat)
  await store.write('recordWorkerHeartbeat', heartbeat)
  await store.write('recordPoll', { queueIds: [pool.default_queue_id], deploymentIds: [] })
  await store.write('recordPoll', { queueIds: [pool.default_queue_id], deploymentIds: [] })
  assert.deepEqual(statusesOf(store), [{ pool: 'READY', queue: 'READY', deployment: 'READY' }])
  assert.deepEqual(toldEvents(store), ['prefect.work-pool.ready', 'prefect.work-queue.ready', 'prefect.deployment.ready'])

  assert.deepEqual(await store.write('noteAbsence', {}), { changed: 0, isFull: false })
  for (const statement of [
    'update worker set last_heartbeat_time = 1',
    'update work_queue set last_polled = 1',
    'update deployment set last_polled = 1',
  ]) store.all(statement)
  store.publications.length = 0
  assert.deepEqual(await store.write('noteAbsence', {}), { changed: 4, isFull: false })
  assert.deepEqual(statusesOf(store), [{ pool: 'NOT_READY', queue: 'NOT_READY', deployment: 'NOT_READY' }])
  assert.deepEqual(toldEvents(store), [
    'prefect.work-pool.not-ready', 'prefect.deployment.not-ready', 'prefect.work-queue.not-ready',
  ])
  const [row] = store.all<{ updated: number; created: number }>('select updated, created from deployment')
  assert.equal(row!.updated, row!.created)
  assert.ok(updated)
  store.close()
})

test('what is paused stays paused until it goes on, and is then as ready as it was', async () => {
  const store = openTestStore()
  const pool = await makePool(store)
  await makeDeployment(store, { work_pool_name: 'dock' })
  await store.write('recordWorkerHeartbeat', heartbeat)
  await store.write('updateWorkPool', { name: 'dock', changes: { is_paused: true } })
  await store.write('updatePoolQueue', { poolName: 'dock', name: 'default', changes: { is_paused: true } })
  await store.write('recordWorkerHeartbeat', heartbeat)
  await store.write('recordPoll', { queueIds: [pool.default_queue_id], deploymentIds: [] })
  assert.deepEqual(statusesOf(store), [{ pool: 'PAUSED', queue: 'PAUSED', deployment: 'READY' }])
  await store.write('updateWorkPool', { name: 'dock', changes: { is_paused: false } })
  await store.write('updatePoolQueue', { poolName: 'dock', name: 'default', changes: { is_paused: false } })
  assert.deepEqual(statusesOf(store), [{ pool: 'READY', queue: 'READY', deployment: 'READY' }])
  store.close()
})

test('workers that are connected hear of changes that they work by, and of no others', async () => {
  const store = openTestStore()
  const pool = await makePool(store)
  const heard = () => store.publications.filter(({ topic }) => topic === 'work-pool')
  await store.write('updateWorkPool', { name: 'dock', changes: { description: 'd' } })
  assert.deepEqual(heard(), [])
  await store.write('updateWorkPool', { name: 'dock', changes: { concurrency_limit: 4 } })
  assert.deepEqual(heard(), [{ topic: 'work-pool', id: pool.id, name: 'dock' }])
  store.close()
})
