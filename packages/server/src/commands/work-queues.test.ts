import assert from 'node:assert/strict'
import test from 'node:test'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { bodyOf, makeDeployment, makePool } from './deployments.fixture.ts'
import { plainQueue } from './work-queue-rows.ts'

const order = (store: TestStore): [string, number][] =>
  store.all<{ name: string; priority: number }>('select name, priority from work_queue order by priority')
    .map(({ name, priority }) => [name, priority])

const add = (store: TestStore, name: string, priority: number | null = null) =>
  store.write('createPoolQueue', { poolName: 'dock', queue: { ...plainQueue(name), priority } })

test('a new queue takes the lowest free priority, a given one pushes the others on', async () => {
  const store = openTestStore()
  await makePool(store)
  await add(store, 'b')
  await add(store, 'far', 9)
  await add(store, 'c')
  assert.deepEqual(order(store), [['default', 1], ['b', 2], ['c', 3], ['far', 9]])
  await add(store, 'new', 2)
  assert.deepEqual(order(store), [['default', 1], ['new', 2], ['b', 3], ['c', 4], ['far', 9]])
  await store.write('updatePoolQueue', { poolName: 'dock', name: 'c', changes: { priority: 1 } })
  assert.deepEqual(order(store), [['c', 1], ['default', 2], ['new', 3], ['b', 4], ['far', 9]])
  store.close()
})

test('names are told apart by pool, and the default queue stays', async () => {
  const store = openTestStore()
  await makePool(store)
  await makePool(store, { name: 'other' })
  await add(store, 'b')
  await store.write('createPoolQueue', { poolName: 'other', queue: plainQueue('b') })
  await assert.rejects(add(store, 'b'), { status: 409 })
  await assert.rejects(store.write('deletePoolQueue', { poolName: 'dock', name: 'default' }), { status: 409 })
  await store.write('deletePoolQueue', { poolName: 'dock', name: 'b' })
  await assert.rejects(store.read('readPoolQueue', { poolName: 'dock', name: 'b' }), { status: 404 })
  store.close()
})

test('a queue without a pool lives in the pool for agents, which is made for it', async () => {
  const store = openTestStore()
  const first = bodyOf(await store.write('createLegacyQueue', { queue: plainQueue('default') }))
  assert.deepEqual([first.name, first.work_pool_name, first.priority], ['default', 'default-agent-pool', 1])
  await assert.rejects(store.write('createLegacyQueue', { queue: plainQueue('default') }), { status: 409 })
  const deployment = await makeDeployment(store, { work_queue_name: 'old' })
  assert.deepEqual([deployment.work_queue_name, deployment.work_pool_name], ['old', 'default-agent-pool'])
  const [pool] = store.all<{ status: string | null }>(`select status from work_pool`)
  assert.equal(pool!.status, null)
  store.close()
})
