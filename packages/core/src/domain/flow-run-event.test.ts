import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOW_US, seconds, stateOf } from './facts.fixture.ts'
import { flowRunStateEvent, type FlowRunEventSubject } from './flow-run-event.ts'

const subject: FlowRunEventSubject = {
  id: 'run-1', name: 'calm-otter', runCount: 2, tags: ['b', 'a'], createdBy: null,
  flow: { id: 'f', name: 'etl', tags: ['c'] }, deployment: null, workQueue: null, workPool: null, parentTaskRun: null,
}
const validated = stateOf('RUNNING', { id: 's2', timestampUs: NOW_US })
const initial = stateOf('PENDING', { id: 's1', message: 'soon' })
const change = { initial, validated, intended: { from: 'PENDING', to: 'RUNNING' } } as const

test('the event tells the state, under the id of the state', () => {
  assert.deepEqual(flowRunStateEvent(subject, change), {
    id: 's2',
    occurred: '2026-11-20T11:00:00Z',
    event: 'prefect.flow-run.Running',
    resource: {
      'prefect.resource.id': 'prefect.flow-run.run-1',
      'prefect.resource.name': 'calm-otter',
      'prefect.run-count': '2',
      'prefect.state-message': '',
      'prefect.state-name': 'Running',
      'prefect.state-timestamp': '2026-11-20T11:00:00+00:00',
      'prefect.state-type': 'RUNNING',
    },
    related: [
      { 'prefect.resource.id': 'prefect.flow.f', 'prefect.resource.role': 'flow', 'prefect.resource.name': 'etl' },
      { 'prefect.resource.id': 'prefect.tag.a', 'prefect.resource.role': 'tag' },
      { 'prefect.resource.id': 'prefect.tag.b', 'prefect.resource.role': 'tag' },
      { 'prefect.resource.id': 'prefect.tag.c', 'prefect.resource.role': 'tag' },
    ],
    payload: {
      intended: { from: 'PENDING', to: 'RUNNING' },
      initial_state: { type: 'PENDING', name: 'Pending', message: 'soon' },
      validated_state: { type: 'RUNNING', name: 'Running' },
    },
    follows: 's1',
  })
})

test('all that a run belongs to is related, tags once, the creator last', () => {
  const { related } = flowRunStateEvent({
    ...subject,
    deployment: { id: 'd', name: 'nightly', tags: ['a', 'z'] },
    workQueue: { id: 'q', name: 'default' },
    workPool: { id: 'p', name: 'pool', type: 'process' },
    parentTaskRun: { id: 't', name: 'child-0', tags: [] },
    createdBy: { id: 'au', type: 'AUTOMATION', display_value: 'restart' },
  }, change)
  assert.deepEqual(related.map((resource) => [resource['prefect.resource.role'], resource['prefect.resource.id']]), [
    ['flow', 'prefect.flow.f'], ['deployment', 'prefect.deployment.d'], ['work-queue', 'prefect.work-queue.q'],
    ['work-pool', 'prefect.work-pool.p'], ['task-run', 'prefect.task-run.t'], ['tag', 'prefect.tag.a'],
    ['tag', 'prefect.tag.b'], ['tag', 'prefect.tag.c'], ['tag', 'prefect.tag.z'], ['creator', 'prefect.automation.au'],
  ])
  assert.equal(related[3]?.['prefect.work-pool.type'], 'process')
  assert.equal(related.at(-1)?.['prefect.resource.name'], 'restart')
})

test('a schedule is not told as the creator', () => {
  const createdBy = { id: 's', type: 'SCHEDULE', display_value: 'x' }
  const { related } = flowRunStateEvent({ ...subject, createdBy }, change)
  assert.ok(!related.some((resource) => resource['prefect.resource.role'] === 'creator'))
})

test('a pause tells whether the run leaves its process', () => {
  const paused = stateOf('PAUSED', { given: { pause_reschedule: true } })
  const { payload } = flowRunStateEvent(subject, { ...change, initial: stateOf('PAUSED'), validated: paused })
  assert.deepEqual(payload['validated_state'], { type: 'PAUSED', name: 'Paused', pause_reschedule: 'true' })
  assert.deepEqual(payload['initial_state'], { type: 'PAUSED', name: 'Paused', pause_reschedule: 'false' })
})

test('an event follows the one before it only within five minutes', () => {
  const at = (agoSeconds: number) => stateOf('PENDING', { id: 's1', timestampUs: NOW_US - seconds(agoSeconds) })
  const followed = [at(299), at(300), null].map((initial) => flowRunStateEvent(subject, { ...change, initial }).follows)
  assert.deepEqual(followed, ['s1', null, null])
})

test('a long message is cut in the middle, where that makes it shorter', () => {
  const told = (length: number) => {
    const message = 'a'.repeat(50_000) + 'b'.repeat(length - 100_000) + 'c'.repeat(50_000)
    const event = flowRunStateEvent(subject, { ...change, validated: { ...validated, message } })
    const label = event.resource['prefect.state-message'] ?? ''
    assert.equal((event.payload['validated_state'] as { message: string }).message, label)
    return label
  }
  assert.equal(told(100_030).length, 100_030)
  assert.match(told(100_030), /^a+b{30}c+$/)
  assert.match(told(100_031), /^a{50000}\.\.\.31 additional characters\.\.\.c{50000}$/)
  assert.match(told(300_000), /\.\.\.200000 additional characters\.\.\./)
})
