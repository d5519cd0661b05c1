import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { formatIso, parseIso } from '../wire/time.ts'
import {
  generateRunDates,
  nextDates,
  normalizeSchedule,
  scheduleDisplayName,
  scheduledIdempotencyKey,
  validateSchedule,
  type ScheduleInput,
} from './schedules.ts'

const NEW_YORK = 'America/New_York'

function firstDates(input: ScheduleInput, start: string, maxCount: number): string[] {
  const startUs = parseIso(start)!
  return [...nextDates(normalizeSchedule(input, startUs), startUs, { maxCount })].map((us) =>
    formatIso(us).replace(/:00Z$/, '').replace('Z', ''),
  )
}

const cron = (text: string, timezone?: string, day_or?: boolean): ScheduleInput => ({
  cron: text,
  ...(timezone !== undefined && { timezone }),
  ...(day_or !== undefined && { day_or }),
})
const every = (interval: number, anchor_date: string, timezone?: string): ScheduleInput => ({
  interval,
  anchor_date,
  ...(timezone !== undefined && { timezone }),
})
const rrule = (text: string, timezone = 'UTC'): ScheduleInput => ({ rrule: text, timezone })

const NINE_EST = '2026-03-01T09:00:00-05:00'

// Answers of Prefect 3.8.8 to the same schedules.
const vectors: [ScheduleInput, string, string[]][] = [
  [cron('0 9 * * *', NEW_YORK), '2026-03-07T12:00Z', ['2026-03-07T14:00', '2026-03-08T13:00', '2026-03-09T13:00']],
  [cron('30 2 * * *', NEW_YORK), '2026-03-07T12:00Z', ['2026-03-08T06:30', '2026-03-09T06:30', '2026-03-10T06:30']],
  [
    cron('0 * * * *', NEW_YORK),
    '2026-03-08T05:30Z',
    ['2026-03-08T06:00', '2026-03-08T07:00', '2026-03-08T08:00', '2026-03-08T09:00'],
  ],
  [
    cron('0 * * * *', NEW_YORK),
    '2026-11-01T04:30Z',
    ['2026-11-01T05:00', '2026-11-01T07:00', '2026-11-01T08:00', '2026-11-01T09:00'],
  ],
  [cron('30 1 * * *', NEW_YORK), '2026-10-31T12:00Z', ['2026-11-01T05:30', '2026-11-02T06:30', '2026-11-03T06:30']],
  [cron('0 9 * * *'), '2026-03-07T09:00Z', ['2026-03-07T09:00', '2026-03-08T09:00']],
  [cron('* * * * *'), '2026-03-07T09:00:00.5Z', ['2026-03-07T09:01', '2026-03-07T09:02']],
  [cron('* * * * * 30'), '2026-03-07T09:00Z', ['2026-03-07T09:00:30', '2026-03-07T09:01:30']],
  [
    cron('0 0 13 * 5', undefined, true),
    '2026-03-01',
    ['2026-03-06T00:00', '2026-03-13T00:00', '2026-03-20T00:00', '2026-03-27T00:00'],
  ],
  [cron('0 0 13 * 5', undefined, false), '2026-03-01', ['2026-03-13T00:00', '2026-11-13T00:00']],
  [cron('30 2 * * *', 'Europe/Berlin'), '2026-03-28T12:00Z', ['2026-03-29T00:30', '2026-03-30T00:30']],
  [
    cron('15 2 * * *', 'Australia/Lord_Howe'),
    '2026-10-02T12:00Z',
    ['2026-10-02T15:45', '2026-10-03T15:15', '2026-10-04T15:15'],
  ],
  [cron('0 0 L * *'), '2026-01-15', ['2026-01-31T00:00', '2026-02-28T00:00', '2026-03-31T00:00']],
  [cron('0 0 * * L5'), '2026-01-15', ['2026-01-30T00:00', '2026-02-27T00:00', '2026-03-27T00:00']],
  [cron('0 0 * * mon#1,wed#3'), '2026-01-15', ['2026-01-21T00:00', '2026-02-02T00:00', '2026-02-18T00:00']],
  [
    cron('0 0 * * fri-mon'),
    '2026-01-16',
    ['2026-01-16T00:00', '2026-01-17T00:00', '2026-01-18T00:00', '2026-01-19T00:00', '2026-01-23T00:00'],
  ],
  [
    cron('50-10/7 * * * *'),
    '2026-01-15T10:07:31Z',
    ['2026-01-15T10:50', '2026-01-15T10:57', '2026-01-15T11:05', '2026-01-15T11:50'],
  ],
  [
    cron('0 0 28-3/2 * *'),
    '2026-01-16',
    ['2026-01-28T00:00', '2026-01-30T00:00', '2026-02-01T00:00', '2026-02-03T00:00', '2026-02-28T00:00'],
  ],
  [cron('@weekly'), '2026-01-15', ['2026-01-18T00:00', '2026-01-25T00:00']],
  [cron('0 0 29 2 *'), '2026-01-15', ['2028-02-29T00:00', '2032-02-29T00:00']],
  [cron('0 0 1 1 * 0 2028-2030/2'), '2026-01-15', ['2028-01-01T00:00', '2030-01-01T00:00']],
  [cron('0 0 1 * 1,*'), '2026-01-15', ['2026-02-01T00:00', '2026-03-01T00:00']],
  [cron('0 0 30 2 *'), '2026-01-15', []],

  [every(86400, NINE_EST, NEW_YORK), '2026-03-07T12:00Z', ['2026-03-07T14:00', '2026-03-08T13:00', '2026-03-09T13:00']],
  [
    every(604800, NINE_EST, NEW_YORK),
    '2026-10-25T12:00Z',
    ['2026-10-25T14:00', '2026-11-01T15:00', '2026-11-08T15:00'],
  ],
  [every(3600, NINE_EST, NEW_YORK), '2026-03-08T05:30Z', ['2026-03-08T06:00', '2026-03-08T07:00', '2026-03-08T08:00']],
  [
    every(43200, NINE_EST, NEW_YORK),
    '2026-03-07T12:00Z',
    ['2026-03-07T14:00', '2026-03-08T02:00', '2026-03-08T14:00', '2026-03-09T02:00'],
  ],
  [
    every(90000, NINE_EST, NEW_YORK),
    '2026-03-07T12:00Z',
    ['2026-03-07T20:00', '2026-03-08T20:00', '2026-03-09T21:00', '2026-03-10T22:00'],
  ],
  [
    every(60, '2026-03-01T00:00:00.123456Z'),
    '2026-03-01T00:00:30Z',
    ['2026-03-01T00:01:00.123456', '2026-03-01T00:02:00.123456'],
  ],
  [
    every(86400, '2026-03-01T02:30:00-05:00', NEW_YORK),
    '2026-03-06T12:00Z',
    ['2026-03-07T07:30', '2026-03-08T07:30', '2026-03-09T07:30'],
  ],
  [
    every(172799, '2026-10-31T01:30:00-04:00', NEW_YORK),
    '2026-10-31',
    ['2026-10-31T05:30', '2026-11-02T06:29:59', '2026-11-04T06:29:58'],
  ],
  [every(86400, '2027-03-01T00:00:00Z'), '2026-03-07T12:00Z', ['2026-03-08T00:00', '2026-03-09T00:00']],
  [every(0.5, '2026-03-01'), '2026-03-07T12:00:00.2Z', ['2026-03-07T12:00:00.500000', '2026-03-07T12:00:01']],

  [
    rrule('DTSTART:20260301T090000\nRRULE:FREQ=DAILY', NEW_YORK),
    '2026-03-07T12:00Z',
    ['2026-03-07T14:00', '2026-03-08T13:00', '2026-03-09T13:00'],
  ],
  [
    rrule('DTSTART:20260301T090000Z\nRRULE:FREQ=DAILY', NEW_YORK),
    '2026-03-07T12:00Z',
    ['2026-03-07T14:00', '2026-03-08T13:00', '2026-03-09T13:00'],
  ],
  [rrule('FREQ=HOURLY;INTERVAL=5'), '2026-03-07T01:00Z', ['2026-03-07T02:00', '2026-03-07T07:00', '2026-03-07T12:00']],
  [
    rrule('DTSTART:20260301T023000\nRRULE:FREQ=DAILY', NEW_YORK),
    '2026-03-07T12:00Z',
    ['2026-03-08T06:30', '2026-03-09T06:30'],
  ],
  [
    rrule('DTSTART:20260301T003000\nRRULE:FREQ=HOURLY', NEW_YORK),
    '2026-11-01T04:12Z',
    ['2026-11-01T04:30', '2026-11-01T05:30', '2026-11-01T07:30', '2026-11-01T08:30'],
  ],
  [rrule('FREQ=DAILY', NEW_YORK), '2026-03-07T12:00Z', ['2026-03-08T05:00', '2026-03-09T04:00']],
  [rrule('RDATE:20260101T000000,20260201T000000'), '2026-01-01', ['2026-01-01T00:00', '2026-02-01T00:00']],
  [rrule('EXDATE;VALUE=DATE:20260101\nRRULE:FREQ=DAILY'), '2026-01-01', ['2026-01-02T00:00', '2026-01-03T00:00']],
  [
    rrule('DTSTART:20260101T100000\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'),
    '2026-01-15',
    ['2026-01-30T10:00', '2026-02-27T10:00', '2026-03-31T10:00'],
  ],
  [rrule('DTSTART:20200101T000000\nRRULE:FREQ=DAILY;COUNT=3'), '2026-01-15', []],
  [rrule('RRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY'), '2026-01-15', []],
  [
    rrule('DTSTART:20260101T000000\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO'),
    '2026-01-01',
    ['2027-01-04T00:00', '2028-01-03T00:00', '2029-01-01T00:00', '2029-12-31T00:00'],
  ],
]

