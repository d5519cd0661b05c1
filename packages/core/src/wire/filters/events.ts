import { ResourceSpecification } from '../resources.ts'
import {
  absentIsEmpty,
  anyOf,
  boolean,
  dateTime,
  enumOf,
  list,
  mayBeAbsent,
  optional,
  strictModel,
  text,
  tuple,
  uuid,
  withOptions,
} from '../schema.ts'
import type { Static } from '../schema.ts'

export const EventAnyResourceFilter = strictModel('EventAnyResourceFilter', {
  id: optional(list(text())),
  id_prefix: optional(list(text())),
  labels: optional(ResourceSpecification),
})
export type EventAnyResourceFilter = Static<typeof EventAnyResourceFilter>

export const EventIDFilter = strictModel('EventIDFilter', {
  id: optional(list(uuid())),
})
export type EventIDFilter = Static<typeof EventIDFilter>

export const EventNameFilter = strictModel('EventNameFilter', {
  prefix: optional(list(text())),
  exclude_prefix: optional(list(text())),
  name: optional(list(text())),
  exclude_name: optional(list(text())),
})
export type EventNameFilter = Static<typeof EventNameFilter>

export const EventOccurredFilter = strictModel('EventOccurredFilter', {
  since: mayBeAbsent(dateTime()),
  until: mayBeAbsent(dateTime()),
})
export type EventOccurredFilter = Static<typeof EventOccurredFilter>

export const EventOrder = enumOf('EventOrder', ['ASC', 'DESC'])
export type EventOrder = Static<typeof EventOrder>

export const EventRelatedFilter = strictModel('EventRelatedFilter', {
  id: optional(list(text())),
  role: optional(list(text())),
  resources_in_roles: optional(list(tuple<[string, string]>([text(), text()]))),
  labels: optional(ResourceSpecification),
})
export type EventRelatedFilter = Static<typeof EventRelatedFilter>

export const EventResourceFilter = strictModel('EventResourceFilter', {
  id: optional(list(text())),
  id_prefix: optional(list(text())),
  labels: optional(ResourceSpecification),
  distinct: boolean({ default: false }),
})
export type EventResourceFilter = Static<typeof EventResourceFilter>

export const EventTextFilter = strictModel('EventTextFilter', {
  query: text({ maxLength: 200 }),
})
export type EventTextFilter = Static<typeof EventTextFilter>

export const EventFilter = strictModel('EventFilter', {
  occurred: absentIsEmpty(EventOccurredFilter),
  event: optional(EventNameFilter),
  resource: optional(EventResourceFilter),
  related: optional(anyOf([EventRelatedFilter, list(EventRelatedFilter)])),
  any_resource: optional(anyOf([EventAnyResourceFilter, list(EventAnyResourceFilter)])),
  id: absentIsEmpty(EventIDFilter),
  text: optional(EventTextFilter),
  order: withOptions(EventOrder, { default: 'DESC' }),
})
export type EventFilter = Static<typeof EventFilter>
