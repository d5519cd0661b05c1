import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPersistedResult, isTerminal, makeState, STATE_TYPES, stateToJson, stateToWire } from './state.ts'

const at = { id: '0199d7c6-0000-7000-8000-000000000001', nowUs: 1_795_172_400_000_000 }

test('a state without a name is named after its type', () => {
  const names = STATE_TYPES.map((type) => makeState({ type, name: null }, at).name)
  assert.deepEqual(names, [
    'Scheduled', 'Pending', 'Running', 'Completed', 'Failed', 'Cancelled', 'Crashed', 'Paused', 'Cancelling',
  ])
})

test('a name that a client gives stands, even an empty one', () => {
  assert.equal(makeState({ type: 'RUNNING', name: 'Retrying' }, at).name, 'Retrying')
  assert.equal(makeState({ type: 'RUNNING', name: '' }, at).name, '')
})

test('only a scheduled state without a time is due now', () => {
  assert.equal(makeState({ type: 'SCHEDULED' }, at).details.scheduled_time, '2026-11-20T11:00:00Z')
  assert.equal(makeState({ type: 'PENDING' }, at).details.scheduled_time, null)
  const later = makeState({ type: 'SCHEDULED', details: { scheduled_time: '2026-11-20T13:00:00.5+01:00' } }, at)
  assert.equal(later.details.scheduled_time, '2026-11-20T12:00:00.500000Z')
})

test('what is no time is dropped from the details', () => {
  const details = { scheduled_time: 'soon', pause_timeout: 7 as unknown as string }
  const state = makeState({ type: 'PAUSED', details }, at)
  assert.equal(state.details.scheduled_time, null)
  assert.equal(state.details.pause_timeout, null)
})

test('a state is printed with all members in the order of the API', () => {
  const state = makeState({ type: 'RUNNING', data: { type: 'reference' } }, at)
  const printed = JSON.parse(stateToJson(state))
  assert.deepEqual(Object.keys(printed), ['id', 'type', 'name', 'timestamp', 'message', 'data', 'state_details'])
  assert.deepEqual(Object.keys(printed.state_details), [
    'flow_run_id', 'task_run_id', 'child_flow_run_id', 'scheduled_time', 'cache_key', 'cache_expiration', 'deferred',
    'untrackable_result', 'pause_timeout', 'pause_reschedule', 'pause_key', 'run_input_keyset', 'refresh_cache',
    'retriable', 'transition_id', 'task_parameters_id', 'traceparent', 'deployment_concurrency_lease_id',
  ])
  assert.equal(stateToWire(state).timestamp, '2026-11-20T11:00:00Z')
})

test('four types are terminal', () => {
  assert.deepEqual(STATE_TYPES.filter(isTerminal), ['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'])
  assert.equal(isTerminal(null), false)
})

test('only an object that is not marked unpersisted is a result that can be read again', () => {
  for (const [data, want] of [
    [{ type: 'reference' }, true], [{}, true], [{ type: 'unpersisted' }, false],
    [null, false], ['x', false], [[1], false],
  ] as const) {
    assert.equal(isPersistedResult(data), want, JSON.stringify(data))
  }
})
