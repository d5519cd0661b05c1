import { US_PER_SECOND, parseIso } from '../wire/time.ts'
import { usFromWall, wallFromUs } from './zoned-time.ts'

/** A date every `interval` seconds, counted from `anchor_date`. */
export interface IntervalSchedule {
  interval: number
  anchor_date: string
  timezone?: string | null
}

const DAY_US = 86_400 * US_PER_SECOND
/** After the jump from the anchor, clock changes put the first date at most a few steps before the start. */
const CATCH_UP_STEPS_MAX = 1000

/**
 * Dates of an interval schedule at or after `startUs`, in microseconds, without end.
 *
 * The jump from the anchor to the start is absolute time. A step of at least one day then moves the local clock, so the
 * hour stays over a clock change; a shorter step is absolute.
 */
export function* intervalDates(schedule: IntervalSchedule, startUs: number): Generator<number> {
  const zone = schedule.timezone || 'UTC'
  const intervalUs = Math.round(schedule.interval * US_PER_SECOND)
  const anchorUs = parseIso(schedule.anchor_date)
  if (anchorUs === undefined || !(intervalUs > 0)) return
  const step =
    intervalUs >= DAY_US ? (us: number) => stepOnTheClock(zone, us, intervalUs) : (us: number) => us + intervalUs

  let next = anchorUs + intervalUs * Math.trunc((startUs - anchorUs) / intervalUs)
  for (let steps = 0; next < startUs; steps++) {
    if (steps === CATCH_UP_STEPS_MAX) return
    next = step(next)
  }
  for (;;) {
    yield next
    const after = step(next)
    if (after <= next) return
    next = after
  }
}

function stepOnTheClock(zone: string, us: number, intervalUs: number): number {
  const wallUs = wallFromUs(zone, us) + intervalUs
  return usFromWall(zone, wallUs, { skipped: 'offset-before', repeated: 'second' })
}
