import { US_PER_SECOND, formatIso, formatWall, isoKeepingOffset } from '../wire/time.ts'
import { asksForRandom, parseCron } from './cron-fields.ts'
import { cronDates, type CronSchedule } from './cron-schedule.ts'
import { intervalDates, type IntervalSchedule } from './interval-schedule.ts'
import { normalizeRRule, rruleDates, validateRRule, type RRuleSchedule } from './rrule-schedule.ts'
import { isTimeZone, zoneOffsetSeconds } from './zoned-time.ts'

export type { CronSchedule, IntervalSchedule, RRuleSchedule }

/** A schedule in the form in which it is stored; which kind it is shows in its keys. */
export type Schedule = IntervalSchedule | CronSchedule | RRuleSchedule

/** The most dates one call looks at. */
export const SCHEDULE_DATES_MAX = 1000

/**
 * Dates of a schedule at or after a moment, as rising microseconds since the epoch.
 *
 * @param options.maxCount at most so many dates; default and limit 1000
 * @param options.endUs no date after this one
 */
export function* nextDates(
  schedule: Schedule,
  startUs: number,
  options: { maxCount?: number; endUs?: number } = {},
): Generator<number> {
  const maxCount = Math.min(options.maxCount ?? SCHEDULE_DATES_MAX, SCHEDULE_DATES_MAX)
  const endUs = options.endUs ?? Infinity
  if (maxCount <= 0) return
  let count = 0
  for (const us of datesOf(schedule, startUs)) {
    if (us > endUs) return
    yield us
    if (++count >= maxCount) return
  }
}

function datesOf(schedule: Schedule, startUs: number): Generator<number> {
  if ('interval' in schedule) return intervalDates(schedule, startUs)
  if ('cron' in schedule) return cronDates(schedule, startUs)
  return rruleDates(schedule, startUs)
}

/** A schedule as clients send it: `anchor_date`, `timezone` and `day_or` may be absent. */
export type ScheduleInput =
  (Omit<IntervalSchedule, 'anchor_date'> & { anchor_date?: string }) | CronSchedule | RRuleSchedule

/**
 * Why a schedule cannot be used, in the words of Prefect's API, or undefined when it can.
 * The shape (one of three kinds, no other keys, right types) is the wire schema's to check.
 */
export function validateSchedule(schedule: ScheduleInput): string | undefined {
  const { timezone } = schedule
  if (timezone && !isTimeZone(timezone)) {
    return `Invalid timezone: "${timezone}" (specify in IANA tzdata format, for example, America/New_York)`
  }
  if ('interval' in schedule) return schedule.interval > 0 ? undefined : 'interval must be positive'
  if ('rrule' in schedule) return validateRRule(schedule.rrule)
  if (asksForRandom(schedule.cron)) {
    return `Random and Hashed expressions are unsupported, received: "${schedule.cron}"`
  }
  return parseCron(schedule.cron) ? undefined : `Invalid cron string: "${schedule.cron}"`
}

/**
 * The stored form of a valid schedule: defaults filled in, the anchor date in canonical text, and a DTSTART in rrules.
 * Stored once, at creation or change: doing it again at each reading would move the phase of a rule.
 */
export function normalizeSchedule(schedule: ScheduleInput, nowUs: number): Schedule {
  if ('interval' in schedule) {
    const { anchor_date } = schedule
    return {
      interval: schedule.interval,
      anchor_date: anchor_date === undefined ? formatIso(nowUs) : (isoKeepingOffset(anchor_date) ?? anchor_date),
      timezone: schedule.timezone || 'UTC',
    }
  }
  if ('cron' in schedule) {
    return { cron: schedule.cron, timezone: schedule.timezone ?? null, day_or: schedule.day_or ?? true }
  }
  const timezone = schedule.timezone === undefined ? 'UTC' : schedule.timezone
  return { rrule: normalizeRRule(schedule.rrule, timezone, nowUs), timezone }
}

/** How far ahead runs are generated. */
export interface RunGenerationSettings {
  /** At least so many runs of each schedule wait, unless `maxSecondsAhead` or `maxRuns` forbids. Default 3. */
  minRuns: number
  /** Runs are generated at least so far ahead. Default 3600. */
  minSecondsAhead: number
  /** No more than so many runs at once. Default 100. */
  maxRuns: number
  /** No run is generated further ahead. Default 100 days. */
  maxSecondsAhead: number
}

export const DEFAULT_RUN_GENERATION: RunGenerationSettings = {
  minRuns: 3,
  minSecondsAhead: 3600,
  maxRuns: 100,
  maxSecondsAhead: 100 * 86_400,
}

/**
 * The dates for which runs shall exist: from now on, until there are at least `minRuns` and the last one is at least
 * `minSecondsAhead` away; never more than `maxRuns`, never beyond `maxSecondsAhead`.
 */
export function generateRunDates(
  schedule: Schedule,
  nowUs: number,
  settings: RunGenerationSettings = DEFAULT_RUN_GENERATION,
): number[] {
  const enoughUs = nowUs + settings.minSecondsAhead * US_PER_SECOND
  const endUs = nowUs + settings.maxSecondsAhead * US_PER_SECOND
  const dates: number[] = []
  for (const us of nextDates(schedule, nowUs, { maxCount: settings.maxRuns, endUs })) {
    dates.push(us)
    if (dates.length >= settings.minRuns && us >= enoughUs) break
  }
  return dates
}

/** What a run shows as its creator when the schedule has no slug. */
export function scheduleDisplayName(schedule: Schedule): 'IntervalSchedule' | 'CronSchedule' | 'RRuleSchedule' {
  if ('interval' in schedule) return 'IntervalSchedule'
  return 'cron' in schedule ? 'CronSchedule' : 'RRuleSchedule'
}

/**
 * The idempotency key of a scheduled run. The date prints in the schedule's zone as
 * `2026-11-20 09:42:48.420569+00:00`, without microseconds when they are 0.
 */
export function scheduledIdempotencyKey(
  deploymentId: string,
  scheduleId: string,
  dateUs: number,
  timezone: string | null | undefined,
): string {
  const offsetSeconds = zoneOffsetSeconds(timezone || 'UTC', dateUs)
  const wall = formatWall(dateUs + offsetSeconds * US_PER_SECOND, ' ')
  return `scheduled ${deploymentId} ${scheduleId} ${wall}${formatOffset(offsetSeconds)}`
}

function formatOffset(offsetSeconds: number): string {
  const absolute = Math.abs(offsetSeconds)
  const parts = [Math.floor(absolute / 3600), Math.floor(absolute / 60) % 60]
  if (absolute % 60 !== 0) parts.push(absolute % 60)
  return (offsetSeconds < 0 ? '-' : '+') + parts.map((part) => String(part).padStart(2, '0')).join(':')
}
