import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { formatIso, parseIso } from '../wire/time.ts'
import { isTimeZone, usFromWall, wallFromUs, zoneOffsetSeconds } from './zoned-time.ts'

test('offsets change at the second of the clock change', () => {
  const cases: [string, string, number][] = [
    ['America/New_York', '2026-03-08T06:59:59Z', -5],
    ['America/New_York', '2026-03-08T07:00:00Z', -4],
    ['America/New_York', '2026-11-01T05:59:59Z', -4],
    ['America/New_York', '2026-11-01T06:00:00Z', -5],
    ['Asia/Kolkata', '2026-01-01T00:00:00Z', 5.5],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', 11],
    ['UTC', '2026-01-01', 0],
  ]
  for (const [zone, time, hours] of cases)
    assert.equal(zoneOffsetSeconds(zone, parseIso(time)!), hours * 3600, zone + time)
})

test('a skipped or repeated time of day is read by the given rule', () => {
  const read = (wall: string, skipped: 'offset-before' | 'offset-after', repeated: 'first' | 'second') =>
    formatIso(usFromWall('America/New_York', parseIso(wall)!, { skipped, repeated }))
  assert.equal(read('2026-03-08T02:30', 'offset-after', 'first'), '2026-03-08T06:30:00Z')
  assert.equal(read('2026-03-08T02:30', 'offset-before', 'first'), '2026-03-08T07:30:00Z')
  assert.equal(read('2026-11-01T01:30', 'offset-after', 'first'), '2026-11-01T05:30:00Z')
  assert.equal(read('2026-11-01T01:30', 'offset-after', 'second'), '2026-11-01T06:30:00Z')
})

test('only names of zones are zones', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'US/Eastern', 'EST5EDT']) assert.ok(isTimeZone(name), name)
  for (const name of ['', '+01:00', 'Mars/Base', 'x'.repeat(100)]) assert.ok(!isTimeZone(name), name)
})

test('every instant comes back from the clock that shows it, but for the repeated hour', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Apia'),
      fc.integer({ min: 1_500_000_000, max: 1_900_000_000 }),
      (zone, second) => {
        const us = second * 1_000_000
        const wall = wallFromUs(zone, us)
        const both = (['first', 'second'] as const).map((repeated) =>
          usFromWall(zone, wall, { skipped: 'offset-after', repeated }),
        )
        assert.ok(both.includes(us))
      },
    ),
  )
})
