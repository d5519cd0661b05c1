import { civilFromDays, daysFromCivil, daysInMonth } from '../wire/time.ts'
import { dayFilter, weekdayOfDay } from './rrule-days.ts'
import type { Rule } from './rrule-text.ts'

const SECONDS_PER_DAY = 86_400
const LAST_DAY = daysFromCivil(9999, 12, 31)
/** Periods looked at without finding a date before a rule counts as ended. */
const QUIET_PERIODS_MAX = 100_000
/** Days without a date before a rule counts as ended: February 29 on a given weekday returns well within 200 years. */
const QUIET_DAYS_MAX = 200 * 366
/** Dates of a rule with COUNT that may lie before the start; such dates must be counted one by one. */
const COUNTED_DATES_MAX = 1_000_000

/** A rule with the parts that its start implies filled in. */
interface BoundRule {
  rule: Rule
  startWall: number
  matchesDay: (day: number) => boolean
  timesOfDay: readonly number[]
}

/**
 * The dates of one rule at or after `fromWall`, rising, in wall-clock seconds.
 *
 * @param startWall where the rule begins: its DTSTART, which gives the parts that the rule leaves open
 */
export function* ruleDates(given: Rule, startWall: number, fromWall: number): Generator<number> {
  const rule = fillIn(given, startWall)
  const bound: BoundRule = { rule, startWall, matchesDay: dayFilter(rule), timesOfDay: timesOfDay(rule) }
  const { count, untilWall } = rule
  if (count !== undefined && count <= 0) return
  // Without COUNT nothing depends on the dates before the start, so they are not even looked at.
  const floor = count === undefined ? Math.max(fromWall, startWall) : startWall
  let counted = 0
  const dates = isSubDaily(rule) ? datesWithinDays(bound, floor) : datesOfPeriods(bound, floor)
  for (const wall of dates) {
    if (wall < startWall) continue
    if (untilWall !== undefined && wall > untilWall) return
    counted++
    if (wall >= fromWall) yield wall
    else if (counted > COUNTED_DATES_MAX) return
    if (count !== undefined && counted >= count) return
  }
}

function isSubDaily(rule: Rule): boolean {
  return rule.frequency === 'HOURLY' || rule.frequency === 'MINUTELY' || rule.frequency === 'SECONDLY'
}

function fillIn(rule: Rule, startWall: number): Rule {
  const day = Math.floor(startWall / SECONDS_PER_DAY)
  const { month, day: dayOfMonth } = civilFromDays(day)
  const second = startWall - day * SECONDS_PER_DAY
  const filled: Rule = { ...rule }
  const { frequency } = rule
  const noDays =
    rule.weekNumbers.length +
      rule.yearDays.length +
      rule.monthDays.length +
      rule.days.length +
      rule.easterOffsets.length ===
    0
  if (noDays && frequency === 'YEARLY') {
    filled.months = rule.months.length > 0 ? rule.months : [month]
    filled.monthDays = [dayOfMonth]
  } else if (noDays && frequency === 'MONTHLY') {
    filled.monthDays = [dayOfMonth]
  } else if (noDays && frequency === 'WEEKLY') {
    filled.days = [{ weekday: weekdayOfDay(day), nth: undefined }]
  }
  const subDaily = isSubDaily(rule)
  if (rule.hours.length === 0 && !subDaily) filled.hours = [Math.floor(second / 3600)]
  if (rule.minutes.length === 0 && (!subDaily || frequency === 'HOURLY')) {
    filled.minutes = [Math.floor(second / 60) % 60]
  }
  if (rule.seconds.length === 0 && frequency !== 'SECONDLY') filled.seconds = [second % 60]
  return filled
}

function timesOfDay(rule: Rule): number[] {
  if (isSubDaily(rule)) return []
  return rule.hours.flatMap((hour) =>
    rule.minutes.flatMap((minute) => rule.seconds.map((second) => hour * 3600 + minute * 60 + second)),
  )
}

/** Picks dates out of a period's days and times by position, in order. */
function* atPositions(rule: Rule, days: readonly number[], times: readonly number[]): Generator<number> {
  const total = days.length * times.length
  const indexes = rule.setPositions.map((position) => (position > 0 ? position - 1 : total + position))
  const valid = [...new Set(indexes)].filter((index) => index >= 0 && index < total).sort((a, b) => a - b)
  for (const index of valid) {
    yield days[Math.floor(index / times.length)]! * SECONDS_PER_DAY + times[index % times.length]!
  }
}