test('schedules give the dates that Prefect gives', () => {
  for (const [schedule, start, want] of vectors) {
    const text = JSON.stringify(schedule)
    assert.equal(validateSchedule(schedule), undefined, text)
    assert.deepEqual(firstDates(schedule, start, want.length || 2), want, text)
  }
})

test('a bad schedule is refused with the words of the API', () => {
  const badZone = 'Invalid timezone: "Mars/Base" (specify in IANA tzdata format, for example, America/New_York)'
  const cases: [ScheduleInput, string][] = [
    [{ interval: 60, timezone: 'Mars/Base' }, badZone],
    [cron('0 0 * * *', 'Mars/Base'), badZone],
    [{ interval: 0 }, 'interval must be positive'],
    [cron('0 0 * *'), 'Invalid cron string: "0 0 * *"'],
    [cron('R * * * *'), 'Random and Hashed expressions are unsupported, received: "R * * * *"'],
    [rrule('FREQ=FOO'), 'Invalid RRule string "FREQ=FOO": invalid \'FREQ\': FOO'],
    [rrule(''), 'Invalid RRule string "": empty string'],
    [rrule('FREQ=DAILY;FOO=1'), 'Invalid RRule string "FREQ=DAILY;FOO=1": unknown parameter \'FOO\''],
    [rrule('FREQ=DAILY;BYHOUR=25'), 'Invalid RRule string "FREQ=DAILY;BYHOUR=25": hour must be in 0..23'],
    [rrule('FREQ=DAILY;INTERVAL=0'), 'Invalid RRule string "FREQ=DAILY;INTERVAL=0": invalid \'INTERVAL\': 0'],
    [rrule('X'.repeat(6501)), `Invalid RRule string "${'X'.repeat(40)}..."\nMax length is 6500, got 6501`],
  ]
  for (const [schedule, want] of cases) assert.equal(validateSchedule(schedule), want)
})

