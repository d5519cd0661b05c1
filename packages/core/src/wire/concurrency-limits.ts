import { Name } from './common.ts'
import {
  absentIsNull,
  bodyParameters,
  boolean,
  dateTime,
  emptyList,
  enumOf,
  float,
  integer,
  list,
  literal,
  model,
  nullable,
  optional,
  strictModel,
  text,
  uuid,
} from './schema.ts'
import type { Static } from './schema.ts'

export const ConcurrencyLeaseHolder = strictModel('ConcurrencyLeaseHolder', {
  type: literal(['flow_run', 'task_run', 'deployment']),
  id: uuid(),
})
export type ConcurrencyLeaseHolder = Static<typeof ConcurrencyLeaseHolder>

export const ConcurrencyLimit = model('ConcurrencyLimit', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  tag: text(),
  concurrency_limit: integer(),
  active_slots: list(uuid(), { makeDefault: emptyList }),
})
export type ConcurrencyLimit = Static<typeof ConcurrencyLimit>

export const ConcurrencyLimitCreate = strictModel('ConcurrencyLimitCreate', {
  tag: text(),
  concurrency_limit: integer(),
})
export type ConcurrencyLimitCreate = Static<typeof ConcurrencyLimitCreate>

export const ConcurrencyLimitStrategy = enumOf('ConcurrencyLimitStrategy', ['ENQUEUE', 'CANCEL_NEW'])
export type ConcurrencyLimitStrategy = Static<typeof ConcurrencyLimitStrategy>

export const ConcurrencyLimitV2 = model('ConcurrencyLimitV2', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  active: boolean({ default: true }),
  name: Name,
  limit: integer(),
  active_slots: integer({ default: 0 }),
  denied_slots: integer({ default: 0 }),
  slot_decay_per_second: float({ default: 0 }),
  avg_slot_occupancy_seconds: float({ default: 2 }),
})
export type ConcurrencyLimitV2 = Static<typeof ConcurrencyLimitV2>

export const ConcurrencyLimitV2Create = strictModel('ConcurrencyLimitV2Create', {
  active: boolean({ default: true }),
  name: Name,
  limit: integer({ minimum: 0 }),
  active_slots: integer({ minimum: 0, default: 0 }),
  denied_slots: integer({ minimum: 0, default: 0 }),
  slot_decay_per_second: float({ minimum: 0, default: 0 }),
})
export type ConcurrencyLimitV2Create = Static<typeof ConcurrencyLimitV2Create>

export const ConcurrencyLimitV2Update = strictModel('ConcurrencyLimitV2Update', {
  active: optional(boolean()),
  name: optional(Name),
  limit: optional(integer({ minimum: 0 })),
  active_slots: optional(integer({ minimum: 0 })),
  denied_slots: optional(integer({ minimum: 0 })),
  slot_decay_per_second: optional(float({ minimum: 0 })),
})
export type ConcurrencyLimitV2Update = Static<typeof ConcurrencyLimitV2Update>

export const MinimalConcurrencyLimitResponse = model('MinimalConcurrencyLimitResponse', {
  id: uuid(),
  name: text(),
  limit: integer(),
})
export type MinimalConcurrencyLimitResponse = Static<typeof MinimalConcurrencyLimitResponse>

export const ConcurrencyLimitWithLeaseResponse = model('ConcurrencyLimitWithLeaseResponse', {
  lease_id: uuid(),
  limits: list(MinimalConcurrencyLimitResponse),
})
export type ConcurrencyLimitWithLeaseResponse = Static<typeof ConcurrencyLimitWithLeaseResponse>

export const ConcurrencyOptions = model('ConcurrencyOptions', {
  collision_strategy: ConcurrencyLimitStrategy,
  grace_period_seconds: optional(integer({ maximum: 86400, minimum: 60 })),
})
export type ConcurrencyOptions = Static<typeof ConcurrencyOptions>

export const GlobalConcurrencyLimitResponse = model('GlobalConcurrencyLimitResponse', {
  id: uuid(),
  created: nullable(dateTime()),
  updated: nullable(dateTime()),
  active: boolean({ default: true }),
  name: text(),
  limit: integer(),
  active_slots: integer(),
  slot_decay_per_second: float({ default: 2 }),
})
export type GlobalConcurrencyLimitResponse = Static<typeof GlobalConcurrencyLimitResponse>