function* datesOfPeriods({ rule, startWall, matchesDay, timesOfDay }: BoundRule, floor: number): Generator<number> {
  const startDay = Math.floor(startWall / SECONDS_PER_DAY)
  const floorDay = Math.floor(floor / SECONDS_PER_DAY)
  const first = periodOf(rule, startDay)
  const skipped = Math.floor((periodOf(rule, floorDay) - first) / rule.interval)
  let lastDay = floorDay
  for (let period = first + Math.max(0, skipped) * rule.interval; ; period += rule.interval) {
    const [from, to] = daysOfPeriod(rule, period)
    if (from > LAST_DAY || from > lastDay + QUIET_DAYS_MAX) return
    const days: number[] = []
    // The first week counts from the start, and so do positions in it; months and years count from their first day.
    const begin = rule.frequency === 'WEEKLY' ? Math.max(from, startDay) : from
    for (let day = begin; day <= to; day++) if (matchesDay(day)) days.push(day)
    if (rule.setPositions.length > 0) {
      for (const wall of atPositions(rule, days, timesOfDay)) {
        lastDay = to
        if (wall >= floor) yield wall
      }
      continue
    }
    for (const day of days) {
      lastDay = day
      if (day < floorDay) continue
      for (const time of timesOfDay) {
        const wall = day * SECONDS_PER_DAY + time
        if (wall >= floor) yield wall
      }
    }
  }
}

/** The number of the period that a day falls in: its year, month, week or day, counted without a gap. */
function periodOf(rule: Rule, day: number): number {
  if (rule.frequency === 'DAILY') return day
  if (rule.frequency === 'WEEKLY') return Math.floor((day + 3 - rule.weekStart) / 7)
  const { year, month } = civilFromDays(day)
  return rule.frequency === 'YEARLY' ? year : year * 12 + month - 1
}

function daysOfPeriod(rule: Rule, period: number): [from: number, to: number] {
  if (rule.frequency === 'DAILY') return [period, period]
  if (rule.frequency === 'WEEKLY') {
    const from = period * 7 - 3 + rule.weekStart
    return [from, from + 6]
  }
  if (rule.frequency === 'YEARLY') return [daysFromCivil(period, 1, 1), daysFromCivil(period, 12, 31)]
  const year = Math.floor(period / 12)
  const month = (period % 12) + 1
  const from = daysFromCivil(year, month, 1)
  return [from, from + daysInMonth(year, month) - 1]
}

const UNIT_SECONDS = { HOURLY: 3600, MINUTELY: 60, SECONDLY: 1 }

function* datesWithinDays({ rule, startWall, matchesDay }: BoundRule, floor: number): Generator<number> {
  const unit = UNIT_SECONDS[rule.frequency as keyof typeof UNIT_SECONDS]
  const stride = unit * rule.interval
  const first = Math.floor(startWall / unit) * unit
  const hours = new Set(rule.hours)
  const minutes = new Set(rule.minutes)
  const seconds = new Set(rule.seconds)
  const within = timesWithinUnit(rule, unit)
  const stepsTo = (wall: number) => Math.ceil((wall - first) / stride)

  let quiet = 0
  let lastDay = Math.floor(floor / SECONDS_PER_DAY)
  let step = Math.max(0, Math.floor((floor - first) / stride))
  while (quiet++ < QUIET_PERIODS_MAX) {
    const wall = first + step * stride
    const day = Math.floor(wall / SECONDS_PER_DAY)
    if (day > LAST_DAY || day > lastDay + QUIET_DAYS_MAX) return
    const second = wall - day * SECONDS_PER_DAY
    const hour = Math.floor(second / 3600)
    const minute = Math.floor(second / 60)
    // What does not fit is left behind as a whole: the day, then the hour, then the minute.
    const skipTo = !matchesDay(day)
      ? (day + 1) * SECONDS_PER_DAY
      : hours.size > 0 && !hours.has(hour)
        ? day * SECONDS_PER_DAY + (hour + 1) * 3600
        : unit < 3600 && minutes.size > 0 && !minutes.has(minute % 60)
          ? day * SECONDS_PER_DAY + (minute + 1) * 60
          : undefined
    if (skipTo !== undefined) {
      step = Math.max(step + 1, stepsTo(skipTo))
      continue
    }
    step++
    if (unit === 1 && seconds.size > 0 && !seconds.has(second % 60)) continue
    for (const time of within) {
      if (wall + time < floor) continue
      quiet = 0
      lastDay = day
      yield wall + time
    }
  }
}

/** Seconds after the beginning of an hour, a minute or a second at which a rule has its dates. */
function timesWithinUnit(rule: Rule, unit: number): number[] {
  if (unit === 1) return rule.setPositions.length === 0 || rule.setPositions.some((p) => Math.abs(p) === 1) ? [0] : []
  const times =
    unit === 60
      ? [...rule.seconds]
      : rule.minutes.flatMap((minute) => rule.seconds.map((second) => minute * 60 + second))
  return rule.setPositions.length === 0 ? times : [...atPositions(rule, [0], times)]
}
