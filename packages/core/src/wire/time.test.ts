import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { civilFromDays, daysFromCivil, formatIso, msFromUs, parseIso, parseIsoDuration, usFromMs } from './time.ts'

test('a time in any accepted form reads as microseconds since the epoch', () => {
  const cases: [string, string][] = [
    ['2026-11-20T11:07:49.123456Z', '2026-11-20T11:07:49.123456Z'],
    ['2026-11-20T11:07:49Z', '2026-11-20T11:07:49Z'],
    ['2026-11-20 11:07:49.5', '2026-11-20T11:07:49.500000Z'],
    ['2026-11-20T11:07', '2026-11-20T11:07:00Z'],
    ['2026-11-20', '2026-11-20T00:00:00Z'],
    ['2026-11-20T11:07:49.123456789+02:00', '2026-11-20T09:07:49.123456Z'],
    ['2026-11-20t11:07:49-0530', '2026-11-20T16:37:49Z'],
    ['2026-11-20T11:07:49+01', '2026-11-20T10:07:49Z'],
    ['2024-02-29T23:59:59.000001Z', '2024-02-29T23:59:59.000001Z'],
    ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ]
  for (const [text, want] of cases) {
    const us = parseIso(text)
    assert.notEqual(us, undefined, text)
    assert.equal(formatIso(us!), want, text)
  }
})

test('a text that is no time reads as undefined', () => {
  const texts = ['', 'now', '2026-13-01', '2026-02-29', '2026-11-20T24:00:00Z', '2026-11-20T11:60:00', '2026-11-20T11',
    '2026-11-20T11:07:49.', '2026-11-20T11:07:49.1234567890Z', '2026-11-20T11:07:49ZZ', '2026-11-20T11:07:49+1',
    '2026-11-20T11:07:49+25:00', '2026/11/20', '20261120T110749Z', '1732100000', '0000-01-01T00:00:00Z']
  for (const text of texts) assert.equal(parseIso(text), undefined, text)
})

test('times of the last year do not run over into year 10000', () => {
  assert.match(formatIso(parseIso('9999-12-31T23:59:59.999999Z')!), /^9999-12-31T23:59:59/)
})

test('printing and reading are inverse, and agree with Date', () => {
  fc.assert(fc.property(fc.integer({ min: -2_000_000_000_000, max: 8_000_000_000_000 }), fc.nat(999), (ms, rest) => {
    const us = usFromMs(ms) + rest
    assert.equal(parseIso(formatIso(us)), us)
    assert.equal(formatIso(us).slice(0, 19), new Date(ms).toISOString().slice(0, 19))
    assert.equal(msFromUs(us), ms)
  }))
})

test('calendar days convert both ways', () => {
  fc.assert(fc.property(fc.integer({ min: -719_000, max: 2_900_000 }), (days) => {
    const { year, month, day } = civilFromDays(days)
    assert.equal(daysFromCivil(year, month, day), days)
  }))
})

test('durations read as seconds', () => {
  const cases: [string, number | undefined][] = [
    ['PT5M', 300], ['P1DT2H3.5S', 93_603.5], ['P1W', 604_800], ['-PT10S', -10], ['01:30', 5400], ['01:02:03.5', 3723.5],
    ['3 days, 01:00:00', 262_800], ['P', undefined], ['PT', undefined], ['5', undefined], ['25:00', undefined],
  ]
  for (const [text, want] of cases) assert.equal(parseIsoDuration(text), want, text)
})
