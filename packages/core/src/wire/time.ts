/** Microseconds in one second. */
export const US_PER_SECOND = 1_000_000
const US_PER_DAY = 86_400_000_000
const SECONDS_PER_DAY = 86_400

/** The last instant of year 9999 that a double can hold below year 10000. */
const LAST_US = 253_402_300_799_999_968
const FIRST_US = -62_135_596_800_000_000

/** Milliseconds since the epoch to microseconds. */
export function usFromMs(ms: number): number {
  return Math.round(ms * 1000)
}

/** Microseconds since the epoch to whole milliseconds, rounded down. */
export function msFromUs(us: number): number {
  return Math.floor(us / 1000)
}

/** Days since 1970-01-01 of a proleptic Gregorian date; `month` is 1 to 12. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The inverse of `daysFromCivil`. */
export function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  }
}

/** Days in a month of the Gregorian calendar; `month` is 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Reads two digits at `at`; negative when either is not a digit. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  // charCodeAt past the end is NaN, which fails both comparisons.
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/**
 * Reads an ISO-8601 date-time as microseconds since the epoch.
 *
 * Accepts what Prefect's API accepts as text: `T`, `t`, `_` or a space between date and time, seconds optional, a
 * fraction of 1 to 9 digits (cut to microseconds), `Z` or an offset `±HH:MM`, `±HHMM`, `±HH`; no offset means UTC.
 * A date alone is its midnight. Numbers in text are not accepted here. Microseconds are exact until year 2255.
 *
 * @returns undefined when the text is not such a date-time
 */
export function parseIso(text: string): number | undefined {
  const length = text.length
  if (length < 10 || length > 48) return undefined
  const century = twoDigits(text, 0)
  const yearOfCentury = twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  if (century < 0 || yearOfCentury < 0 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  const year = century * 100 + yearOfCentury
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  const midnightSeconds = daysFromCivil(year, month, day) * SECONDS_PER_DAY
  if (length === 10) return midnightSeconds * US_PER_SECOND

  const separator = text.charCodeAt(10)
  if (separator !== 84 && separator !== 116 && separator !== 32 && separator !== 95) return undefined
  const hour = twoDigits(text, 11)
  const minute = twoDigits(text, 14)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text.charCodeAt(13) !== 58) return undefined
  let second = 0
  let fractionUs = 0
  let at = 16
  if (text.charCodeAt(at) === 58) {
    second = twoDigits(text, 17)
    if (second < 0 || second > 59) return undefined
    at = 19
    const mark = text.charCodeAt(at)
    if (mark === 46 || mark === 44) {
      const first = ++at
      let scale = 100_000
      for (; at < length; at++) {
        const digit = text.charCodeAt(at) - 48
        if (!(digit >= 0 && digit <= 9)) break
        fractionUs += digit * scale
        // Digits past the sixth are cut, not rounded.
        scale = scale === 1 ? 0 : scale / 10
      }
      if (at === first || at - first > 9) return undefined
    }
  }
  const offsetSeconds = at === length ? 0 : offsetAt(text, at)
  if (offsetSeconds === undefined) return undefined
  const us = (midnightSeconds + hour * 3600 + minute * 60 + second - offsetSeconds) * US_PER_SECOND + fractionUs
  return us > LAST_US ? LAST_US : us < FIRST_US ? FIRST_US : us
}

function offsetAt(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at)
  if (sign === 90 || sign === 122) return at + 1 === text.length ? 0 : undefined
  if (sign !== 43 && sign !== 45 && sign !== 0x2212) return undefined
  const hours = twoDigits(text, at + 1)
  if (hours < 0 || hours > 23) return undefined
  let minutes = 0
  if (text.length !== at + 3) {
    const minutesAt = text.charCodeAt(at + 3) === 58 ? at + 4 : at + 3
    minutes = twoDigits(text, minutesAt)
    if (minutes < 0 || minutes > 59 || text.length !== minutesAt + 2) return undefined
  }
  const seconds = hours * 3600 + minutes * 60
  return sign === 43 ? seconds : -seconds
}

const PADDED: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

// Times that are printed one after the other mostly fall on the same day.
let cachedDay = Number.NaN
let cachedDate = ''

