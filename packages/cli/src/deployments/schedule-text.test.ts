import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeSchedule, intervalSeconds, scheduleOf } from './schedule-text.ts'

test('intervals are seconds, or time spans in any of the ways in which they are written', () => {
  for (const [text, seconds] of [[90, 90], ['90', 90], ['0.5', 0.5], ['1:30:00', 5400], ['2 days, 0:00:01', 172_801], ['PT90M', 5400], ['P1DT1S', 86_401], ['P1W', 604_800], ['90m', 5400], ['2h', 7200]] as const) {
    assert.equal(intervalSeconds(text), seconds, String(text))
  }
  for (const text of ['', 'P', 'PT', 'often', '-5', 0, '5 apples']) assert.throws(() => intervalSeconds(text), { exitCode: 2 }, String(text))
})

test('a schedule is exactly one of cron, interval and rrule', () => {
  assert.throws(() => scheduleOf({}), /exactly one/)
  assert.throws(() => scheduleOf({ cron: '* * * * *', interval: 5 }), /exactly one/)
  assert.throws(() => scheduleOf({ cron: '* * * * *', anchorDate: '2026-01-01' }), /interval only/)
  assert.deepEqual(scheduleOf({ rrule: '{"rrule": "FREQ=DAILY", "timezone": "Asia/Tokyo"}' }), { rrule: 'FREQ=DAILY', timezone: 'Asia/Tokyo' })
  assert.deepEqual(scheduleOf({ interval: '1h', anchorDate: '2026-01-31T09:00:00+01:00', timezone: 'Europe/Paris' }), { interval: 3600, anchor_date: '2026-01-31T08:00:00.000Z', timezone: 'Europe/Paris' })
})

test('a schedule is described with its time zone, unless that is UTC', () => {
  assert.equal(describeSchedule({ schedule: { cron: '0 3 * * *', timezone: 'UTC', day_or: true } }), 'cron: 0 3 * * *')
  assert.equal(describeSchedule({ schedule: { rrule: 'FREQ=DAILY', timezone: 'Asia/Tokyo' } }), 'rrule: FREQ=DAILY (Asia/Tokyo)')
})