test('cron expressions that Prefect does not take are refused', () => {
  const texts = [
    '@reboot',
    '0 0 L-2 * *',
    '0 0 * * 5L',
    '0 0 * * L',
    '0 0 * * mon#1,wed',
    '0 0 * * 5#6',
    '? * * * *',
    '0 0 1W * *',
    '60 * * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 1 13 *',
    '0 0 1 * 8',
    '* * * * * 60',
    '0 0 1, * *',
    '1.5 * * * *',
    '-1 * * * *',
    '*/0 * * * *',
    '0 0 * * sunday',
    '1-5-7 * * * *',
    '** * * * *',
    '*-5 * * * *',
    '0 0 L2 * *',
    '0 0 * * 1-5,L5',
    '0 0 1 ? *',
    '5-61 * * * *',
    'H * * * *',
    '* * * * * * * *',
    '0 0 1 1 * 0 2100',
  ]
  for (const text of texts) assert.equal(validateSchedule(cron(text)), `Invalid cron string: "${text}"`)
})

test('an rrule is stored with a start that keeps its dates', () => {
  const nowUs = parseIso('2026-11-20T11:24:30Z')!
  const cases: [string, string | null, string][] = [
    ['FREQ=DAILY', 'UTC', 'DTSTART:20200101T000000\nFREQ=DAILY'],
    ['RRULE:FREQ=MINUTELY;INTERVAL=7', 'UTC', 'DTSTART:20261120T112300\nRRULE:FREQ=MINUTELY;INTERVAL=7'],
    ['FREQ=SECONDLY', NEW_YORK, 'DTSTART:20261120T062430\nFREQ=SECONDLY'],
    ['FREQ=MINUTELY;COUNT=5', null, 'DTSTART:20200101T000000\nFREQ=MINUTELY;COUNT=5'],
    ['dtstart:20260301T090000 RRULE:FREQ=DAILY', 'UTC', 'dtstart:20260301T090000 RRULE:FREQ=DAILY'],
  ]
  for (const [text, timezone, want] of cases) {
    const stored = normalizeSchedule({ rrule: text, timezone }, nowUs)
    assert.ok('rrule' in stored)
    assert.equal(stored.rrule, want)
    const dates = (schedule: ScheduleInput) => firstDates(schedule, '2026-11-20T11:24:30Z', 5)
    assert.deepEqual(
      dates(stored),
      [...nextDates({ rrule: text, timezone }, nowUs, { maxCount: 5 })].map((us) =>
        formatIso(us).replace(/:00Z$/, '').replace('Z', ''),
      ),
    )
  }
})

