import { civilFromDays, daysFromCivil, daysInMonth } from '../wire/time.ts'
import type { Rule } from './rrule-text.ts'

/** Monday is 0; `days` counts from 1970-01-01, a Thursday. */
export function weekdayOfDay(days: number): number {
  return (((days + 3) % 7) + 7) % 7
}

/** The Sunday of western Easter, as days since 1970-01-01. */
function easterDay(year: number): number {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const epact = (century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25) + 19 * golden + 15) % 30
  const correction =
    epact - Math.floor(epact / 28) * (1 - Math.floor(29 / (epact + 1)) * Math.floor((21 - golden) / 11))
  const weekday = (year + Math.floor(year / 4) + correction + 2 - century + Math.floor(century / 4)) % 7
  const offset = correction - weekday
  const month = 3 + Math.floor((offset + 40) / 44)
  return daysFromCivil(year, month, offset + 28 - 31 * Math.floor(month / 4))
}

/** The first day of week 1 of a year: the week that holds at least four of its days. */
function firstWeekDay(year: number, weekStart: number): number {
  const newYear = daysFromCivil(year, 1, 1)
  const intoWeek = (weekdayOfDay(newYear) - weekStart + 7) % 7
  return intoWeek <= 3 ? newYear - intoWeek : newYear - intoWeek + 7
}

function inWeekNumbers(rule: Rule, day: number, year: number): boolean {
  const weekYear =
    day >= firstWeekDay(year + 1, rule.weekStart)
      ? year + 1
      : day < firstWeekDay(year, rule.weekStart)
        ? year - 1
        : year
  const first = firstWeekDay(weekYear, rule.weekStart)
  const weeks = (firstWeekDay(weekYear + 1, rule.weekStart) - first) / 7
  const week = Math.floor((day - first) / 7) + 1
  return rule.weekNumbers.some((number) => number === week || number === week - weeks - 1)
}

/** Whether a day is the nth of its weekday, counted from the first or the last day of a span. */
function isNth(nth: number, day: number, firstDay: number, lastDay: number): boolean {
  const position = nth > 0 ? Math.floor((day - firstDay) / 7) + 1 : -Math.floor((lastDay - day) / 7) - 1
  return position === nth
}

/**
 * Builds the test of a rule's day parts (months, days of month, year and week, week numbers, Easter).
 * All parts that are given must hold.
 */
export function dayFilter(rule: Rule): (day: number) => boolean {
  const months = new Set(rule.months)
  const monthDays = new Set(rule.monthDays.filter((number) => number !== 0))
  const yearDays = new Set(rule.yearDays)
  // A number before a weekday has a meaning only in years and months.
  const counts = rule.frequency === 'YEARLY' || rule.frequency === 'MONTHLY'
  const weekdays = new Set(rule.days.filter(({ nth }) => !counts || nth === undefined).map(({ weekday }) => weekday))
  const counted = rule.days.filter(({ nth }) => counts && nth !== undefined)
  const perYear = rule.frequency === 'YEARLY' && rule.months.length === 0
  return (day) => {
    const { year, month, day: dayOfMonth } = civilFromDays(day)
    if (months.size > 0 && !months.has(month)) return false
    if (weekdays.size > 0 && !weekdays.has(weekdayOfDay(day))) return false
    const monthLength = daysInMonth(year, month)
    if (monthDays.size > 0 && !monthDays.has(dayOfMonth) && !monthDays.has(dayOfMonth - monthLength - 1)) return false
    if (counted.length > 0) {
      const firstDay = perYear ? daysFromCivil(year, 1, 1) : day - dayOfMonth + 1
      const lastDay = perYear ? daysFromCivil(year, 12, 31) : firstDay + monthLength - 1
      const weekday = weekdayOfDay(day)
      if (!counted.some((one) => one.weekday === weekday && isNth(one.nth!, day, firstDay, lastDay))) return false
    }
    if (yearDays.size > 0) {
      const dayOfYear = day - daysFromCivil(year, 1, 1) + 1
      const yearLength = daysFromCivil(year + 1, 1, 1) - daysFromCivil(year, 1, 1)
      if (!yearDays.has(dayOfYear) && !yearDays.has(dayOfYear - yearLength - 1)) return false
    }
    if (rule.weekNumbers.length > 0 && !inWeekNumbers(rule, day, year)) return false
    if (rule.easterOffsets.length > 0 && !rule.easterOffsets.includes(day - easterDay(year))) return false
    return true
  }
}
