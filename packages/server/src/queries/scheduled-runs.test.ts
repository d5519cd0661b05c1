import assert from 'node:assert/strict'
import test from 'node:test'
import { bodyOf, makeDeployment, makePool, makeRun } from '../commands/deployments.fixture.ts'
import { plainQueue } from '../commands/work-queue-rows.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'

const due = (minute: number) =>
  ({ type: 'SCHEDULED', details: { scheduled_time: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z` } }) as const

async function poll(store: TestStore, given: { queueNames?: string[]; limit?: number; afterUs?: number } = {}): Promise<string[]> {
  const answer = await store.read('scheduledRunsOfPool', {
    poolName: 'dock', queueNames: null, beforeUs: Date.now() * 1000, afterUs: null, limit: 200, ...given,
  })
  return bodyOf(answer).map((item: { flow_run: { name: string } }) => item.flow_run.name)
}

/** A pool with a queue `first` before and a queue `last` after the default one, each with two due runs. */
async function busyPool(store: TestStore): Promise<string> {
  await makePool(store)
  await store.write('createPoolQueue', { poolName: 'dock', queue: { ...plainQueue('last'), priority: 5 } })
  await store.write('createPoolQueue', { poolName: 'dock', queue: { ...plainQueue('first'), priority: 1 } })
  const { id } = await makeDeployment(store, { work_pool_name: 'dock' })
  for (const [name, queue, minute] of [
    ['last-2', 'last', 2], ['default-1', null, 3], ['first-2', 'first', 9], ['first-1', 'first', 8],
    ['last-1', 'last', 1], ['default-2', null, 4],
  ] as const) {
    await makeRun(store, id, { name, work_queue_name: queue, state: due(minute) })
  }
  return id
}

test('a worker gets the runs of the first queue first, each queue by time', async () => {
  const store = openTestStore()
  await busyPool(store)
  assert.deepEqual(await poll(store), ['first-1', 'first-2', 'default-1', 'default-2', 'last-1', 'last-2'])
  assert.deepEqual(await poll(store, { limit: 3 }), ['first-1', 'first-2', 'default-1'])
  assert.deepEqual(await poll(store, { queueNames: ['last', 'default'] }), ['default-1', 'default-2', 'last-1', 'last-2'])
  await assert.rejects(poll(store, { queueNames: ['none'] }), { status: 404 })
  store.close()
})

test('limits count pending and running runs, not those being cancelled', async () => {
  const store = openTestStore()
  const id = await busyPool(store)
  await store.write('updatePoolQueue', { poolName: 'dock', name: 'first', changes: { concurrency_limit: 2 } })
  await makeRun(store, id, { work_queue_name: 'first', state: { type: 'RUNNING' } })
  await makeRun(store, id, { work_queue_name: 'first', state: { type: 'CANCELLING' } })
  assert.deepEqual(await poll(store), ['first-1', 'default-1', 'default-2', 'last-1', 'last-2'])
  await store.write('updateWorkPool', { name: 'dock', changes: { concurrency_limit: 3 } })
  assert.deepEqual(await poll(store), ['first-1', 'default-1'])
  store.close()
})

test('paused queues and pools give nothing, and neither do retries inside their process', async () => {
  const store = openTestStore()
  const id = await busyPool(store)
  await store.write('updatePoolQueue', { poolName: 'dock', name: 'first', changes: { is_paused: true } })
  await makeRun(store, id, { name: 'retry', state: due(0), empirical_policy: { retry_type: 'in_process' } })
  assert.deepEqual(await poll(store), ['default-1', 'default-2', 'last-1', 'last-2'])
  await store.write('updateWorkPool', { name: 'dock', changes: { is_paused: true } })
  assert.deepEqual(await poll(store), [])
  store.close()
})

test('a runner gets the runs of its deployments by time', async () => {
  const store = openTestStore()
  const { id } = await makeDeployment(store)
  await makeRun(store, id, { name: 'b', state: due(2) })
  await makeRun(store, id, { name: 'a', state: due(1) })
  await makeRun(store, id, { name: 'later', state: { type: 'SCHEDULED', details: { scheduled_time: '2099-01-01T00:00:00Z' } } })
  const answer = await store.read('scheduledRunsOfDeployments', { deploymentIds: [id], beforeUs: Date.now() * 1000, limit: 200 })
  assert.deepEqual(bodyOf(answer).map((run: { name: string }) => run.name), ['a', 'b'])
  assert.equal(answer.poll?.isNews, true)
  store.close()
})
