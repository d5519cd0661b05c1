import { cronFault, intervalFault, rruleFault, scheduledRunsFault, timezoneFault, withUtc } from './field-checks.ts'
import {
  anyOf,
  boolean,
  dateTime,
  duration,
  emptyObject,
  float,
  integer,
  jsonObject,
  list,
  mayBeAbsent,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

export const CronSchedule = strictModel('CronSchedule', {
  cron: text({ check: cronFault }),
  timezone: optional(text()),
  day_or: boolean({ default: true }),
}, { check: timezoneFault, label: 'function-after[validate_timezone(), CronSchedule]' })
export type CronSchedule = Static<typeof CronSchedule>

export const IntervalScheduleOutput = strictModel('IntervalSchedule-Output', {
  interval: float(),
  anchor_date: mayBeAbsent(dateTime()),
  timezone: optional(text()),
})
export type IntervalScheduleOutput = Static<typeof IntervalScheduleOutput>

export const RRuleSchedule = strictModel('RRuleSchedule', {
  rrule: text({ check: rruleFault }),
  timezone: nullable(text(), { default: 'UTC' }),
}, { check: timezoneFault })
export type RRuleSchedule = Static<typeof RRuleSchedule>

export const DeploymentSchedule = model('DeploymentSchedule', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  deployment_id: optional(uuid()),
  schedule: anyOf([IntervalScheduleOutput, CronSchedule, RRuleSchedule]),
  active: boolean({ default: true }),
  max_scheduled_runs: optional(integer({ exclusiveMinimum: 0 })),
  parameters: jsonObject({ makeDefault: emptyObject }),
  slug: optional(text()),
})
export type DeploymentSchedule = Static<typeof DeploymentSchedule>

export const IntervalScheduleInput = strictModel('IntervalSchedule-Input', {
  interval: duration({ check: intervalFault }),
  anchor_date: mayBeAbsent(dateTime({ keepsOffset: true })),
  timezone: optional(text()),
}, { check: timezoneFault, after: withUtc, label: 'function-after[validate_timezone(), IntervalSchedule]' })
export type IntervalScheduleInput = Static<typeof IntervalScheduleInput>

export const DeploymentScheduleCreate = strictModel('DeploymentScheduleCreate', {
  active: boolean({ default: true }),
  schedule: anyOf([IntervalScheduleInput, CronSchedule, RRuleSchedule]),
  max_scheduled_runs: optional(integer({ exclusiveMinimum: 0 }), { check: scheduledRunsFault }),
  parameters: jsonObject({ makeDefault: emptyObject }),
  slug: optional(text()),
  replaces: optional(text()),
})
export type DeploymentScheduleCreate = Static<typeof DeploymentScheduleCreate>

export const DeploymentScheduleUpdate = strictModel('DeploymentScheduleUpdate', {
  active: optional(boolean()),
  schedule: optional(anyOf([IntervalScheduleInput, CronSchedule, RRuleSchedule])),
  max_scheduled_runs: optional(integer({ exclusiveMinimum: 0 }), { check: scheduledRunsFault }),
  parameters: jsonObject({ makeDefault: emptyObject }),
  slug: optional(text()),
  replaces: optional(text()),
})
export type DeploymentScheduleUpdate = Static<typeof DeploymentScheduleUpdate>

/** Schedules to add to a deployment. */
export const DeploymentScheduleBatch = list(DeploymentScheduleCreate)