/** The date part, `2026-11-20`, of a day number since the epoch. */
export function formatDay(days: number): string {
  if (days === cachedDay) return cachedDate
  const { year, month, day } = civilFromDays(days)
  cachedDay = days
  cachedDate = `${String(year).padStart(4, '0')}-${PADDED[month]}-${PADDED[day]}`
  return cachedDate
}

/**
 * The canonical text of a time: `2026-11-20T11:07:49.123456Z`, without a fraction when the microseconds are 0.
 *
 * @param us microseconds since the epoch
 */
export function formatIso(us: number): string {
  return `${formatWall(us, 'T')}Z`
}

/**
 * The canonical text of a time in the offset in which it was given, `2026-11-20T12:07:49+01:00`; offset 0 prints `Z`.
 *
 * @returns undefined when `parseIso` does not take the text
 */
export function isoKeepingOffset(text: string): string | undefined {
  const us = parseIso(text)
  if (us === undefined) return undefined
  const offset = /[Tt _].*([+\u2212-])(\d{2}):?(\d{2})?$/.exec(text)
  if (!offset) return formatIso(us)
  const hours = Number(offset[2])
  const minutes = Number(offset[3] ?? 0)
  const offsetSeconds = (hours * 3600 + minutes * 60) * (offset[1] === '+' ? 1 : -1)
  if (offsetSeconds === 0) return formatIso(us)
  const sign = offset[1] === '+' ? '+' : '-'
  return `${formatWall(us + offsetSeconds * US_PER_SECOND, 'T')}${sign}${PADDED[hours]}:${PADDED[minutes]}`
}

/** Prints `us` as `date<separator>time` with no zone: six fraction digits, or none when the microseconds are 0. */
export function formatWall(us: number, separator: string): string {
  const whole = Math.floor(us)
  const days = Math.floor(whole / US_PER_DAY)
  const usOfDay = whole - days * US_PER_DAY
  const secondOfDay = Math.floor(usOfDay / US_PER_SECOND)
  const fraction = usOfDay - secondOfDay * US_PER_SECOND
  const hour = Math.floor(secondOfDay / 3600)
  const minute = Math.floor(secondOfDay / 60) - hour * 60
  const time = `${formatDay(days)}${separator}${PADDED[hour]}:${PADDED[minute]}:${PADDED[secondOfDay % 60]}`
  return fraction === 0 ? time : `${time}.${String(fraction).padStart(6, '0')}`
}

const NUMBER = '([\\d.]+)'
const ISO_DURATION = new RegExp(
  `^([+-])?P(?=.)(?:${NUMBER}Y)?(?:${NUMBER}M)?(?:${NUMBER}W)?(?:${NUMBER}D)?` +
    `(?:T(?=.)(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`,
  'i',
)
const CLOCK_DURATION = /^([+-])?(?:(\d+) ?(?:days?|d),? ?)?(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?$/i

/** Seconds in each ISO-8601 duration unit, in the order of the pattern; years and months as pydantic counts them. */
const UNIT_SECONDS = [365 * SECONDS_PER_DAY, 30 * SECONDS_PER_DAY, 7 * SECONDS_PER_DAY, SECONDS_PER_DAY, 3600, 60, 1]

/**
 * Reads an ISO-8601 duration (`P1DT2H3.5S`) or a clock form (`01:30`, `3 days, 01:02:03.5`) as float seconds.
 * A year is 365 days and a month 30.
 *
 * @returns undefined when the text is neither
 */
export function parseIsoDuration(text: string): number | undefined {
  if (text.length > 100) return undefined
  const iso = ISO_DURATION.exec(text)
  if (iso) {
    const seconds = UNIT_SECONDS.reduce((sum, unit, index) => sum + Number(iso[index + 2] ?? 0) * unit, 0)
    // A number with two points is no number.
    if (Number.isNaN(seconds)) return undefined
    return iso[1] === '-' ? -seconds : seconds
  }
  const clock = CLOCK_DURATION.exec(text)
  if (!clock) return undefined
  const [, sign, days, hours, minutes, seconds] = clock
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) >= 60) return undefined
  const total = Number(days ?? 0) * SECONDS_PER_DAY + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)
  return sign === '-' ? -total : total
}
