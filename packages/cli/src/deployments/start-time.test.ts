import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTime } from './start-time.ts'

const now = new Date(2026, 0, 31, 12, 0, 0)
const local = (...parts: [number, number, number, number, number]): Date => new Date(...parts)

test('time spans and times are understood as people write them, local and in the future', async () => {
  for (const [given, expected] of [
    [{ startIn: '5 minutes' }, local(2026, 0, 31, 12, 5)],
    [{ startIn: 'in 2 days' }, local(2026, 1, 2, 12, 0)],
    [{ startIn: '1 hour' }, local(2026, 0, 31, 13, 0)],
    [{ startAt: '5:30pm' }, local(2026, 0, 31, 17, 30)],
    [{ startAt: 'at 9am' }, local(2026, 1, 1, 9, 0)],
    [{ startAt: '2026-08-01 17:30' }, local(2026, 7, 1, 17, 30)],
    [{ startAt: 'tomorrow at 8:15' }, local(2026, 1, 1, 8, 15)],
    [{ startAt: '2026-08-01T17:30:00Z' }, new Date(Date.UTC(2026, 7, 1, 17, 30))],
    [{}, now],
  ] as const) {
    assert.deepEqual(await startTime(given, now), expected, JSON.stringify(given))
  }
})

test('what is only in part a time is refused', async () => {
  for (const given of [{ startIn: 'banana' }, { startIn: '5 minutes or so' }, { startAt: 'nearly 5pm' }, { startAt: '2026-13-45T00:00:00Z' }, { startIn: '1 hour', startAt: '5pm' }]) {
    await assert.rejects(startTime(given, now), { exitCode: 2 }, JSON.stringify(given))
  }
})
