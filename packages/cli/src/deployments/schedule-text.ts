import type { DeploymentSchedule } from '@spillway/core/wire/schedules'
import { misused } from '../reads.ts'

/** A schedule as users write it, in options and in `prefect.yaml`. */
export interface ScheduleText {
  readonly cron?: string | undefined
  /** Seconds, `HH:MM:SS`, `PT1H` or `5m`. */
  readonly interval?: number | string | undefined
  readonly rrule?: string | undefined
  readonly timezone?: string | undefined
  readonly anchorDate?: string | undefined
  readonly dayOr?: boolean | undefined
}

/** The schedule as the API takes it. @throws {CommandError} when it is none, or more than one */
export function scheduleOf({ cron, interval, rrule, timezone, anchorDate, dayOr }: ScheduleText): object {
  const given = [cron, interval, rrule].filter((part) => part !== undefined)
  if (given.length !== 1) throw misused('A schedule has exactly one of cron, interval and rrule.')
  if (anchorDate !== undefined && interval === undefined) throw misused('An anchor date goes with an interval only.')
  const zone = timezone === undefined ? {} : { timezone }
  if (cron !== undefined) return { cron, day_or: dayOr ?? true, ...zone }
  if (interval !== undefined) return { interval: intervalSeconds(interval), ...(anchorDate === undefined ? {} : { anchor_date: anchorTime(anchorDate) }), ...zone }
  return { ...rruleOf(rrule!), ...zone }
}

export function describeSchedule({ schedule }: Pick<DeploymentSchedule, 'schedule'>): string {
  const zone = schedule.timezone && schedule.timezone !== 'UTC' ? ` (${schedule.timezone})` : ''
  if ('cron' in schedule) return `cron: ${schedule.cron}${zone}`
  if ('rrule' in schedule) return `rrule: ${schedule.rrule}${zone}`
  return `interval: ${schedule.interval}s${zone}`
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }

/** @param what is to be understood, as the error calls it */
export function intervalSeconds(interval: number | string, what = 'interval'): number {
  const seconds = typeof interval === 'number' ? interval : secondsOf(interval.trim())
  if (seconds === undefined || !Number.isFinite(seconds) || seconds <= 0) throw misused(`The ${what} '${interval}' is not understood.`, 'Write seconds, or a time span such as 1:30:00, PT90M or 90m.')
  return seconds
}

function secondsOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const clock = /^(?:(\d+) days?,? )?(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text)
  if (clock) return Number(clock[1] ?? 0) * 86_400 + Number(clock[2]) * 3600 + Number(clock[3]) * 60 + Number(clock[4])
  const iso = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text)
  if (iso) return [604_800, 86_400, 3600, 60, 1].reduce((sum, unit, index) => sum + unit * Number(iso[index + 1] ?? 0), 0)
  const short = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text)
  return short ? Number(short[1]) * UNIT_SECONDS[short[2]!]! : undefined
}

function anchorTime(text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw misused(`The anchor date '${text}' is no time.`, 'Write it as 2026-01-31T09:00:00Z.')
  return time.toISOString()
}

/** Prefect's command takes a rule as it stands, or as JSON with its time zone beside it. */
function rruleOf(text: string): object {
  if (!text.trim().startsWith('{')) return { rrule: text }
  try {
    const { rrule, timezone } = JSON.parse(text) as { rrule?: string; timezone?: string }
    return { rrule, ...(timezone === undefined ? {} : { timezone }) }
  } catch (error) {
    throw misused(`The rrule is not JSON: ${(error as Error).message}`)
  }
}
