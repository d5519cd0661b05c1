import assert from 'node:assert/strict'
import test from 'node:test'
import {
  deploymentLoopFault,
  payloadText,
  relatedResourceFault,
  requireFault,
  resourceFault,
  selectedNeeds,
  templateIn,
  withProactiveDefault,
  withinFault,
} from './event-checks.ts'
import { setCheck } from './registered-checks.ts'

test('a resource has an id, and a related one a role', () => {
  assert.equal(resourceFault({ 'prefect.resource.id': 'a' }), undefined)
  assert.match(resourceFault({}) ?? '', /must include the prefect.resource.id/)
  assert.match(resourceFault({ 'prefect.resource.id': '' }) ?? '', /must be non-empty/)
  assert.match(relatedResourceFault({ 'prefect.resource.id': 'a' }) ?? '', /must include the prefect.resource.role/)
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`label-${at}`, '']))
  assert.equal(resourceFault(many), 'The maximum number of labels per resource is 500')
})

test('a proactive trigger waits ten seconds or more', () => {
  assert.deepEqual(withProactiveDefault({ posture: 'Proactive' }), { posture: 'Proactive', within: 10 })
  assert.match(withinFault({ posture: 'Proactive', within: 9 }) ?? '', /greater than or equal to 10 seconds/)
  assert.equal(withinFault({ posture: 'Reactive', within: 9 }), undefined)
  assert.match(withinFault({ within: null }) ?? '', /valid timedelta/)
})

test('a compound trigger requires between one and all of its triggers', () => {
  const faults = [0, 1, 2, 3, 'any'].map((require) => requireFault({ require, triggers: [{}, {}] }) !== undefined)
  assert.deepEqual(faults, [true, false, false, true, false])
})

test('an action names what it selects and not what it infers', () => {
  const check = selectedNeeds('work_pool_id')
  assert.equal(check({ source: 'selected', work_pool_id: null }), 'work_pool_id is required')
  assert.equal(check({ source: 'inferred', work_pool_id: 'x' }), 'work_pool_id is not allowed')
  assert.equal(check({ source: 'inferred', work_pool_id: null }), undefined)
})

test('an automation must not start the deployment whose runs start it', () => {
  const trigger = {
    type: 'event',
    posture: 'Reactive',
    expect: ['prefect.flow-run.Running'],
    match: { 'prefect.resource.id': 'prefect.flow-run.*' },
    match_related: {},
  }
  const runs = (source: string) => [{ type: 'run-deployment', source }]
  assert.match(deploymentLoopFault({ enabled: true, trigger, actions: runs('inferred') }) ?? '', /inferred deployment/)
  assert.match(deploymentLoopFault({ enabled: true, trigger, actions: runs('selected') }) ?? '', /selected deployment/)
  assert.equal(deploymentLoopFault({ enabled: false, trigger, actions: runs('inferred') }), undefined)
  const narrow = { ...trigger, match_related: { 'prefect.resource.name': 'mine' } }
  assert.equal(deploymentLoopFault({ enabled: true, trigger: narrow, actions: runs('selected') }), undefined)
  const ended = { ...trigger, expect: ['prefect.flow-run.Failed'] }
  assert.equal(deploymentLoopFault({ enabled: true, trigger: ended, actions: runs('inferred') }), undefined)
})

test('templates are looked at by the check that the domain supplies', () => {
  assert.equal(templateIn('subject')('{{'), undefined)
  setCheck('template', ({ field, text }) => `${field}: ${text}`)
  assert.equal(templateIn('subject')('{{'), 'subject: {{')
  assert.equal(templateIn('subject')(''), undefined)
})

test('a webhook payload that is an object becomes text', () => {
  assert.equal(payloadText({ a: 1 }), '{\n  "a": 1\n}')
  assert.equal(payloadText('x'), 'x')
})
