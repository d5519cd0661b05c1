import assert from 'node:assert/strict'
import test from 'node:test'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { bodyOf, makeDeployment, makeRun } from './deployments.fixture.ts'
import { addRun, addTaskRun, propose, withStore } from './runs.fixture.ts'

const own = (id: string) => `deployment:${id}`

async function taken(store: TestStore, name: string): Promise<number> {
  return bodyOf(await store.read('readConcurrencyLimitV2', { idOrName: name })).active_slots
}

/** Lets all leases run out, as if their holders had not been heard of for long. */
function letLeasesRunOut(store: TestStore): void {
  store.all('update concurrency_lease set expires = 1')
}

async function submit(store: TestStore, deploymentId: string): Promise<string> {
  const { id } = await makeRun(store, deploymentId)
  assert.equal((await propose(store, id, { type: 'PENDING' })).status, 'ACCEPT')
  return id
}

test('a slot whose lease has run out goes back once, whoever is first: the end of the run or the service', () =>
  withStore(openTestStore(), async (store) => {
    const { id } = await makeDeployment(store, { concurrency_limit: 2 })
    const late = await submit(store, id)
    await propose(store, late, { type: 'RUNNING' })
    letLeasesRunOut(store)
    await submit(store, id)
    await propose(store, late, { type: 'COMPLETED' })
    assert.equal(await store.write('reapExpiredLeases', { limit: 10 }), 0)
    assert.equal(await taken(store, own(id)), 1)

    const lost = await submit(store, id)
    await propose(store, lost, { type: 'RUNNING' })
    store.all('update concurrency_lease set expires = 1 where holder_id = ?', [lost])
    assert.equal(await store.write('reapExpiredLeases', { limit: 10 }), 1)
    await propose(store, lost, { type: 'COMPLETED' })
    assert.equal(await taken(store, own(id)), 1, 'the other run keeps its slot')
  }))

test('a run that starts after its lease ran out goes on in the slot that nobody has taken back yet', () =>
  withStore(openTestStore(), async (store) => {
    const { id } = await makeDeployment(store, { concurrency_limit: 1 })
    const run = await submit(store, id)
    letLeasesRunOut(store)
    assert.equal((await propose(store, run, { type: 'RUNNING' })).state.type, 'RUNNING')
    assert.equal(await store.write('reapExpiredLeases', { limit: 10 }), 0)
    assert.equal(await taken(store, own(id)), 1)
  }))

test('a run that was forced into a state gives back the slot it holds, and no slot that it never took', () =>
  withStore(openTestStore(), async (store) => {
    const { id } = await makeDeployment(store, { concurrency_limit: 2 })
    const holder = await submit(store, id)
    const forced = await makeRun(store, id)
    await propose(store, forced.id, { type: 'RUNNING' }, true)
    await propose(store, forced.id, { type: 'COMPLETED' })
    assert.equal(await taken(store, own(id)), 1)

    await propose(store, holder, { type: 'RUNNING' }, true)
    await propose(store, holder, { type: 'COMPLETED' })
    assert.equal(await taken(store, own(id)), 0)
    assert.equal(store.all('select 1 from concurrency_lease').length, 0)
  }))

test('deleting a run gives back what it and its tasks hold, and nothing that others hold', () =>
  withStore(openTestStore(), async (store) => {
    await store.write('createTagLimit', { tag: 'crane', concurrency_limit: 3 })
    const { id, flow_id: flowId } = await makeDeployment(store, { concurrency_limit: 2 })
    const kept = await submit(store, id)
    const doomed = await submit(store, id)
    for (const run of [kept, doomed]) await propose(store, run, { type: 'RUNNING' })
    const never = await addRun(store, flowId, { deploymentId: id })
    for (const [flowRunId, dynamicKey] of [[kept, '1'], [doomed, '2'], [doomed, '3']] as const) {
      const task = await addTaskRun(store, { flowRunId, dynamicKey, tags: ['crane'] })
      await store.write('setTaskRunState', { id: task.id, state: { type: 'RUNNING' }, force: false })
    }
    assert.deepEqual([await taken(store, own(id)), await taken(store, 'tag:crane')], [2, 3])
    await store.write('deleteFlowRun', { id: never.id })
    assert.equal(await taken(store, own(id)), 2)
    const [task] = store.all<{ id: string }>('select id from task_run where flow_run_id = ?', [doomed])
    await store.write('deleteTaskRun', { id: task!.id })
    assert.equal(await taken(store, 'tag:crane'), 2)
    await store.write('deleteFlowRun', { id: doomed })
    assert.deepEqual([await taken(store, own(id)), await taken(store, 'tag:crane')], [1, 1])
  }))

test('a limit that deployments share outlives each of them, and their running runs give its slots back', () =>
  withStore(openTestStore(), async (store) => {
    const limit = bodyOf(await store.write('createConcurrencyLimitV2', {
      name: 'shared', limit: 5, active: true, active_slots: 0, denied_slots: 0, slot_decay_per_second: 0,
    }))
    const first = await makeDeployment(store, { name: 'first', global_concurrency_limit_id: limit.id })
    const second = await makeDeployment(store, { name: 'second', global_concurrency_limit_id: limit.id })
    const run = await submit(store, first.id)
    await propose(store, run, { type: 'RUNNING' })
    await store.write('deleteDeployment', { id: first.id })
    assert.equal(await taken(store, 'shared'), 1)
    await propose(store, run, { type: 'COMPLETED' })
    assert.equal(await taken(store, 'shared'), 0)

    const narrowed = await makeDeployment(store, { name: 'second', concurrency_limit: 1 })
    assert.equal(narrowed.global_concurrency_limit.name, own(second.id))
    assert.equal(bodyOf(await store.read('readConcurrencyLimitV2', { idOrName: 'shared' })).limit, 5)
    const freed = await makeDeployment(store, { name: 'second', concurrency_limit: null })
    assert.equal(freed.global_concurrency_limit, null)
    assert.deepEqual(store.all('select name from concurrency_limit').map(({ name }) => name), ['shared'])
  }))
