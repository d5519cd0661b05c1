import type { EventFilterFields } from '@spillway/core/domain/event-filter'
import { parseIso } from '@spillway/core/wire/time'
import { allOf, anyOf, around, condition, isIn, not, type Condition } from './condition.ts'

export interface EventCondition {
  where: Condition
  /** False when rows that pass must still be looked at by the filter itself: labels, texts and the like are not in SQL. */
  exact: boolean
}

const day = 86_400_000_000
const defaultPastDays = 180

function given<T>(items: readonly T[] | null | undefined): readonly T[] | undefined {
  return items && items.length > 0 ? items : undefined
}

/** The time range of a filter in µs, both ends inclusive. Without `since`: 180 days back from the start of today. */
export function occurredRange(filter: EventFilterFields, nowUs: number): { sinceUs: number; untilUs: number } {
  const since = filter.occurred?.since
  const until = filter.occurred?.until
  return {
    sinceUs: (since ? parseIso(since) : undefined) ?? nowUs - (nowUs % day) - defaultPastDays * day,
    untilUs: (until ? parseIso(until) : undefined) ?? nowUs,
  }
}

/** The part of an event filter that a row of the table `event` answers by itself: no time, no related resources. */
export function eventRowCondition(filter: EventFilterFields): EventCondition {
  const conditions: Condition[] = []
  let exact = true
  const { event, resource } = filter
  const prefixes = given(event?.prefix)
  if (prefixes) conditions.push(anyOf(prefixes.map((prefix) => startsWith('event.event', prefix))))
  for (const prefix of given(event?.exclude_prefix) ?? []) conditions.push(not(startsWith('event.event', prefix)))
  const names = given(event?.name)
  if (names) conditions.push(isIn('event.event', names))
  const excluded = given(event?.exclude_name)
  if (excluded) conditions.push(not(isIn('event.event', excluded)))

  const ids = given(filter.id?.id)
  if (ids) conditions.push(isIn('event.id', ids))

  const resourceIds = given(resource?.id)
  if (resourceIds) conditions.push(isIn('event.resource_id', resourceIds))
  if (given(resource?.id_prefix)) conditions.push(anyOf(resource!.id_prefix!.map((prefix) => startsWith('event.resource_id', prefix))))
  if ((resource?.labels && Object.keys(resource.labels).length > 0) || resource?.distinct) exact = false
  return { where: allOf(conditions), exact }
}

/** The part of an event filter that SQL answers, on the table `event`. */
export function eventCondition(
  filter: EventFilterFields,
  range: { sinceUs: number; untilUs: number },
): EventCondition {
  const row = eventRowCondition(filter)
  const conditions: Condition[] = [condition('event.occurred between ? and ?', range.sinceUs, range.untilUs), row.where]
  let { exact } = row

  for (const related of listed(filter.related)) {
    const inner: Condition[] = [condition(`er.role <> ''`)]
    if (given(related.id)) inner.push(isIn('er.resource_id', related.id!))
    if (given(related.role)) inner.push(isIn('er.role', related.role!))
    if (given(related.resources_in_roles)) {
      inner.push(anyOf(related.resources_in_roles!.map(([id, role]) => condition('(er.resource_id = ? and er.role = ?)', id, role))))
    }
    if (inner.length > 1) conditions.push(someResource(inner))
    if (related.labels && Object.keys(related.labels).length > 0) exact = false
  }
  for (const any of listed(filter.any_resource)) {
    const inner: Condition[] = []
    if (given(any.id)) inner.push(isIn('er.resource_id', any.id!))
    if (given(any.id_prefix)) inner.push(anyOf(any.id_prefix!.map((prefix) => startsWith('er.resource_id', prefix))))
    if (inner.length > 0) conditions.push(someResource(inner))
    if (any.labels && Object.keys(any.labels).length > 0) exact = false
  }
  if (filter.text?.query.trim()) exact = false
  return { where: allOf(conditions), exact }
}

function listed<T>(value: T | readonly T[] | null | undefined): readonly T[] {
  return Array.isArray(value) ? value : value ? [value as T] : []
}

function someResource(inner: readonly Condition[]): Condition {
  return around('event.seq in (select er.event_seq from event_resource er where ', allOf(inner), ')')
}

/** A prefix as a range, which an index can answer. */
function startsWith(column: string, prefix: string): Condition {
  return condition(`(${column} >= ? and ${column} < ?)`, prefix, `${prefix}\u{10FFFF}`)
}
