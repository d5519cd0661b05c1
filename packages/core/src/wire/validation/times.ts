import { daysInMonth, formatIso, isoKeepingOffset, parseIso, parseIsoDuration, US_PER_SECOND } from '../time.ts'
import { FAIL } from './check.ts'
import type { Check } from './check.ts'

/** Canonical already, on a day that every month has. */
const CANONICAL =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{6})?(?:Z|\+00:00)$/
const INTEGER_TEXT = /^[+-]?\d{1,18}$/
const DECIMAL_TEXT = /^[+-]?\d{1,18}\.\d*$/

/** Larger unix timestamps are taken as milliseconds. */
const SECONDS_MAX = 2e10
const YEAR_10000_SECONDS = 253_402_300_800
const YEAR_0_SECONDS = -62_167_219_200

/** ISO text of a unix time; undefined outside the years that dates have. */
function fromTimestamp(given: number): string | undefined {
  const seconds = Math.abs(given) > SECONDS_MAX ? given / 1000 : given
  if (!(seconds < YEAR_10000_SECONDS && seconds > YEAR_0_SECONDS)) return undefined
  return formatIso(Math.round(seconds * US_PER_SECOND))
}

/**
 * Date-times as ISO-8601 text or unix time (seconds, or milliseconds when large), given back as canonical UTC text.
 * Faults are worded as Prefect words them on Python up to 3.12, where it reads dates with a library of its own.
 */
export const dateTimeCheck: Check = (value, run) => {
  run.coerced()
  if (typeof value === 'string') {
    if (CANONICAL.test(value)) {
      const end = value.charCodeAt(value.length - 1) === 90 ? value.length - 1 : value.length - 6
      if (end > 19 && value.slice(19, end) === '.000000') return `${value.slice(0, 19)}Z`
      return end === value.length - 1 ? value : `${value.slice(0, end)}Z`
    }
    const us = parseIso(value)
    if (us !== undefined) return formatIso(us)
  }
  const isNumeric = typeof value === 'string' && (INTEGER_TEXT.test(value) || DECIMAL_TEXT.test(value))
  if (typeof value === 'number' || isNumeric) {
    const iso = fromTimestamp(Number(value))
    if (iso !== undefined) return iso
  }
  if (typeof value !== 'string') return run.fail('value_error', 'value is not a valid datetime', value)
  return run.fail('value_error', `Value error, Unable to parse string [${value}]`, value, { error: {} })
}

/** Date-times that stay in the offset in which they are given, as anchor dates of schedules do. */
export const offsetDateTimeCheck: Check = (value, run) => {
  const checked = dateTimeCheck(value, run)
  if (checked === FAIL || typeof value !== 'string') return checked
  return isoKeepingOffset(value) ?? checked
}

/** The few date-times that Prefect reads with pydantic's own parser: the same ones, with other words for faults. */
export const nativeDateTimeCheck: Check = (value, run) => {
  if (typeof value !== 'string' && typeof value !== 'number') {
    return run.fail('datetime_type', 'Input should be a valid datetime', value)
  }
  const from = run.errors.length
  const checked = dateTimeCheck(value, run)
  if (checked !== FAIL) return checked
  run.errors.length = from
  if (typeof value === 'number') {
    const error = `dates ${value > 0 ? 'after 9999' : 'before 0000'} are not supported as unix timestamps`
    return run.fail('datetime_parsing', `Input should be a valid datetime, ${error}`, value, { error })
  }
  const error = dateFault(value)
  return run.fail('datetime_from_date_parsing', `Input should be a valid datetime or date, ${error}`, value, { error })
}

/** What is wrong with a text that is no date: the first thing that meets the eye. */
function dateFault(text: string): string {
  if (text.length < 10) return 'input is too short'
  const isNumber = (from: number, to: number): boolean => /^\d+$/.test(text.slice(from, to))
  if (!isNumber(0, 4)) return 'invalid character in year'
  if (text[4] !== '-') return 'invalid date separator, expected `-`'
  if (!isNumber(5, 7)) return 'invalid character in month'
  if (text[7] !== '-') return 'invalid date separator, expected `-`'
  if (!isNumber(8, 10)) return 'invalid character in day'
  const month = Number(text.slice(5, 7))
  if (month < 1 || month > 12) return 'month value is outside expected range of 1-12'
  const day = Number(text.slice(8, 10))
  if (day < 1 || day > daysInMonth(Number(text.slice(0, 4)), month)) return 'day value is outside expected range'
  return 'unexpected extra characters at the end of the input'
}

const DURATION_SECONDS_MAX = 999_999_999 * 86_400

function durationFault(text: string): string {
  const body = text.replace(/^[+-]/, '')
  if (body === '' || body === 'P' || body === 'PT') return 'input is too short'
  if (body.startsWith('P')) {
    return `quantity invalid in ${body.includes('T') ? 'time' : 'date'} part of duration`
  }
  if (!/^\d/.test(body)) return 'invalid digit in duration'
  if (!/^\d\d:/.test(body)) return '"day" identifier in duration not correctly formatted'
  if (Number(body.slice(3, 5)) > 59) return 'minute value is outside expected range of 0-59'
  return 'invalid digit in duration'
}

/** Durations that must not be negative. */
export const forwardDurationCheck: Check = (value, run) => {
  const seconds = durationCheck(value, run)
  if (seconds === FAIL || (seconds as number) >= 0) return seconds
  const ge = '0 seconds'
  return run.fail('greater_than_equal', `Input should be greater than or equal to ${ge}`, value, { ge })
}

/** Durations as seconds, ISO-8601 (`PT5M`) or clock text (`1 day, 02:00:00`), given back as float seconds. */
export const durationCheck: Check = (value, run) => {
  run.coerced()
  let seconds: number | undefined
  if (typeof value === 'number') seconds = value
  else if (typeof value === 'boolean') seconds = value ? 1 : 0
  else if (typeof value === 'string') seconds = parseIsoDuration(value)
  else return run.fail('time_delta_type', 'Input should be a valid timedelta', value)
  let error: string | undefined
  if (seconds === undefined) error = durationFault(value as string)
  else if (!(Math.abs(seconds) <= DURATION_SECONDS_MAX)) error = 'durations may not exceed 999,999,999 days'
  if (error === undefined) return Math.round(seconds! * 1e6) / 1e6
  return run.fail('time_delta_parsing', `Input should be a valid timedelta, ${error}`, value, { error })
}
