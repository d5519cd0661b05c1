import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs } from './duration.ts'

test('durations are milliseconds, or a number with its unit', () => {
  const cases: [number | string, number][] = [[0, 0], [250, 250], ['500ms', 500], ['10s', 10_000], ['1.5m', 90_000], [' 2 h ', 7_200_000], ['1d', 86_400_000]]
  for (const [given, expected] of cases) assert.equal(durationMs(given), expected, String(given))
})

test('what is no duration is refused with words on how to write one', () => {
  for (const wrong of ['', '10', '5 minutes', '-1s', -1, NaN, Infinity]) assert.throws(() => durationMs(wrong), TypeError)
  assert.throws(() => durationMs('soon'), /write 500ms, 10s/)
})
