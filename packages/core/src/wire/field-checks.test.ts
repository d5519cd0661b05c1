import assert from 'node:assert/strict'
import test from 'node:test'
import {
  baseJobTemplateFault,
  isTimezone,
  newDeploymentFault,
  parameterSizeFault,
  rruleFault,
  variableValueFault,
  withRenamedPolicyFields,
  withShortMetadata,
  withoutOldDeploymentFields,
} from './field-checks.ts'
import { setWireLimits, wireLimits } from './limits.ts'
import { setCheck } from './registered-checks.ts'

test('parameters are measured as JSON in bytes, escapes included, up to the limit in force', () => {
  const before = { ...wireLimits }
  setWireLimits({ parameterBytesMax: 20 })
  try {
    assert.equal(parameterSizeFault({ a: 'x'.repeat(12) }), undefined)
    const expected = 'Flow run parameters must be less than 20 bytes when serialized (got 21 bytes).'
    assert.equal(parameterSizeFault({ a: 'x'.repeat(13) }), expected)
    assert.match(parameterSizeFault({ a: 'ééé' }) ?? '', /got 26 bytes/)
    setWireLimits({ parameterBytesMax: 0 })
    assert.equal(parameterSizeFault({ a: 'x'.repeat(1000) }), undefined)
  } finally {
    setWireLimits(before)
  }
})

test('a variable may hold 5000 bytes of JSON', () => {
  assert.equal(variableValueFault('x'.repeat(4998)), undefined)
  assert.equal(variableValueFault('x'.repeat(4999)), 'Variable value must be less than 5000 characters')
  assert.equal(variableValueFault('é'.repeat(2500)), 'Variable value must be less than 5000 characters')
  assert.equal(variableValueFault('🌊'.repeat(1249)), undefined)
})

test('a base job template declares what it uses', () => {
  assert.equal(baseJobTemplateFault({}), undefined)
  assert.match(baseJobTemplateFault({ variables: {} }) ?? '', /must contain both/)
  const configuration = { command: '{{ command }}', env: { A: ['{{env.deep}}', '{{ $SHELL }}'] } }
  const declares = (...names: string[]) => ({
    job_configuration: configuration,
    variables: { properties: Object.fromEntries(names.map((name) => [name, {}])) },
  })
  assert.equal(baseJobTemplateFault(declares('command', 'env.deep')), undefined)
  assert.match(baseJobTemplateFault(declares('command')) ?? '', /undeclared variable\(s\): env.deep\.$/)
})

test('timezones are those the runtime knows by name', () => {
  assert.deepEqual(
    ['Europe/Rome', 'UTC', 'Nowhere/At_All', '+02:00', ''].map(isTimezone),
    [true, true, false, false, false],
  )
})

test('run policies take the fields of old clients where the new ones say nothing', () => {
  assert.deepEqual(withRenamedPolicyFields({ max_retries: 2, retry_delay_seconds: 3 }), {
    max_retries: 2,
    retry_delay_seconds: 3,
    retries: 2,
    retry_delay: 3,
  })
  assert.deepEqual(withRenamedPolicyFields({ max_retries: 2, retries: 5 }), { max_retries: 2, retries: 5 })
})

test('fields of very old clients are dropped from deployments', () => {
  assert.deepEqual(withoutOldDeploymentFields({ name: 'a', worker_pool_name: 'b' }), { name: 'a' })
})

test('a deployment has one kind of concurrency limit, and parameters that a supplied check accepts', () => {
  assert.match(newDeploymentFault({ concurrency_limit: 1, global_concurrency_limit_id: 'x' }) ?? '', /cannot have both/)
  setCheck('deploymentParameters', () => 'no such parameter')
  assert.equal(newDeploymentFault({ enforce_parameter_schema: true }), 'no such parameter')
  assert.equal(newDeploymentFault({ enforce_parameter_schema: false }), undefined)
})

test('a very long rrule is refused before it is read', () => {
  assert.match(rruleFault('R'.repeat(6501)) ?? '', /^Invalid RRule string "R{40}\.\.\."\nMax length is 6500, got 6501$/)
})

test('long metadata values are cut', () => {
  assert.deepEqual(withShortMetadata({ a: 'x'.repeat(501), b: 'y' }), { a: `${'x'.repeat(500)}...`, b: 'y' })
})
