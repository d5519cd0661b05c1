import assert from 'node:assert/strict'
import test from 'node:test'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { addFlow, addRun, addTaskRun, withStore } from './runs.fixture.ts'

const inStore = (body: (store: TestStore) => Promise<void>) => () => withStore(openTestStore(), body)

const unknown = '00000000-0000-4000-8000-0000000000ff'

async function propose(store: TestStore, id: string, state: { type: 'RUNNING' | 'COMPLETED' | 'FAILED' | 'PENDING'; details?: object }) {
  const { status, json } = await store.write('setTaskRunState', { id, state, force: false })
  return { httpStatus: status, ...JSON.parse(json) }
}

test('a task run with the keys of another in the same flow run is that other', inStore(async (store) => {
  const flowRun = await addRun(store, await addFlow(store, 'canal', { bed: 'stone' }), { state: { type: 'RUNNING' } })
  const first = await addTaskRun(store, { flowRunId: flowRun.id })
  assert.equal(first.httpStatus, 201)
  assert.equal(first.labels.bed, 'stone')
  assert.equal(first.labels['prefect.flow-run.id'], flowRun.id)
  const again = await addTaskRun(store, { flowRunId: flowRun.id })
  assert.equal(again.httpStatus, 200)
  assert.equal(again.id, first.id)
  assert.notEqual((await addTaskRun(store, { flowRunId: flowRun.id, dynamicKey: '1' })).id, first.id)
  await assert.rejects(addTaskRun(store, { flowRunId: unknown }), { status: 409 })
}))

test('a task run starts only while its flow run runs', inStore(async (store) => {
  const flowRun = await addRun(store, await addFlow(store, 'canal'))
  const run = await addTaskRun(store, { flowRunId: flowRun.id })
  const refused = await propose(store, run.id, { type: 'RUNNING' })
  assert.equal(refused.status, 'ABORT')
  assert.equal(refused.httpStatus, 200)
  assert.equal(refused.state.type, 'PENDING')
}))

test('a task run whose tag has no free slot waits, and the slot is free again when the other one ends', inStore(async (store) => {
  await store.write('createConcurrencyLimitV2', {
    name: 'tag:db', limit: 1, active: true, active_slots: 0, denied_slots: 0, slot_decay_per_second: 0,
  })
  const first = await addTaskRun(store, { tags: ['db'] })
  const second = await addTaskRun(store, { tags: ['db'], dynamicKey: '1' })
  assert.equal((await propose(store, first.id, { type: 'RUNNING' })).status, 'ACCEPT')
  assert.equal((await propose(store, second.id, { type: 'RUNNING' })).status, 'WAIT')
  assert.equal((await propose(store, first.id, { type: 'COMPLETED' })).status, 'ACCEPT')
  assert.deepEqual(store.all('select * from concurrency_lease'), [])
  assert.equal((await propose(store, second.id, { type: 'RUNNING' })).status, 'ACCEPT')
}))

test('a deferred task run waits for a task worker of its key', inStore(async (store) => {
  const run = await addTaskRun(store, { taskKey: 'mow', state: { type: 'SCHEDULED', details: { deferred: true } } })
  assert.deepEqual(store.publications.filter((one) => one.topic === 'background-task'), [{ topic: 'background-task', taskKey: 'mow' }])
  const taken = await store.write('takeBackgroundTask', { taskKeys: ['mow'] })
  assert.equal(taken?.taskRunId, run.id)
  const claim = { type: 'PENDING', details: { deferred: true } } as const
  assert.equal((await propose(store, run.id, claim)).status, 'ACCEPT')
  assert.equal((await propose(store, run.id, claim)).status, 'ABORT')
}))

test('a task that was given out when the server was killed is given out again, unless it is seen to have begun or was acknowledged', inStore(async (store) => {
  const add = (dynamicKey: string) => addTaskRun(store, { taskKey: 'mow', dynamicKey, state: { type: 'SCHEDULED', details: { deferred: true } } })
  const take = async (): Promise<string | undefined> => (await store.write('takeBackgroundTask', { taskKeys: ['mow'] }))?.taskRunId
  const [acknowledged, begun, lost] = [await add('0'), await add('1'), await add('2')]
  for (const run of [acknowledged, begun, lost]) assert.equal(await take(), run.id)
  assert.equal(await take(), undefined, 'what is given is not given twice')
  await store.write('acknowledgeBackgroundTask', { taskRunId: acknowledged.id })

  await store.write('doubtGivenTasks', undefined) // The next server starts.
  assert.equal(await take(), undefined, 'what is in doubt waits')
  await propose(store, begun.id, { type: 'PENDING', details: { deferred: true } })
  assert.equal(await store.write('settleDoubtfulTasks', undefined), 1)
  assert.equal(await take(), lost.id)
  assert.equal(await take(), undefined)
}))

test('a task that its worker did not acknowledge goes to the next one, before those that were never given', inStore(async (store) => {
  const add = (dynamicKey: string) => addTaskRun(store, { taskKey: 'mow', dynamicKey, state: { type: 'SCHEDULED', details: { deferred: true } } })
  const [first, second] = [await add('0'), await add('1')]
  const taken = await store.write('takeBackgroundTask', { taskKeys: ['mow'] })
  assert.equal(taken?.taskRunId, first.id)
  await store.write('returnBackgroundTask', { taskRunId: first.id, taskKey: 'mow' })
  for (const run of [first, second]) assert.equal((await store.write('takeBackgroundTask', { taskKeys: ['mow'] }))?.taskRunId, run.id)
}))

test('a result in the cache is what a run with its key gets', inStore(async (store) => {
  const details = { cache_key: 'the same' }
  const first = await addTaskRun(store)
  await propose(store, first.id, { type: 'RUNNING', details })
  await store.write('setTaskRunState', { id: first.id, state: { type: 'COMPLETED', data: { type: 'reference' }, details }, force: false })
  const second = await addTaskRun(store, { dynamicKey: '1' })
  const cached = await propose(store, second.id, { type: 'RUNNING', details })
  assert.equal(cached.status, 'REJECT')
  assert.equal(cached.state.name, 'Cached')
  assert.deepEqual(cached.state.data, { type: 'reference' })
}))
