import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { newUuid7 } from '@spillway/core/wire/ids'
import { formatIso, parseIso } from '@spillway/core/wire/time'
import { toLoggedEvent } from '../storage/received-events.ts'
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

/** All of them in one batch. */
async function ingest(store: TestStore, ...events: ReturnType<typeof eventOf>[]) {
  return store.write('ingestEvents', { events: events.map(logged), publish: true })
}

function logged(event: ReturnType<typeof eventOf>) {
  return toLoggedEvent(event, parseIso(event.occurred)!)
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

test('a batch of events leaves what the same events leave one by one', { timeout: 60_000 }, async () => {
  const [flowRunId, taskRunIds, missing] = ['0199d7c6-0000-4000-8000-000000000002', ['a1', 'b2', 'c3'], '0199d7c6-0000-4000-8000-0000000000ff'] as const
  // Few ids, keys and moments, so that events meet: late ones, others of the same moment, runs of one key under two ids.
  const told = fc.record({
    taskRunId: fc.constantFrom(...taskRunIds.map((end) => `0199d7c6-0000-7000-8000-0000000000${end}`)),
    flowRunId: fc.constantFrom(flowRunId, flowRunId, null, missing),
    atUs: fc.integer({ min: 0, max: 4 }).map((step) => startUs + step * 1_000),
    type: fc.constantFrom('PENDING', 'RUNNING', 'COMPLETED'),
    run: fc.record({ dynamic_key: fc.constantFrom('1', '2'), tags: fc.constantFrom(['x'], ['y']), run_count: fc.nat(3) }, { requiredKeys: ['dynamic_key'] }),
  })
  const outcome = async (store: TestStore, batches: ReturnType<typeof eventOf>[][]): Promise<unknown> => {
    for (const table of ['task_run_state', 'task_run', 'event_resource', 'event']) store.all(`delete from ${table}`)
    const unrecorded: string[] = []
    for (const batch of batches) unrecorded.push(...(await ingest(store, ...batch)).unrecorded.map(({ id }) => id))
    return {
      unrecorded,
      runs: store.all('select * from task_run order by id').map((row) => ({ ...row, created: 0, updated: 0 })),
      states: store.all('select * from task_run_state order by task_run_id, timestamp'),
      resources: store.all('select er.*, event.id from event_resource er join event on seq = event_seq order by event_seq, resource_id'),
      published: store.publications.splice(0).map((one) => ('seq' in one ? one.seq : one.topic)),
    }
  }
  const [batched, single] = [openTestStore(), openTestStore()]
  try {
    for (const store of [batched, single]) {
      store.all('insert into flow_run (id, created, updated, name, flow_id) values (?, 1, 1, ?, ?)', [flowRunId, 'r', await addFlow(store, 'canal')])
      store.publications.length = 0
    }
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 12 }), async (tellings) => {
        const events = tellings.map(eventOf)
        assert.deepEqual(await outcome(batched, [events]), await outcome(single, events.map((event) => [event])))
      }),
      { numRuns: 100 },
    )
  } finally {
    batched.close()
    single.close()
  }
})

test('of a batch in which one task run cannot be written, the others are', inStore(async (store) => {
  store.all(`create trigger no_poison before insert on task_run when new.task_key = 'poison' begin select raise(abort, 'not this one'); end`)
  const events = ['mow', 'poison', 'rake'].map((key, index) =>
    eventOf({ taskRunId: newUuid7(startUs / 1000), flowRunId: null, atUs: startUs + index, type: 'RUNNING', run: { task_key: key } }))
  const result = await ingest(store, ...events)
  assert.equal(result.stored, 3)
  assert.deepEqual(result.unrecorded.map(({ id }) => id), [events[1]!.id])
  assert.deepEqual(store.all<{ task_key: string }>('select task_key from task_run order by task_key').map((run) => run.task_key), ['mow', 'rake'])
}))

test('an id that stands twice in a batch is stored once', inStore(async (store) => {
  const event = eventOf({ taskRunId: newUuid7(3), flowRunId: null, atUs: startUs, type: 'RUNNING' })
  const { stored, duplicates } = await ingest(store, event, event)
  assert.deepEqual([stored, duplicates], [1, 1])
  assert.equal(store.publications.length, 1)
}))

test('of events that nobody listens to only the newest cursor is told', inStore(async (store) => {
  const events = [1, 2, 3].map((at) => eventOf({ taskRunId: newUuid7(4), flowRunId: null, atUs: startUs + at, type: 'RUNNING' }))
  await store.write('ingestEvents', { events: events.map(logged), publish: false })
  const [{ newest }] = store.all<{ newest: number }>('select max(seq) as newest from event') as [{ newest: number }]
  assert.deepEqual(store.publications, [{ topic: 'unpublished', log: 'event', seq: newest }])
}))
