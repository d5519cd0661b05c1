import assert from 'node:assert/strict'
import test from 'node:test'
import { Database } from '../storage/sqlite/database.ts'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { addFlow, addRun, addTaskRun, propose, readRun, stockClient, withStore } from './runs.fixture.ts'

const inStore = (body: (store: TestStore) => Promise<void>) => () => withStore(openTestStore(), body)

test('a run goes from Pending over Running to Completed, and each state is in its history and in the event log', inStore(async (store) => {
  const flowId = await addFlow(store, 'canal')
  const run = await addRun(store, flowId)
  assert.equal(run.state.type, 'PENDING')
  assert.match(run.name, /^[a-z]+-[a-z]+$/)
  assert.equal((await propose(store, run.id, { type: 'RUNNING' })).httpStatus, 201)
  assert.equal((await propose(store, run.id, { type: 'COMPLETED' })).status, 'ACCEPT')
  const done = await readRun(store, run.id)
  assert.equal(done.run_count, 1)
  assert.ok(done.start_time <= done.end_time)
  const states = JSON.parse((await store.read('listRunStates', { runs: 'flow_run', runId: run.id })).json)
  assert.deepEqual(states.map((state: { name: string }) => state.name), ['Pending', 'Running', 'Completed'])
  const events = store.publications.flatMap((one) => (one.topic === 'event' ? [one] : []))
  assert.deepEqual(
    events.filter((event) => event.resourceId === `prefect.flow-run.${run.id}`).map(({ body, event }) => [(JSON.parse(body) as { id: string }).id, event]),
    states.map((state: { id: string; name: string }) => [state.id, `prefect.flow-run.${state.name}`]),
  )
}))

test('creating a run and changing its state take five statements each', inStore(async (store) => {
  const flowId = await addFlow(store, 'canal')
  const counted = { statements: 0 }
  const kept: Record<string, unknown> = {}
  const prototype = Database.prototype as unknown as Record<string, (...args: unknown[]) => unknown>
  for (const name of ['get', 'all', 'tuples', 'run']) {
    const original = (kept[name] = prototype[name]!)
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      counted.statements += 1
      return (original as typeof prototype[string]).apply(this, args)
    }
  }
  try {
    const run = await addRun(store, flowId)
    assert.equal(counted.statements, 5)
    counted.statements = 0
    await propose(store, run.id, { type: 'RUNNING' })
    assert.equal(counted.statements, 5)
  } finally {
    Object.assign(prototype, kept)
  }
}))

test('a run with the idempotency key of another is that other run, untouched', inStore(async (store) => {
  const flowId = await addFlow(store, 'canal')
  const first = await addRun(store, flowId, { idempotencyKey: 'once', name: 'first' })
  const eventsBefore = store.publications.length
  const again = await store.write('createFlowRun', {
    ...stockClient, workPoolName: null,
    run: { flowId, idempotencyKey: 'once', name: 'second', state: { type: 'COMPLETED', data: { type: 'reference', storage_key: 'k' } } },
  })
  assert.equal(again.status, 200)
  assert.equal(JSON.parse(again.json).id, first.id)
  assert.equal((await readRun(store, first.id)).name, 'first')
  assert.equal(store.publications.length, eventsBefore)
  assert.deepEqual(store.all('select * from artifact'), [])
  const otherFlow = await addFlow(store, 'river')
  assert.notEqual((await addRun(store, otherFlow, { idempotencyKey: 'once' })).id, first.id)
}))

test('labels of the flow come first, those of the caller win', inStore(async (store) => {
  const flowId = await addFlow(store, 'canal', { bed: 'stone', kind: 'old' })
  const run = await addRun(store, flowId, { labels: { bed: 'clay' } })
  assert.deepEqual(run.labels, { bed: 'clay', kind: 'old', 'prefect.flow.id': flowId })
  await store.write('updateFlowRunLabels', { id: run.id, labels: { bed: 'sand', depth: 3 } })
  assert.deepEqual((await readRun(store, run.id)).labels, { bed: 'sand', kind: 'old', 'prefect.flow.id': flowId, depth: 3 })
}))

