import { eventNameFault, relatedFault } from './event-checks.ts'
import { EventFilter } from './filters/events.ts'
import { RelatedResource, Resource } from './resources.ts'
import {
  bodyParameters,
  dateTime,
  emptyList,
  emptyObject,
  enumOf,
  float,
  integer,
  jsonObject,
  list,
  mayBeAbsent,
  model,
  nullable,
  optional,
  text,
  uuid,
  withOptions,
} from './schema.ts'
import type { Static } from './schema.ts'

export const TimeUnit = enumOf('TimeUnit', ['week', 'day', 'hour', 'minute', 'second'])
export type TimeUnit = Static<typeof TimeUnit>

export const Countable = enumOf('Countable', ['day', 'time', 'event', 'resource'])
export type Countable = Static<typeof Countable>

export const Event = model('Event', {
  occurred: dateTime(),
  event: text({ check: eventNameFault }),
  resource: Resource,
  related: list(RelatedResource, { makeDefault: emptyList, check: relatedFault }),
  payload: jsonObject({ makeDefault: emptyObject }),
  id: uuid(),
  follows: optional(uuid()),
})
export type Event = Static<typeof Event>

export const EventCount = model('EventCount', {
  value: text(),
  label: text(),
  count: integer(),
  start_time: dateTime(),
  end_time: dateTime(),
})
export type EventCount = Static<typeof EventCount>

export const ReceivedEvent = model('ReceivedEvent', {
  occurred: dateTime(),
  event: text({ check: eventNameFault }),
  resource: Resource,
  related: list(RelatedResource, { makeDefault: emptyList, check: relatedFault }),
  payload: jsonObject({ makeDefault: emptyObject }),
  id: uuid(),
  follows: optional(uuid()),
  received: mayBeAbsent(dateTime()),
})
export type ReceivedEvent = Static<typeof ReceivedEvent>

export const EventPage = model('EventPage', {
  events: list(ReceivedEvent),
  total: integer(),
  next_page: nullable(text({ minLength: 1, format: 'uri' })),
})
export type EventPage = Static<typeof EventPage>

export const CountAccountEventsBody = bodyParameters('Body_count_account_events_events_count_by__countable__post', {
  filter: EventFilter,
  time_unit: withOptions(TimeUnit, { default: 'day' }),
  time_interval: float({ minimum: 0.01, default: 1 }),
})
export type CountAccountEventsBody = Static<typeof CountAccountEventsBody>

export const ReadEventsBody = bodyParameters('Body_read_events_events_filter_post', {
  filter: optional(EventFilter),
  limit: integer({ maximum: 50, minimum: 0, default: 50 }),
})
export type ReadEventsBody = Static<typeof ReadEventsBody>

/** A batch of events. */
export const EventBatch = list(Event)

export * from './filters/events.ts'
