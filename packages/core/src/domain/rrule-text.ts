import { US_PER_SECOND, parseIso } from '../wire/time.ts'
import { isTimeZone } from './zoned-time.ts'

/** How often a rule repeats, from the longest period to the shortest. */
export const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'] as const
export type Frequency = (typeof FREQUENCIES)[number]

/** A day of the week, 0 is Monday, with the number of its occurrence in the month or year when one is asked for. */
export interface RuleDay {
  weekday: number
  nth: number | undefined
}

/** One RRULE or EXRULE. Wall-clock times are in whole seconds, as a clock in UTC would count them. */
export interface Rule {
  frequency: Frequency
  interval: number
  count: number | undefined
  untilWall: number | undefined
  /** 0 is Monday. */
  weekStart: number
  setPositions: readonly number[]
  months: readonly number[]
  monthDays: readonly number[]
  yearDays: readonly number[]
  easterOffsets: readonly number[]
  weekNumbers: readonly number[]
  days: readonly RuleDay[]
  hours: readonly number[]
  minutes: readonly number[]
  seconds: readonly number[]
  untilIsUtc: boolean
}

/** An rrule text: rules and single dates that add or take away. */
export interface RuleSet {
  startWall: number | undefined
  /** Whether it says in which zone its digits are: then UNTIL must be in UTC. */
  startHasZone: boolean
  rules: readonly Rule[]
  exceptRules: readonly Rule[]
  dates: readonly number[]
  exceptDates: readonly number[]
}

export const RRULE_LENGTH_MAX = 6500
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** Says why a text is not a recurrence rule; the message is what follows Prefect's `Invalid RRule string "…": `. */
export class RRuleError extends Error {}

/**
 * Parses RRULE, EXRULE, RDATE, EXDATE and DTSTART lines; a line without a name is an RRULE.
 *
 * @throws {RRuleError} when the text is not understood
 */
export function parseRRule(text: string): RuleSet {
  const lines = text.toUpperCase().split(/\s+/).filter((line) => line !== '')
  if (lines.length === 0) throw new RRuleError('empty string')
  const set = { startWall: undefined as number | undefined, startHasZone: false }
  const rules: Rule[] = []
  const exceptRules: Rule[] = []
  const dates: number[] = []
  const exceptDates: number[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    const [name, ...parameters] = colon < 0 ? ['RRULE'] : line.slice(0, colon).split(';')
    const value = line.slice(colon + 1)
    switch (name) {
      case 'RRULE':
      case 'EXRULE':
        if (parameters.length > 0) throw new RRuleError(`unsupported ${name} parm: ${parameters[0]}`)
        ;(name === 'RRULE' ? rules : exceptRules).push(parseRule(value))
        break
      case 'RDATE':
        for (const parameter of parameters) {
          if (parameter !== 'VALUE=DATE-TIME') throw new RRuleError(`unsupported RDATE parm: ${parameter}`)
        }
        dates.push(...value.split(',').map((date) => parseDate(date).wall))
        break
      case 'EXDATE':
        exceptDates.push(...value.split(',').map((date) => parseZonedDate(parameters, date).wall))
        break
      case 'DTSTART': {
        const start = parseZonedDate(parameters, value)
        set.startWall = start.wall
        set.startHasZone = start.hasZone
        break
      }
      default:
        throw new RRuleError(`unsupported property: ${name}`)
    }
  }
  if (rules.length + exceptRules.length + dates.length + exceptDates.length === 0) {
    throw new RRuleError('no rule and no date')
  }
  if (set.startWall !== undefined && [...rules, ...exceptRules].some((rule) => !untilFits(rule, set.startHasZone))) {
    throw new RRuleError('RRULE UNTIL values must be specified in UTC when DTSTART is timezone-aware')
  }
  if (set.startWall !== undefined && [...rules, ...exceptRules].some((rule) => neverMeets(rule, set.startWall!))) {
    throw new RRuleError('Invalid rrule byxxx generates an empty set.')
  }
  return { ...set, rules, exceptRules, dates, exceptDates }
}

function untilFits(rule: Rule, startHasZone: boolean): boolean {
  return rule.untilWall === undefined || rule.untilIsUtc === startHasZone
}

/** Whether the steps of a rule within a day pass by every hour, minute or second that it asks for. */
function neverMeets(rule: Rule, startWall: number): boolean {
  const [unit, base, wanted] =
    rule.frequency === 'HOURLY'
      ? [3600, 24, rule.hours] as const
      : rule.frequency === 'MINUTELY'
        ? [60, 60, rule.minutes] as const
        : [1, 60, rule.frequency === 'SECONDLY' ? rule.seconds : []] as const
  if (wanted.length === 0) return false
  const start = Math.floor(startWall / unit) % base
  const stride = greatestCommonDivisor(rule.interval, base)
  return !wanted.some((value) => (value - start) % stride === 0)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** A date of DTSTART or EXDATE. A zone that nobody knows counts for none, as in Prefect. */
function parseZonedDate(parameters: readonly string[], text: string): { wall: number; hasZone: boolean } {
  const { wall, isUtc } = parseDate(text)
  let hasZone = isUtc
  for (const parameter of parameters) {
    if (parameter === 'VALUE=DATE-TIME' || parameter === 'VALUE=DATE') continue
    if (!parameter.startsWith('TZID=')) throw new RRuleError(`unsupported parm: ${parameter}`)
    if (!isTimeZone(parameter.slice('TZID='.length))) continue
    if (isUtc) throw new RRuleError('DTSTART/EXDATE specifies multiple timezone')
    hasZone = true
  }
  return { wall, hasZone }
}

/** Zones in dates are left aside: the schedule's time zone says how the digits are read. */
function parseDate(text: string): { wall: number; isUtc: boolean } {
  const basic = /^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})?(?:\.\d+)?(Z)?)?$/.exec(text)
  if (!basic) throw new RRuleError(`Unknown string format: ${text}`)
  const [, year, month, day, hour, minute, second, zulu] = basic
  const us = parseIso(`${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}Z`)
  if (us === undefined) throw new RRuleError(`Unknown string format: ${text}`)
  return { wall: us / US_PER_SECOND, isUtc: zulu !== undefined }
}

