import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearNames } from './near-names.ts'
import { ago } from './times.ts'

test('times are told by their largest unit', () => {
  const now = Date.parse('2026-01-31T12:00:00Z')
  const cases: [string | null, string][] = [
    ['2026-01-31T12:00:00.200Z', 'just now'],
    ['2026-01-31T11:59:59Z', '1 second ago'],
    ['2026-01-31T11:58:00Z', '2 minutes ago'],
    ['2026-01-31T15:00:01Z', 'in 3 hours'],
    ['2026-01-01T12:00:00Z', '1 month ago'],
    [null, ''],
  ]
  for (const [time, expected] of cases) assert.equal(ago(time, now), expected)
})

test('near names are those with a mistake or two, and those that go on', () => {
  assert.deepEqual(nearNames('nigthly', ['nightly', 'weekly', 'hourly']), ['nightly'])
  assert.deepEqual(nearNames('prod', ['production', 'prod-eu', 'test']), ['prod-eu', 'production'])
  assert.deepEqual(nearNames('zzz', ['nightly']), [])
})
