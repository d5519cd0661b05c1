import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartupError } from './errors.ts'
import { defaultLimits, readLimits } from './limits.ts'

test('SPILLWAY_LIMITS changes the bounds that it names and no other', () => {
  const limits = readLimits({ SPILLWAY_LIMITS: 'closeTimeoutMs=2000, websocketConnections = 7' })
  assert.deepEqual(limits, { ...defaultLimits, closeTimeoutMs: 2_000, websocketConnections: 7 })
  assert.deepEqual(readLimits({}), defaultLimits)
})

for (const text of ['closeTimeoutMs', 'closeTimeoutMs=', 'closeTimeoutMs=0', 'closeTimeoutMs=1.5', 'noSuchBound=1', 'toString=1']) {
  test(`SPILLWAY_LIMITS=${text} is refused with a remedy`, () => {
    assert.throws(() => readLimits({ SPILLWAY_LIMITS: text }), (error) => error instanceof StartupError && error.message.includes(text) && error.remedy !== '')
  })
}
