import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFilesMax, fitToDescriptors } from './descriptors.ts'
import { defaultLimits } from './limits.ts'

const cases = [
  ['a limit that nobody knows changes nothing', undefined, 20_000, 10_000],
  ['with plenty the bounds stay as they are', 1_048_576, 20_000, 10_000],
  ['a tenth is kept back', 20_000, 18_000, 10_000],
  ['of a few, as many as the process itself needs', 256, 192, 144],
  ['of almost none, one connection is left', 32, 1, 1],
] as const

for (const [what, descriptors, connections, websocketConnections] of cases) {
  test(`${what}: ${descriptors ?? 'unknown'} descriptors`, () => {
    assert.deepEqual(fitToDescriptors(defaultLimits, descriptors), { ...defaultLimits, connections, websocketConnections })
  })
}

test('what the operator set lower stays lower', () => {
  const limits = { ...defaultLimits, connections: 50, websocketConnections: 7 }
  assert.deepEqual(fitToDescriptors(limits, 1_024), limits)
})

test('the system tells the limit', () => {
  assert.ok(openFilesMax()! > 0)
})
