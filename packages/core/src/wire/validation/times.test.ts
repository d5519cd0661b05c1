import assert from 'node:assert/strict'
import test from 'node:test'
import { dateTime } from '../schema.ts'
import { compile } from '../validate.ts'

test('an anchor date stays in the offset in which it is given, other dates become UTC', () => {
  const anchor = compile(dateTime({ keepsOffset: true }))
  const values = ['2035-03-23T02:30:00+01:00', '2035-03-23 02:30-0330', '2035-03-23T02:30:00+00:00', '2035-03-23', 0]
  assert.deepEqual(
    values.map((value) => anchor(value)),
    ['2035-03-23T02:30:00+01:00', '2035-03-23T02:30:00-03:30', '2035-03-23T02:30:00Z', '2035-03-23T00:00:00Z', '1970-01-01T00:00:00Z'].map(
      (value) => ({ ok: true, value }),
    ),
  )
  assert.deepEqual(compile(dateTime())('2035-03-23T02:30:00+01:00'), { ok: true, value: '2035-03-23T01:30:00Z' })
})

test('native date-times say what is wrong with the date first', () => {
  const check = compile(dateTime({ isNative: true }))
  const fault = (value: unknown): string => {
    const checked = check(value)
    return checked.ok ? checked.value : checked.errors[0]!.msg.replace('Input should be a valid ', '')
  }
  assert.deepEqual(['never', '2035-13-01', '2035-02-30', '2035/02/03', '2035-02-03T25:00', true, 1e30].map(fault), [
    'datetime or date, input is too short',
    'datetime or date, month value is outside expected range of 1-12',
    'datetime or date, day value is outside expected range',
    'datetime or date, invalid date separator, expected `-`',
    'datetime or date, unexpected extra characters at the end of the input',
    'datetime',
    'datetime, dates after 9999 are not supported as unix timestamps',
  ])
  assert.equal(fault('2035-02-03T04:05:06Z'), '2035-02-03T04:05:06Z')
})
