import { US_PER_SECOND, formatWall, parseIso } from '../wire/time.ts'
import { ruleDates } from './rrule-dates.ts'
import { RRULE_LENGTH_MAX, RRuleError, parseRRule, type RuleSet } from './rrule-text.ts'
import { usFromWall, wallFromUs } from './zoned-time.ts'

/** Dates of an iCalendar recurrence rule on the clock of a time zone. */
export interface RRuleSchedule {
  rrule: string
  timezone?: string | null
}

/** Where a rule without DTSTART begins. */
const DEFAULT_START_WALL = parseIso('2020-01-01')! / US_PER_SECOND
/** Dates that exceptions may take away in a row before a schedule counts as ended. */
const EXCLUDED_MAX = 100_000

/**
 * Dates of an rrule schedule at or after `startUs`, in strictly rising order, without end unless the rule ends.
 * DTSTART, UNTIL, RDATE and EXDATE are read on the clock of the schedule's zone, whatever zone they name.
 */
export function* rruleDates(schedule: RRuleSchedule, startUs: number): Generator<number> {
  let set: RuleSet
  try {
    set = parseRRule(schedule.rrule)
  } catch {
    return
  }
  const zone = schedule.timezone || 'UTC'
  const fromWall = Math.floor(wallFromUs(zone, startUs) / US_PER_SECOND)
  let lastUs = startUs - 1
  for (const wall of setDates(set, fromWall)) {
    const us = usFromWall(zone, wall * US_PER_SECOND, { skipped: 'offset-after', repeated: 'first' })
    if (us <= lastUs) continue
    lastUs = us
    yield us
  }
}

function* setDates(set: RuleSet, fromWall: number): Generator<number> {
  const startWall = set.startWall ?? DEFAULT_START_WALL
  const wanted = merged([...set.rules.map((rule) => ruleDates(rule, startWall, fromWall)), sorted(set.dates, fromWall)])
  const excluded = merged([
    ...set.exceptRules.map((rule) => ruleDates(rule, startWall, fromWall)),
    sorted(set.exceptDates, fromWall),
  ])
  let exclusion = excluded.next()
  let taken = 0
  for (const wall of wanted) {
    while (!exclusion.done && exclusion.value < wall) exclusion = excluded.next()
    if (!exclusion.done && exclusion.value === wall) {
      if (++taken > EXCLUDED_MAX) return
      continue
    }
    taken = 0
    yield wall
  }
}

function* sorted(dates: readonly number[], fromWall: number): Generator<number> {
  yield* dates.filter((wall) => wall >= fromWall).sort((a, b) => a - b)
}

/** Merges rising sequences into one rising sequence without repetitions. */
function* merged(sources: readonly Generator<number>[]): Generator<number> {
  const heads = sources.map((source) => ({ source, head: source.next() }))
  for (;;) {
    let least = Infinity
    for (const { head } of heads) if (!head.done && head.value < least) least = head.value
    if (least === Infinity) return
    for (const entry of heads) {
      while (!entry.head.done && entry.head.value <= least) entry.head = entry.source.next()
    }
    yield least
  }
}

/** Why a text is no rrule, in the words of Prefect's API, or undefined when it is one. */
export function validateRRule(text: string): string | undefined {
  if (text.length > RRULE_LENGTH_MAX) {
    return `Invalid RRule string "${text.slice(0, 40)}..."\nMax length is ${RRULE_LENGTH_MAX}, got ${text.length}`
  }
  try {
    parseRRule(text)
    return undefined
  } catch (error) {
    if (error instanceof RRuleError) return `Invalid RRule string "${text}": ${error.message}`
    throw error
  }
}

/**
 * The text of a rule as it is stored: with a DTSTART line, so that its dates no longer depend on when it is read.
 *
 * A rule without DTSTART begins in 2020; one single rule that repeats by the minute or second without COUNT begins at
 * its last date before now, which keeps its dates and saves counting through the years.
 */
export function normalizeRRule(text: string, timezone: string | null, nowUs: number): string {
  if (/DTSTART/i.test(text)) return text
  let set: RuleSet
  try {
    set = parseRRule(text)
  } catch {
    return text
  }
  const [rule] = set.rules
  const alone = set.rules.length === 1 && set.exceptRules.length + set.dates.length + set.exceptDates.length === 0
  const unitSeconds = rule?.frequency === 'SECONDLY' ? 1 : rule?.frequency === 'MINUTELY' ? 60 : undefined
  let startWall = DEFAULT_START_WALL
  if (rule && alone && unitSeconds !== undefined && rule.count === undefined) {
    const nowWall = wallFromUs(timezone || 'UTC', nowUs) / US_PER_SECOND
    const period = unitSeconds * rule.interval
    startWall += Math.max(0, Math.floor((nowWall - startWall) / period)) * period
  }
  const digits = formatWall(startWall * US_PER_SECOND, 'T').replaceAll(/[-:]/g, '')
  return `DTSTART:${digits}\n${text}`
}