function parseRule(text: string): Rule {
  const values = new Map<string, string>()
  for (const pair of text.split(';')) {
    const [name, value, more] = pair.split('=')
    if (value === undefined) throw new RRuleError('not enough values to unpack (expected 2, got 1)')
    if (more !== undefined) throw new RRuleError('too many values to unpack (expected 2)')
    if (!KNOWN_PARTS.has(name!)) throw new RRuleError(`unknown parameter '${name}'`)
    values.set(name!, value)
  }
  const integer = (name: string): number | undefined => integers(name)[0]
  const integers = (name: string): number[] => {
    const value = values.get(name)
    if (value === undefined) return []
    const isList = name.startsWith('BY')
    const numbers = (isList ? value.split(',') : [value]).map((item) => (/^[+-]?\d+$/.test(item) ? Number(item) : NaN))
    if (numbers.some((number) => !Number.isSafeInteger(number))) invalid(name, value)
    return numbers
  }
  const within = (name: string, low: number, high: number, message: string): number[] => {
    const numbers = integers(name)
    if (numbers.some((number) => number < low || number > high)) throw new RRuleError(message)
    return [...new Set(numbers)].sort((a, b) => a - b)
  }
  const frequencyText = values.get('FREQ')
  if (frequencyText === undefined) throw new RRuleError("missing 'FREQ'")
  const frequency = FREQUENCIES.find((known) => known === frequencyText) ?? invalid('FREQ', frequencyText)
  const interval = integer('INTERVAL') ?? 1
  // A period of no length would repeat one moment for ever.
  if (interval < 1) invalid('INTERVAL', values.get('INTERVAL')!)
  const until = values.has('UNTIL') ? parseUntil(values.get('UNTIL')!) : undefined
  const setPositions = integers('BYSETPOS')
  if (setPositions.some((position) => position === 0 || Math.abs(position) > 366)) {
    throw new RRuleError('bysetpos must be between 1 and 366, or between -366 and -1')
  }
  return {
    frequency,
    interval,
    count: integer('COUNT'),
    untilWall: until?.wall,
    untilIsUtc: until?.isUtc ?? false,
    weekStart: values.has('WKST') ? weekdayOf('WKST', values.get('WKST')!) : 0,
    setPositions,
    months: integers('BYMONTH'),
    monthDays: integers('BYMONTHDAY'),
    yearDays: integers('BYYEARDAY'),
    easterOffsets: integers('BYEASTER'),
    weekNumbers: integers('BYWEEKNO'),
    days: values.has('BYDAY') || values.has('BYWEEKDAY')
      ? parseDays(values.has('BYDAY') ? 'BYDAY' : 'BYWEEKDAY', values.get('BYDAY') ?? values.get('BYWEEKDAY')!)
      : [],
    hours: within('BYHOUR', 0, 23, 'hour must be in 0..23'),
    minutes: within('BYMINUTE', 0, 59, 'minute must be in 0..59'),
    seconds: within('BYSECOND', 0, 59, 'second must be in 0..59'),
  }
}

const KNOWN_PARTS = new Set([
  'FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYSETPOS', 'BYMONTH', 'BYMONTHDAY', 'BYYEARDAY', 'BYEASTER',
  'BYWEEKNO', 'BYDAY', 'BYWEEKDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND',
])

function parseUntil(text: string): { wall: number; isUtc: boolean } {
  try {
    return parseDate(text)
  } catch {
    return invalid('UNTIL', text)
  }
}

function parseDays(name: string, text: string): RuleDay[] {
  return text.split(',').map((item) => {
    const match = /^([+-]?\d{1,3})?([A-Z]{2})$/.exec(item) ?? /^()([A-Z]{2})\(([+-]?\d{1,3})\)$/.exec(item)
    const nth = match?.[3] ?? match?.[1]
    const weekday = match ? WEEKDAYS.indexOf(match[2]!) : -1
    if (weekday < 0 || (nth && Number(nth) === 0)) invalid(name, text)
    return { weekday, nth: nth ? Number(nth) : undefined }
  })
}

function weekdayOf(name: string, text: string): number {
  const weekday = /^[0-6]$/.test(text) ? Number(text) : WEEKDAYS.indexOf(text)
  return weekday < 0 ? invalid(name, text) : weekday
}

function invalid(name: string, text: string): never {
  throw new RRuleError(`invalid '${name}': ${text}`)
}
