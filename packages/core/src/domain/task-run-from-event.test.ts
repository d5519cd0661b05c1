import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isClientTaskRunEvent, taskRunFromEvent, type TaskRunEvent } from './task-run-from-event.ts'

const TASK_RUN = '0199d7c6-0000-7000-8000-000000000001'
const FLOW_RUN = '0199d7c6-0000-4000-8000-000000000002'
const STATE = '0199d7c6-0000-7000-8000-000000000003'

const event = {
  id: STATE,
  occurred: '2026-11-20T11:00:00.25Z',
  event: 'prefect.task-run.AwaitingRetry',
  resource: { 'prefect.resource.id': `prefect.task-run.${TASK_RUN}`, 'prefect.orchestration': 'client' },
  related: [
    { 'prefect.resource.id': 'prefect.tag.x', 'prefect.resource.role': 'tag' },
    { 'prefect.resource.id': `prefect.flow-run.${FLOW_RUN}`, 'prefect.resource.role': 'flow-run' },
  ],
  payload: {
    validated_state: {
      type: 'SCHEDULED', name: 'AwaitingRetry', message: '', data: null,
      state_details: { scheduled_time: '2026-11-20T11:00:05Z' },
    },
    task_run: {
      name: 't-1', task_key: 't', dynamic_key: '1', empirical_policy: { retries: 2, retry_delay: 0.1 }, tags: ['x'],
      labels: {}, task_inputs: { a: [] }, run_count: 1, flow_run_run_count: 1, total_run_time: 0.5,
      start_time: '2026-11-20T11:00:00Z',
    },
  },
}

/** The event with the member at a dotted path replaced. */
function changed(path: string, value: unknown): TaskRunEvent {
  const copy = structuredClone(event) as unknown as Record<string, unknown>
  const keys = path.split('/')
  let at = copy
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>
  at[keys.at(-1) ?? ''] = value
  return copy as unknown as TaskRunEvent
}

test('only events of tasks that their client orchestrates are recorded', () => {
  assert.equal(isClientTaskRunEvent(event), true)
  assert.equal(isClientTaskRunEvent({ ...event, event: 'prefect.flow-run.Running' }), false)
  assert.equal(isClientTaskRunEvent({ ...event, resource: { 'prefect.orchestration': 'server' } }), false)
})

test('the state and the columns are read from the event, and what it does not tell is absent', () => {
  const reading = taskRunFromEvent(event)
  assert.ok(reading.ok)
  const { taskRunId, flowRunId, state, columns } = reading.record
  assert.deepEqual([taskRunId, flowRunId], [TASK_RUN, FLOW_RUN])
  assert.deepEqual(
    [state.id, state.type, state.name, state.timestampUs], [STATE, 'SCHEDULED', 'AwaitingRetry', 1_795_172_400_250_000],
  )
  assert.equal(state.message, '')
  const { scheduled_time, task_run_id, flow_run_id } = state.details
  assert.deepEqual([scheduled_time, task_run_id, flow_run_id], ['2026-11-20T11:00:05Z', TASK_RUN, FLOW_RUN])
  assert.deepEqual(columns, {
    name: 't-1', taskKey: 't', dynamicKey: '1', tags: ['x'], labels: {}, taskInputs: { a: [] },
    empiricalPolicy: {
      max_retries: 0, retry_delay_seconds: 0, retries: 2, retry_delay: 0.1, retry_jitter_factor: null,
    },
    runCount: 1, flowRunRunCount: 1, totalRunTimeSeconds: 0.5, startTimeUs: 1_795_172_400_000_000,
    stateId: STATE, stateType: 'SCHEDULED', stateName: 'AwaitingRetry', stateTimestampUs: 1_795_172_400_250_000,
  })
})

test('a task outside of flows has no flow run', () => {
  const reading = taskRunFromEvent({ ...event, related: [] })
  assert.ok(reading.ok)
  assert.equal(reading.record.flowRunId, null)
  assert.equal(reading.record.state.details.flow_run_id, null)
})

test('what is malformed is named', () => {
  for (const [path, value, want] of [
    ['id', 'x', /event's id is no uuid: "x"/],
    ['occurred', 'yesterday', /^occurred is no time/],
    ['resource/prefect.resource.id', 'prefect.task-run.7', /^The resource id is not "prefect.task-run." and a uuid/],
    ['related/1/prefect.resource.id', 'prefect.flow-run.', /^The id of the related flow run/],
    ['payload', undefined, /^payload is no object: nothing/],
    ['payload/validated_state', null, /^payload.validated_state is no object: null/],
    ['payload/validated_state/type', 'DONE', /type is no state type: "DONE"/],
    ['payload/validated_state/state_details', [], /state_details is no object/],
    ['payload/task_run', 'x', /^payload.task_run is no object/],
    ['payload/task_run/task_key', undefined, /task_key is missing/],
    ['payload/task_run/dynamic_key', null, /dynamic_key is missing/],
    ['payload/task_run/tags', ['a', 1], /tags is no list of texts/],
    ['payload/task_run/run_count', '1', /run_count is no number/],
    ['payload/task_run/end_time', 'x', /end_time is no time/],
  ] as const) {
    const reading = taskRunFromEvent(changed(path, value))
    assert.ok(!reading.ok, path)
    assert.match(reading.reason, want)
  }
})

test('no payload, however odd, makes the reading throw', () => {
  fc.assert(fc.property(fc.anything(), fc.anything(), fc.anything(), (payload, state, taskRun) => {
    taskRunFromEvent({ ...event, payload })
    taskRunFromEvent({ ...event, payload: { validated_state: state, task_run: taskRun } })
    taskRunFromEvent(changed('payload/validated_state/state_details', state))
  }))
})