test('the stored form fills in the defaults', () => {
  const nowUs = parseIso('2026-11-20T11:24:00.422099Z')!
  assert.deepEqual(normalizeSchedule({ interval: 60 }, nowUs), {
    interval: 60,
    anchor_date: '2026-11-20T11:24:00.422099Z',
    timezone: 'UTC',
  })
  for (const [given, want] of [
    ['2026-03-01T09:00:00-05:00', '2026-03-01T09:00:00-05:00'],
    ['2026-03-01T09:00:00.5+0530', '2026-03-01T09:00:00.500000+05:30'],
    ['2026-03-01', '2026-03-01T00:00:00Z'],
    ['2026-03-01 09:00:00+00:00', '2026-03-01T09:00:00Z'],
  ] as const) {
    assert.deepEqual(normalizeSchedule(every(60, given), nowUs), { interval: 60, anchor_date: want, timezone: 'UTC' })
  }
  assert.deepEqual(normalizeSchedule({ cron: '@daily' }, nowUs), { cron: '@daily', timezone: null, day_or: true })
})

test('runs are generated for at least three dates and one hour', () => {
  const nowUs = parseIso('2026-03-07T09:00:00Z')!
  const count = (schedule: ScheduleInput) => generateRunDates(normalizeSchedule(schedule, nowUs), nowUs).length
  assert.equal(count(cron('* * * * *')), 61)
  assert.equal(count(cron('* * * * * *')), 100)
  assert.equal(count(cron('0 0 * * *')), 3)
  assert.equal(count(cron('0 0 1 */6 *')), 0)
  assert.equal(count(cron('0 0 1 * *')), 3)
})

