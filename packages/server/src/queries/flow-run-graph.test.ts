import assert from 'node:assert/strict'
import test from 'node:test'
import { addFlow, addRun, addTaskRun, propose, withStore } from '../commands/runs.fixture.ts'
import { openTestStore } from '../storage/sqlite/testing.ts'

test('the graph joins tasks by their inputs and shows a subflow in the place of its task run', () => withStore(openTestStore(), async (store) => {
  const flowId = await addFlow(store, 'canal')
  const run = await addRun(store, flowId, { state: { type: 'RUNNING' } })
  const first = await addTaskRun(store, { flowRunId: run.id, dynamicKey: 'a', name: 'dig' })
  const stand = await addTaskRun(store, { flowRunId: run.id, dynamicKey: 'b', taskInputs: { x: [{ input_type: 'task_run', id: first.id }] } })
  const child = await addRun(store, flowId, { name: 'small', parentTaskRunId: stand.id })
  const last = await addTaskRun(store, {
    flowRunId: run.id, dynamicKey: 'c',
    taskInputs: { y: [{ input_type: 'flow_run', id: child.id }, { input_type: 'constant' }], __parents__: [{ input_type: 'task_run', id: first.id }] },
  })
  await propose(store, child.id, { type: 'RUNNING' })
  const read = async (since: string) => JSON.parse((await store.read('readFlowRunGraph', { id: run.id, since })).json)
  const graph = await read('0001-01-01T00:00:00Z')
  const nodes = Object.fromEntries(graph.nodes)
  assert.deepEqual(Object.keys(nodes).sort(), [first.id, child.id, last.id].sort())
  assert.deepEqual(graph.root_node_ids, [first.id, child.id].filter((id) => nodes[id].parents.length === 0))
  assert.equal(nodes[child.id].kind, 'flow-run')
  assert.equal(nodes[child.id].label, 'canal / small')
  assert.equal(nodes[child.id].state_type, 'RUNNING')
  assert.deepEqual(nodes[child.id].parents, [{ id: first.id }])
  assert.deepEqual(nodes[first.id].children, [{ id: child.id }])
  assert.deepEqual(nodes[last.id].parents, [{ id: child.id }])
  assert.deepEqual(nodes[last.id].encapsulating, [{ id: first.id }])
  assert.deepEqual(graph.states.map((state: { name: string }) => state.name), ['Running'])
  await assert.rejects(store.read('readFlowRunGraph', { id: flowId, since: '0001-01-01T00:00:00Z' }), { status: 404 })
}))
