import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { retryDelaySeconds, spreadSeconds } from './retry-delay.ts'

const unasked = () => assert.fail('randomness was asked for')

test('the delay is the number of the policy, or of a list the one for this attempt, and then the last', () => {
  for (const [delay, runCount, want] of [
    [null, 1, 0], [0, 1, 0], [2.5, 1, 2.5], [2.5, 4, 2.5], [[1, 5], 1, 1], [[1, 5], 2, 5], [[1, 5], 9, 5], [[], 1, 0],
  ] as const) {
    assert.equal(retryDelaySeconds({ retry_delay: delay as number | number[] | null }, runCount, unasked), want)
  }
})

test('policies of old clients name the delay in the old member', () => {
  assert.equal(retryDelaySeconds({ retry_delay_seconds: 4 }, 1, unasked), 4)
})

test('no delay has no jitter', () => {
  assert.equal(retryDelaySeconds({ retry_delay: 0, retry_jitter_factor: 1 }, 1, unasked), 0)
})

test('a delay with jitter stays between its bounds and rises with the random number', () => {
  fc.assert(fc.property(
    fc.double({ min: 0.01, max: 10, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true }),
    (factor, random) => {
      const delay = spreadSeconds(100, factor, () => random)
      assert.ok(delay >= 0 && delay <= 100 * (1 + factor) + 1e-6)
      assert.ok(delay >= spreadSeconds(100, factor, () => 0) - 1e-6)
    },
  ))
})

test('a jitter of 0.3 spreads 1000 seconds from 752 to 1300', () => {
  assert.equal(Math.round(spreadSeconds(1000, 0.3, () => 0)), 752)
  assert.equal(Math.round(spreadSeconds(1000, 0.3, () => 1)), 1300)
})
