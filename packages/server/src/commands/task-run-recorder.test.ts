import assert from 'node:assert/strict'
import test from 'node:test'
import { newUuid7 } from '@spillway/core/wire/ids'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import { openTestStore, type TestStore } from '../storage/sqlite/testing.ts'
import { addFlow, addRun, addTaskRun, withStore } from './runs.fixture.ts'

const inStore = (body: (store: TestStore) => Promise<void>) => () => withStore(openTestStore(), body)

const startUs = parseIso('2026-11-20T11:07:49Z')!

interface Told {
  taskRunId: string
  flowRunId: string | null
  atUs: number
  type: string
  name?: string
  run?: Record<string, unknown>
}

function eventOf({ taskRunId, flowRunId, atUs, type, name = type, run = {} }: Told) {
  return {
    id: newUuid7(atUs / 1000),
    occurred: formatIso(atUs),
    event: `prefect.task-run.${name}`,
    resource: { 'prefect.resource.id': `prefect.task-run.${taskRunId}`, 'prefect.orchestration': 'client' },
    related: flowRunId === null ? [] : [{ 'prefect.resource.id': `prefect.flow-run.${flowRunId}`, 'prefect.resource.role': 'flow-run' }],
    payload: {
      validated_state: { type, name, state_details: {}, data: null },
      task_run: { name: 'mow-1', task_key: 'mow', dynamic_key: '1', run_count: 1, ...run },
    },
  }
}

async function ingest(store: TestStore, event: ReturnType<typeof eventOf>) {
  const occurredUs = parseIso(event.occurred)!
  return store.write('ingestEvents', {
    events: [{
      id: event.id, occurredUs, receivedUs: occurredUs, event: event.event,
      resourceId: event.resource['prefect.resource.id'],
      related: event.related.map((one) => [one['prefect.resource.id'], one['prefect.resource.role']] as const),
      body: JSON.stringify(event),
    }],
  })
}

async function readTaskRun(store: TestStore, id: string) {
  return JSON.parse((await store.read('readTaskRun', { id })).json)
}

test('client events make a task run, and one that is told twice or late changes nothing', inStore(async (store) => {
  const flowRun = await addRun(store, await addFlow(store, 'canal'), { state: { type: 'RUNNING' } })
  const taskRunId = newUuid7(startUs / 1000)
  const told = { taskRunId, flowRunId: flowRun.id as string }
  const pending = eventOf({ ...told, atUs: startUs, type: 'PENDING', name: 'Pending' })
  const running = eventOf({ ...told, atUs: startUs + 1_000, type: 'RUNNING', name: 'Running', run: { start_time: formatIso(startUs + 1_000) } })
  const completed = eventOf({ ...told, atUs: startUs + 5_000, type: 'COMPLETED', name: 'Completed', run: { total_run_time: 0.004 } })
  for (const event of [pending, completed, running, completed]) await ingest(store, event)
  const run = await readTaskRun(store, taskRunId)
  assert.equal(run.state_name, 'Completed')
  assert.equal(run.total_run_time, 0.004)
  assert.equal(run.start_time, null, 'the late event only adds to the history')
  const states = JSON.parse((await store.read('listRunStates', { runs: 'task_run', runId: taskRunId })).json)
  assert.deepEqual(states.map((state: { name: string }) => state.name), ['Pending', 'Running', 'Completed'])
}))

test('a run of the same keys under another id is the same run', inStore(async (store) => {
  const flowRun = await addRun(store, await addFlow(store, 'canal'), { state: { type: 'RUNNING' } })
  const known = await addTaskRun(store, { flowRunId: flowRun.id, taskKey: 'mow', dynamicKey: '1' })
  const laterUs = (Date.now() + 60_000) * 1000
  await ingest(store, eventOf({ taskRunId: newUuid7(Date.now()), flowRunId: flowRun.id, atUs: laterUs, type: 'RUNNING', name: 'Running' }))
  assert.equal((await readTaskRun(store, known.id)).state_name, 'Running')
  assert.equal(store.all('select id from task_run').length, 1)
}))

test('the event of an unknown flow run is kept, and the reason why it is not recorded is told', inStore(async (store) => {
  const result = await ingest(store, eventOf({
    taskRunId: newUuid7(1), flowRunId: '00000000-0000-4000-8000-0000000000ff', atUs: startUs, type: 'RUNNING',
  }))
  assert.equal(result.stored, 1)
  assert.match(result.unrecorded[0]?.reason ?? '', /no flow run/)
  assert.deepEqual(store.all('select * from task_run'), [])
}))

test('a task outside of flows has no flow run', inStore(async (store) => {
  const taskRunId = newUuid7(2)
  await ingest(store, eventOf({ taskRunId, flowRunId: null, atUs: startUs, type: 'RUNNING', name: 'Running' }))
  assert.equal((await readTaskRun(store, taskRunId)).flow_run_id, null)
}))
