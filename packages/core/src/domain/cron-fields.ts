/** One field of a cron expression: what it may hold and how its values are named. */
interface FieldKind {
  min: number
  max: number
  names: readonly string[]
  allows: 'plain' | 'day-of-month' | 'day-of-week'
}

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const KINDS: readonly FieldKind[] = [
  { min: 0, max: 59, names: [], allows: 'plain' },
  { min: 0, max: 23, names: [], allows: 'plain' },
  { min: 1, max: 31, names: [], allows: 'day-of-month' },
  { min: 1, max: 12, names: MONTH_NAMES, allows: 'plain' },
  { min: 0, max: 6, names: DAY_NAMES, allows: 'day-of-week' },
  { min: 0, max: 59, names: [], allows: 'plain' },
  { min: 1970, max: 2099, names: [], allows: 'plain' },
]

const ALIASES: Readonly<Record<string, string>> = {
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

const TEXT_LENGTH_MAX = 1000

/** Which week of the month: 1 to 5, or the last. */
export type Week = 1 | 2 | 3 | 4 | 5 | 'last'

/** A parsed cron expression. Values are in rising order; `undefined` stands for every value (`*`). */
export interface CronFields {
  minutes: readonly number[]
  hours: readonly number[]
  daysOfMonth: ReadonlySet<number> | undefined
  lastDayOfMonth: boolean
  months: ReadonlySet<number>
  /** 0 is Sunday. */
  daysOfWeek: ReadonlySet<number> | undefined
  /** `fri#2` and `L5`: days of the week restricted to some weeks. When present, `daysOfWeek` holds no others. */
  weeksOfDay: ReadonlyMap<number, ReadonlySet<Week>> | undefined
  seconds: readonly number[]
  years: ReadonlySet<number> | undefined
}

/**
 * Parses a cron expression: five fields, then seconds, then years; names, ranges (also over the end, `22-2`), steps,
 * lists, `L`, `L5`, `fri#2`, `?`, and aliases such as `@daily`.
 *
 * @returns undefined when the text is not a cron expression
 */
export function parseCron(text: string): CronFields | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined
  const lower = text.toLowerCase()
  const fields = (ALIASES[lower] ?? lower).split(/\s+/).filter((field) => field !== '')
  if (fields.length < 5 || fields.length > 7) return undefined
  const parsed = fields.map((field, index) => parseField(field, KINDS[index]!))
  const [minute, hour, dayOfMonth, month, dayOfWeek, second, year] = parsed
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || parsed.includes(undefined)) return undefined
  return {
    minutes: listed(minute, 0),
    hours: listed(hour, 1),
    daysOfMonth: dayOfMonth.any ? undefined : dayOfMonth.values,
    lastDayOfMonth: dayOfMonth.last,
    months: new Set(listed(month, 3)),
    daysOfWeek: dayOfWeek.any ? undefined : dayOfWeek.values,
    weeksOfDay: dayOfWeek.weeks.size > 0 ? dayOfWeek.weeks : undefined,
    seconds: second ? listed(second, 5) : [0],
    years: year && !year.any ? year.values : undefined,
  }
}

/** Whether a field asks for random (`R`) values, which no schedule can keep. */
export function asksForRandom(text: string): boolean {
  return text.split(/\s+/).some((field) => /^r(\(\d+-\d+\))?(\/\d+)?$/i.test(field))
}

interface ParsedField {
  any: boolean
  values: Set<number>
  last: boolean
  weeks: Map<number, Set<Week>>
}

function listed(field: ParsedField, index: number): number[] {
  const { min, max } = KINDS[index]!
  if (field.any) return Array.from({ length: max - min + 1 }, (_, offset) => min + offset)
  return [...field.values].sort((a, b) => a - b)
}

function parseField(text: string, kind: FieldKind): ParsedField | undefined {
  const field: ParsedField = { any: false, values: new Set(), last: false, weeks: new Map() }
  if (text === '?') {
    field.any = true
    return kind.allows === 'plain' ? undefined : field
  }
  const plainDays = new Set<number>()
  for (const item of text.split(',')) {
    if (!parseItem(item, kind, field, plainDays)) return undefined
  }
  if (field.weeks.size > 0) {
    // A weekday without a week beside one with a week is only understood when it names the same day.
    for (const day of plainDays) if (!field.weeks.has(day)) return undefined
  }
  for (const day of plainDays) field.values.add(day)
  return field
}

function parseItem(item: string, kind: FieldKind, field: ParsedField, plain: Set<number>): boolean {
  if (item === '*') {
    field.any = true
    return true
  }
  if (kind.allows === 'day-of-month' && item === 'l') {
    field.last = true
    return true
  }
  if (kind.allows === 'day-of-week') {
    const inWeek = /^(?:l([0-7])|([0-7]|[a-z]{3})#([1-5]))$/.exec(item)
    if (inWeek) {
      const day = valueOf(inWeek[1] ?? inWeek[2]!, kind)
      if (day === undefined) return false
      const weeks = field.weeks.get(day % 7) ?? new Set<Week>()
      field.weeks.set(day % 7, weeks.add(inWeek[1] === undefined ? (Number(inWeek[3]) as Week) : 'last'))
      return true
    }
  }
  const range = parseRange(item, kind)
  if (!range) return false
  for (const value of range) plain.add(value)
  return true
}

function valueOf(text: string, kind: FieldKind): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text)
    const max = kind.allows === 'day-of-week' ? 7 : kind.max
    return value >= kind.min && value <= max ? value : undefined
  }
  if (kind.allows === 'day-of-month' && text === 'l') return kind.max
  const named = kind.names.indexOf(text)
  return named < 0 ? undefined : named + kind.min
}

function parseRange(item: string, kind: FieldKind): number[] | undefined {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(item)
  if (!match) return undefined
  const [, from, to, stepText] = match
  const step = stepText === undefined ? 1 : Number(stepText)
  if (step < 1) return undefined
  if (from === '*') return to === undefined ? stepped(kind.min, kind.max, step) : undefined
  const low = from === 'l' ? undefined : valueOf(from!, kind)
  if (low === undefined) return undefined
  if (to === undefined) {
    if (stepText === undefined) return [kind.allows === 'day-of-week' ? low % 7 : low]
    return stepped(kind.allows === 'day-of-week' ? low % 7 : low, kind.max, step)
  }
  const high = valueOf(to, kind)
  if (high === undefined) return undefined
  if (kind.allows !== 'day-of-week') return ring(low, high, step, kind)
  return low < high ? stepped(low, high, step).map((day) => day % 7) : ring(low % 7, high % 7, step, kind)
}

function stepped(low: number, high: number, step: number): number[] {
  const values: number[] = []
  for (let value = low; value <= high; value += step) values.push(value)
  return values
}

/** A range that may run over the end of its field. `5-5` is once around, as Prefect reads it. */
function ring(low: number, high: number, step: number, kind: FieldKind): number[] {
  if (low < high) return stepped(low, high, step)
  if (low === high) return stepped(kind.min, kind.max, step)
  const rest = (kind.max - low) % step
  // Prefect's cron library loses one value where the step does not meet the end of the field; so do its schedules.
  const skipped = rest === step - 1 ? 0 : step - rest
  return [...stepped(low, kind.max, step), ...stepped(kind.min + skipped, high, step)]
}