test('the idempotency key of a scheduled run prints its date in the zone of the schedule', () => {
  const us = parseIso('2026-11-20T09:42:48.420569Z')!
  assert.equal(scheduledIdempotencyKey('d', 's', us, 'UTC'), 'scheduled d s 2026-11-20 09:42:48.420569+00:00')
  assert.equal(scheduledIdempotencyKey('d', 's', us, null), 'scheduled d s 2026-11-20 09:42:48.420569+00:00')
  assert.equal(
    scheduledIdempotencyKey('d', 's', parseIso('2026-11-20T09:42:48Z')!, NEW_YORK),
    'scheduled d s 2026-11-20 04:42:48-05:00',
  )
  assert.equal(
    scheduledIdempotencyKey('d', 's', parseIso('2026-11-20T09:42:48Z')!, 'Asia/Kolkata'),
    'scheduled d s 2026-11-20 15:12:48+05:30',
  )
})

test('a schedule is named after its kind', () => {
  assert.equal(scheduleDisplayName({ cron: '@daily' }), 'CronSchedule')
  assert.equal(scheduleDisplayName({ rrule: 'FREQ=DAILY' }), 'RRuleSchedule')
  assert.equal(scheduleDisplayName({ interval: 1, anchor_date: '2026-01-01' }), 'IntervalSchedule')
})

test('dates rise strictly, are not before the start, and asking again from a date gives the same rest', () => {
  const zone = fc.constantFrom('UTC', NEW_YORK, 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia')
  const field = (low: number, high: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: low, max: high }).map(String),
      fc.integer({ min: 1, max: 9 }).map((n) => `*/${n}`),
    )
  const schedule = fc.oneof(
    fc
      .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6), zone)
      .map(([a, b, c, d, e, timezone]) => cron(`${a} ${b} ${c} ${d} ${e}`, timezone)),
    fc
      .tuple(fc.constantFrom(60, 3600, 86_400, 90_000, 604_800), zone)
      .map(([interval, timezone]) => every(interval, '2026-03-01T02:30:00-05:00', timezone)),
    fc
      .tuple(
        fc.constantFrom('YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY'),
        fc.integer({ min: 1, max: 9 }),
        zone,
      )
      .map(([frequency, interval, timezone]) =>
        rrule(`DTSTART:20260101T023000\nRRULE:FREQ=${frequency};INTERVAL=${interval}`, timezone),
      ),
  )
  const start = fc.integer({ min: 1_770_000_000, max: 1_810_000_000 }).map((seconds) => seconds * 1_000_000)
  fc.assert(
    fc.property(schedule, start, (input, startUs) => {
      const stored = normalizeSchedule(input, startUs)
      const dates = [...nextDates(stored, startUs, { maxCount: 20 })]
      for (const [index, us] of dates.entries()) assert.ok(us >= (index === 0 ? startUs : dates[index - 1]! + 1))
      if (!('interval' in stored) && dates.length > 5) {
        assert.deepEqual([...nextDates(stored, dates[5]!, { maxCount: 5 })], dates.slice(5, 10))
      }
    }),
    { numRuns: 300 },
  )
})

test('a rule that never meets a date ends soon', () => {
  const started = process.cpuUsage().user / 1_000
  for (const text of [
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=MINUTELY;BYHOUR=1;BYMONTHDAY=31;BYMONTH=4',
    'FREQ=DAILY;BYSETPOS=2',
    'FREQ=SECONDLY;INTERVAL=60;BYSECOND=1',
  ]) {
    assert.deepEqual([...nextDates({ rrule: text, timezone: 'UTC' }, parseIso('2026-01-01')!)], [], text)
  }
  assert.ok(process.cpuUsage().user / 1_000 - started < 2000)
})
