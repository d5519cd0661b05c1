import { US_PER_SECOND, civilFromDays, daysFromCivil, daysInMonth } from '../wire/time.ts'
import { parseCron, type CronFields } from './cron-fields.ts'
import { usFromWall, wallFromUs } from './zoned-time.ts'

/** Dates of a cron expression on the clock of a time zone. */
export interface CronSchedule {
  cron: string
  timezone?: string | null
  /** Whether a day must match the day of the month or the day of the week (true), or both. */
  day_or?: boolean
}

const SECONDS_PER_DAY = 86_400
/** A search that finds no day in this time finds none: February 29 on a given weekday returns within 40 years. */
const SEARCH_YEARS_MAX = 50

/**
 * Dates of a cron schedule at or after `startUs`, in strictly rising order, without end unless no date is left.
 *
 * The expression is read on the local clock: of an hour that the clock shows twice only the first counts, and a time
 * that the clock skips is read with the offset in force after the change.
 */
export function* cronDates(schedule: CronSchedule, startUs: number): Generator<number> {
  const fields = parseCron(schedule.cron)
  if (!fields) return
  const zone = schedule.timezone || 'UTC'
  const startSecond = Math.ceil(startUs / US_PER_SECOND)
  // Of a repeated hour the first pass counts, so the search has to start at its wall-clock time.
  const wallStart = wallFromUs(zone, startSecond * US_PER_SECOND) / US_PER_SECOND
  let lastUs = startSecond * US_PER_SECOND - 1
  for (const wallSecond of cronWallSeconds(fields, schedule.day_or ?? true, wallStart)) {
    const us = usFromWall(zone, wallSecond * US_PER_SECOND, { skipped: 'offset-after', repeated: 'first' })
    if (us <= lastUs) continue
    lastUs = us
    yield us
  }
}

function* cronWallSeconds(fields: CronFields, dayOr: boolean, fromSecond: number): Generator<number> {
  const firstDay = Math.floor(fromSecond / SECONDS_PER_DAY)
  let { year, month } = civilFromDays(firstDay)
  let quietSinceYear = year
  for (; year <= quietSinceYear + SEARCH_YEARS_MAX && year < 9999; month === 12 ? (year++, (month = 1)) : month++) {
    if (!fields.months.has(month) || (fields.years && !fields.years.has(year))) continue
    const monthStart = daysFromCivil(year, month, 1)
    for (const dayOfMonth of daysThatMatch(fields, dayOr, year, month)) {
      const day = monthStart + dayOfMonth - 1
      if (day < firstDay) continue
      for (const hour of fields.hours) {
        if (day * SECONDS_PER_DAY + (hour + 1) * 3600 <= fromSecond) continue
        for (const minute of fields.minutes) {
          for (const second of fields.seconds) {
            const at = day * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
            if (at < fromSecond) continue
            quietSinceYear = year
            yield at
          }
        }
      }
    }
  }
}

function daysThatMatch(fields: CronFields, dayOr: boolean, year: number, month: number): number[] {
  const length = daysInMonth(year, month)
  const firstWeekday = (((daysFromCivil(year, month, 1) + 4) % 7) + 7) % 7
  const { daysOfMonth, daysOfWeek, lastDayOfMonth, weeksOfDay } = fields
  const days: number[] = []
  for (let day = 1; day <= length; day++) {
    const weekday = (firstWeekday + day - 1) % 7
    const inMonth = daysOfMonth?.has(day) || (daysOfMonth && lastDayOfMonth && day === length)
    if (weeksOfDay) {
      const weeks = weeksOfDay.get(weekday)
      const inWeek = weeks?.has(Math.ceil(day / 7) as 1) || (weeks?.has('last') && day + 7 > length)
      // Prefect leaves the day of the month aside beside `fri#2`, except when both are asked for.
      if (inWeek && (dayOr || !daysOfMonth || inMonth)) days.push(day)
      continue
    }
    if (!daysOfMonth || !daysOfWeek) {
      if ((daysOfMonth ? inMonth : true) && (daysOfWeek ? daysOfWeek.has(weekday) : true)) days.push(day)
      continue
    }
    const inWeek = daysOfWeek.has(weekday)
    if (dayOr ? inMonth || inWeek : inMonth && inWeek) days.push(day)
  }
  return days
}