export const QueueFilter = model('QueueFilter', {
  tags: optional(list(text())),
  deployment_ids: optional(list(uuid())),
})
export type QueueFilter = Static<typeof QueueFilter>

export const BulkDecrementActiveSlotsBody = bodyParameters(
  'Body_bulk_decrement_active_slots_v2_concurrency_limits_decrement_post',
  {
    slots: integer({ exclusiveMinimum: 0 }),
    names: list(text()),
    occupancy_seconds: optional(float({ exclusiveMinimum: 0 })),
    create_if_missing: absentIsNull(boolean({ deprecated: true })),
  },
)
export type BulkDecrementActiveSlotsBody = Static<typeof BulkDecrementActiveSlotsBody>

export const BulkDecrementActiveSlotsWithLeaseBody = bodyParameters(
  'Body_bulk_decrement_active_slots_with_lease_v2_concurrency_limits_decrement_with_lease_post',
  {
    lease_id: uuid(),
  },
)
export type BulkDecrementActiveSlotsWithLeaseBody = Static<typeof BulkDecrementActiveSlotsWithLeaseBody>

export const BulkIncrementActiveSlotsBody = bodyParameters(
  'Body_bulk_increment_active_slots_v2_concurrency_limits_increment_post',
  {
    slots: integer({ exclusiveMinimum: 0 }),
    names: list(text()),
    mode: literal(['concurrency', 'rate_limit'], { default: 'concurrency' }),
    create_if_missing: optional(boolean(), { deprecated: true }),
  },
)
export type BulkIncrementActiveSlotsBody = Static<typeof BulkIncrementActiveSlotsBody>

export const BulkIncrementActiveSlotsWithLeaseBody = bodyParameters(
  'Body_bulk_increment_active_slots_with_lease_v2_concurrency_limits_increment_with_lease_post',
  {
    slots: integer({ exclusiveMinimum: 0 }),
    names: list(text()),
    mode: literal(['concurrency', 'rate_limit'], { default: 'concurrency' }),
    lease_duration: float({ maximum: 86400, minimum: 60, default: 300 }),
    holder: optional(ConcurrencyLeaseHolder),
  },
)
export type BulkIncrementActiveSlotsWithLeaseBody = Static<typeof BulkIncrementActiveSlotsWithLeaseBody>

export const DecrementConcurrencyLimitsV1Body = bodyParameters(
  'Body_decrement_concurrency_limits_v1_concurrency_limits_decrement_post',
  {
    names: list(text()),
    task_run_id: uuid(),
  },
)
export type DecrementConcurrencyLimitsV1Body = Static<typeof DecrementConcurrencyLimitsV1Body>

export const IncrementConcurrencyLimitsV1Body = bodyParameters(
  'Body_increment_concurrency_limits_v1_concurrency_limits_increment_post',
  {
    names: list(text()),
    task_run_id: uuid(),
  },
)
export type IncrementConcurrencyLimitsV1Body = Static<typeof IncrementConcurrencyLimitsV1Body>

export const ReadAllConcurrencyLimitsV2Body = bodyParameters(
  'Body_read_all_concurrency_limits_v2_v2_concurrency_limits_filter_post',
  {
    limit: absentIsNull(integer()),
    offset: integer({ minimum: 0, default: 0 }),
  },
)
export type ReadAllConcurrencyLimitsV2Body = Static<typeof ReadAllConcurrencyLimitsV2Body>

export const ReadConcurrencyLimitsBody = bodyParameters('Body_read_concurrency_limits_concurrency_limits_filter_post', {
  limit: absentIsNull(integer()),
  offset: integer({ minimum: 0, default: 0 }),
})
export type ReadConcurrencyLimitsBody = Static<typeof ReadConcurrencyLimitsBody>

export const RenewConcurrencyLeaseBody = bodyParameters(
  'Body_renew_concurrency_lease_v2_concurrency_limits_leases__lease_id__renew_post',
  {
    lease_duration: float({ maximum: 86400, minimum: 60, default: 300 }),
  },
)
export type RenewConcurrencyLeaseBody = Static<typeof RenewConcurrencyLeaseBody>

export const ResetConcurrencyLimitByTagBody = bodyParameters(
  'Body_reset_concurrency_limit_by_tag_concurrency_limits_tag__tag__reset_post',
  {
    slot_override: optional(list(uuid())),
  },
)
export type ResetConcurrencyLimitByTagBody = Static<typeof ResetConcurrencyLimitByTagBody>