test('the result of a state is an artifact of the run, and is read with the state', inStore(async (store) => {
  const run = await addRun(store, await addFlow(store, 'canal'), { state: { type: 'RUNNING' } })
  const data = { type: 'reference', storage_key: 'k', artifact_key: 'the-result', artifact_type: 'result' }
  const { state } = await propose(store, run.id, { type: 'COMPLETED', data })
  assert.deepEqual(state.data, { type: 'reference', storage_key: 'k' })
  assert.deepEqual((await readRun(store, run.id)).state.data, state.data)
  const [artifact] = store.all<{ id: string; key: string; type: string; data: string; flow_run_id: string }>('select * from artifact')
  assert.equal(artifact?.key, 'the-result')
  assert.equal(artifact.type, 'result')
  assert.deepEqual(JSON.parse(artifact.data), state.data)
  assert.equal(artifact.flow_run_id, run.id)
  assert.deepEqual(
    store.all('select latest_id from artifact_collection').map((row) => ({ ...row })),
    [{ latest_id: artifact.id }],
  )
}))

test('unpersisted data is answered once and not kept', inStore(async (store) => {
  const run = await addRun(store, await addFlow(store, 'canal'), { state: { type: 'RUNNING' } })
  const { state } = await propose(store, run.id, { type: 'COMPLETED', data: { type: 'unpersisted' } })
  assert.deepEqual(state.data, { type: 'unpersisted' })
  assert.equal((await readRun(store, run.id)).state.data, null)
}))

test('states of a subflow show on the task run that stands for it, until that is deleted', inStore(async (store) => {
  const flowId = await addFlow(store, 'canal')
  const parent = await addRun(store, flowId, { state: { type: 'RUNNING' } })
  const stand = await addTaskRun(store, { flowRunId: parent.id })
  const child = await addRun(store, flowId, { parentTaskRunId: stand.id })
  await propose(store, child.id, { type: 'RUNNING' })
  await propose(store, child.id, { type: 'FAILED', message: 'broke' })
  const shown = JSON.parse((await store.read('readTaskRun', { id: stand.id })).json)
  assert.equal(shown.state.type, 'FAILED')
  assert.equal(shown.state.message, 'broke')
  assert.equal(shown.state.state_details.child_flow_run_id, child.id)
  assert.notEqual(shown.state.id, (await readRun(store, child.id)).state.id)
  await store.write('deleteFlowRun', { id: parent.id })
  assert.equal((await readRun(store, child.id)).parent_task_run_id, null)
}))

test('a run of an unknown flow, or under an unknown task run, conflicts', inStore(async (store) => {
  const unknown = '00000000-0000-4000-8000-0000000000ff'
  await assert.rejects(addRun(store, unknown), { status: 409 })
  await assert.rejects(addRun(store, await addFlow(store, 'canal'), { parentTaskRunId: unknown }), { status: 409 })
}))

test('deleting a run takes its states, inputs and logs along and leaves its artifacts', inStore(async (store) => {
  const run = await addRun(store, await addFlow(store, 'canal'), { state: { type: 'RUNNING' } })
  await propose(store, run.id, { type: 'COMPLETED', data: { type: 'reference' } })
  await store.write('createFlowRunInput', { flowRunId: run.id, key: 'k', value: 'v', sender: null })
  await store.write('deleteFlowRun', { id: run.id })
  for (const table of ['flow_run', 'flow_run_state', 'flow_run_input']) assert.deepEqual(store.all(`select * from ${table}`), [])
  assert.equal(store.all('select * from artifact').length, 1)
  await assert.rejects(store.write('deleteFlowRun', { id: run.id }), { status: 404 })
}))

test('a paused run that asks for input resumes when the input fits, and finds it stored', inStore(async (store) => {
  const run = await addRun(store, await addFlow(store, 'canal'), { state: { type: 'RUNNING' } })
  const keyset = { schema: 'paused-1-schema', response: 'paused-1-response' }
  await propose(store, run.id, { type: 'PAUSED', details: { pause_key: '1', run_input_keyset: keyset } })
  const schema = JSON.stringify({ type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] })
  await store.write('createFlowRunInput', { flowRunId: run.id, key: keyset.schema, value: schema, sender: null })
  const resume = async (runInput: Record<string, unknown>) =>
    JSON.parse((await store.write('resumeFlowRun', { id: run.id, runInput, ...stockClient })).json)
  assert.equal((await resume({ age: 'old' })).status, 'REJECT')
  assert.equal((await resume({ age: 7 })).state.type, 'RUNNING')
  assert.equal(await store.read('readFlowRunInput', { flowRunId: run.id, key: keyset.response }), '{"age":7}')
}))
