import { US_PER_SECOND } from '../wire/time.ts'

/*
 * Wall-clock times are numbers too: the microseconds at which a clock in UTC would show the same digits.
 */

/** Offsets are looked up once for each span of this length; two clock changes nearer than that would be missed. */
const SPAN_SECONDS = 1 << 20
const DAY_US = 86_400 * US_PER_SECOND
const CACHED_ZONES_MAX = 200
const CACHED_SPANS_MAX = 1000

interface Span {
  /** The first second of the later offset, or infinity when the clock does not change in this span. */
  changesAtSecond: number
  beforeSeconds: number
  afterSeconds: number
}

interface Zone {
  formatter: Intl.DateTimeFormat
  spans: Map<number, Span>
}

const zones = new Map<string, Zone>()

function loadZone(name: string): Zone | undefined {
  const known = zones.get(name)
  if (known) return known
  // Intl also takes bare offsets, which IANA names never look like.
  if (!/^[A-Za-z]/.test(name) || name.length > 64) return undefined
  try {
    const formatter = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    if (zones.size >= CACHED_ZONES_MAX) zones.clear()
    const zone = { formatter, spans: new Map<number, Span>() }
    zones.set(name, zone)
    return zone
  } catch {
    return undefined
  }
}

/** Whether the name is an IANA time zone that this runtime knows. */
export function isTimeZone(name: string): boolean {
  return loadZone(name) !== undefined
}

function formattedOffset(zone: Zone, second: number): number {
  const parts = zone.formatter.formatToParts(second * 1000)
  const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const match = /^GMT([+-])(\d{1,2}):?(\d{2})?:?(\d{2})?$/.exec(text)
  if (!match) return 0
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)
  return match[1] === '-' ? -seconds : seconds
}

function loadSpan(zone: Zone, index: number): Span {
  const known = zone.spans.get(index)
  if (known) return known
  let low = index * SPAN_SECONDS
  let high = low + SPAN_SECONDS
  const beforeSeconds = formattedOffset(zone, low)
  const afterSeconds = formattedOffset(zone, high)
  let changesAtSecond = Infinity
  if (beforeSeconds !== afterSeconds) {
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (formattedOffset(zone, middle) === beforeSeconds) low = middle
      else high = middle
    }
    changesAtSecond = high
  }
  const span = { changesAtSecond, beforeSeconds, afterSeconds }
  if (zone.spans.size >= CACHED_SPANS_MAX) zone.spans.clear()
  zone.spans.set(index, span)
  return span
}

/**
 * The offset from UTC of a zone at an instant, in seconds, positive to the east. An unknown zone is UTC.
 *
 * @param us microseconds since the epoch
 */
export function zoneOffsetSeconds(zoneName: string, us: number): number {
  if (zoneName === 'UTC') return 0
  const zone = loadZone(zoneName)
  if (!zone) return 0
  const second = Math.floor(us / US_PER_SECOND)
  const span = loadSpan(zone, Math.floor(second / SPAN_SECONDS))
  return second < span.changesAtSecond ? span.beforeSeconds : span.afterSeconds
}

/** What a clock in the zone shows at an instant. */
export function wallFromUs(zoneName: string, us: number): number {
  return us + zoneOffsetSeconds(zoneName, us) * US_PER_SECOND
}

/** How to read wall-clock times that a clock change skips, or shows twice. */
export interface ClockChangeRule {
  /** A skipped time gets the offset in force before the change (a later instant), or after it (an earlier one). */
  skipped: 'offset-before' | 'offset-after'
  repeated: 'first' | 'second'
}

/** The instant at which a clock in the zone shows a wall-clock time. */
export function usFromWall(zoneName: string, wallUs: number, rule: ClockChangeRule): number {
  if (zoneName === 'UTC') return wallUs
  const before = zoneOffsetSeconds(zoneName, wallUs - DAY_US) * US_PER_SECOND
  const after = zoneOffsetSeconds(zoneName, wallUs + DAY_US) * US_PER_SECOND
  if (before === after) return wallUs - before
  const earlyOffset = Math.max(before, after)
  const lateOffset = Math.min(before, after)
  const earlyFits = wallFromUs(zoneName, wallUs - earlyOffset) === wallUs
  const lateFits = wallFromUs(zoneName, wallUs - lateOffset) === wallUs
  if (earlyFits && lateFits) return wallUs - (rule.repeated === 'first' ? earlyOffset : lateOffset)
  if (earlyFits) return wallUs - earlyOffset
  if (lateFits) return wallUs - lateOffset
  return wallUs - (rule.skipped === 'offset-before' ? before : after)
}
