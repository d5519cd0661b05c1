import { formatIso } from '../wire/time.ts'

export interface TimeBucket {
  startUs: number
  /** The last microsecond of the bucket. */
  endUs: number
  start: string
  end: string
}

type TimeUnit = 'week' | 'day' | 'hour' | 'minute' | 'second'

const unitUs: Record<TimeUnit, number> = {
  week: 7 * 86_400_000_000,
  day: 86_400_000_000,
  hour: 3_600_000_000,
  minute: 60_000_000,
  second: 1_000_000,
}

/** All buckets are aligned to this moment, so that the same interval always cuts at the same times. A Monday. */
const pivotUs = Date.UTC(2024, 3, 1) * 1000

/**
 * Cuts a time range into contiguous buckets of `interval` units, up to the end of the current unit: what is to come has none.
 *
 * @returns the buckets, or the refusal to show when there would be more than `bucketsMax`.
 */
export function timeBuckets(
  range: { sinceUs: number; untilUs: number },
  nowUs: number,
  unit: TimeUnit,
  interval: number,
  bucketsMax: number,
): TimeBucket[] | string {
  const spanUs = Math.max(1, Math.round(unitUs[unit] * interval))
  const floor = (us: number): number => pivotUs + Math.floor((us - pivotUs) / spanUs) * spanUs
  const firstUs = floor(range.sinceUs)
  const wantedBuckets = Math.ceil((range.untilUs - range.sinceUs) / spanUs)
  if (wantedBuckets > bucketsMax) {
    return `The given interval would create ${wantedBuckets} buckets, which is too many. Please increase the interval or reduce the time range to produce ${bucketsMax} buckets or fewer.`
  }
  const untilUs = Math.min(range.untilUs, pivotUs + (Math.floor((nowUs - pivotUs) / unitUs[unit]) + 1) * unitUs[unit])
  const count = Math.max(0, Math.ceil((untilUs - firstUs) / spanUs))
  return Array.from({ length: count }, (_, index) => {
    const startUs = firstUs + index * spanUs
    const endUs = startUs + spanUs - 1
    return { startUs, endUs, start: formatIso(startUs), end: formatIso(endUs) }
  })
}
