import { parseIso } from '../wire/time.ts'
import { compileLabelSpec, literalPrefix, type LabelSpec, type Labels } from './labels.ts'
import { compileTextQuery } from './text-search.ts'

/** What a filter looks at in an event. */
export interface FilterableEvent {
  id: string
  /** ISO text */
  occurred: string
  event: string
  resource: Labels
  related: readonly Labels[]
  payload: unknown
}

type Nullable<T> = T | null | undefined

/** The members of an event filter. `order` and `resource.distinct` belong to queries: one event's test ignores them. */
export interface EventFilterFields {
  occurred?: Nullable<{ since?: Nullable<string>; until?: Nullable<string> }>
  event?: Nullable<{
    prefix?: Nullable<readonly string[]>
    exclude_prefix?: Nullable<readonly string[]>
    name?: Nullable<readonly string[]>
    exclude_name?: Nullable<readonly string[]>
  }>
  resource?: Nullable<ResourceFilterFields>
  related?: Nullable<RelatedFilterFields | readonly RelatedFilterFields[]>
  any_resource?: Nullable<ResourceFilterFields | readonly ResourceFilterFields[]>
  id?: Nullable<{ id?: Nullable<readonly string[]> }>
  text?: Nullable<{ query: string }>
  order?: Nullable<'ASC' | 'DESC'>
}

export interface ResourceFilterFields {
  distinct?: Nullable<boolean>
  id?: Nullable<readonly string[]>
  id_prefix?: Nullable<readonly string[]>
  labels?: Nullable<LabelSpec>
}

export interface RelatedFilterFields {
  id?: Nullable<readonly string[]>
  role?: Nullable<readonly string[]>
  resources_in_roles?: Nullable<readonly (readonly [id: string, role: string])[]>
  labels?: Nullable<LabelSpec>
}

const ID = 'prefect.resource.id'
const ROLE = 'prefect.resource.role'

type Test<T> = (value: T) => boolean

/** Joins tests with AND; none at all is true. */
function every<T>(tests: readonly (Test<T> | undefined)[]): Test<T> {
  const given = tests.filter((test) => test !== undefined)
  if (given.length === 0) return () => true
  if (given.length === 1) return given[0]!
  return (value) => given.every((test) => test(value))
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T]
}

/** An absent or empty list asks for nothing. */
function oneOf(values: Nullable<readonly string[]>): Test<string> | undefined {
  if (!values || values.length === 0) return undefined
  const set = new Set(values)
  return (value) => set.has(value)
}

function startsWithOne(prefixes: Nullable<readonly string[]>): Test<string> | undefined {
  if (!prefixes || prefixes.length === 0) return undefined
  return (value) => prefixes.some((prefix) => value.startsWith(prefix))
}

function on<T, U>(pick: (value: T) => U, test: Test<U> | undefined): Test<T> | undefined {
  return test && ((value) => test(pick(value)))
}

function not<T>(test: Test<T> | undefined): Test<T> | undefined {
  return test && ((value) => !test(value))
}

function resourceTest(filter: ResourceFilterFields): Test<Labels> {
  const id = (labels: Labels) => labels[ID] ?? ''
  return every([
    on(id, oneOf(filter.id)),
    on(id, startsWithOne(filter.id_prefix)),
    filter.labels ? compileLabelSpec(filter.labels) : undefined,
  ])
}

function relatedTest(filter: RelatedFilterFields): Test<Labels> {
  const pairs = filter.resources_in_roles ?? []
  return every([
    on((labels: Labels) => labels[ID] ?? '', oneOf(filter.id)),
    on((labels: Labels) => labels[ROLE] ?? '', oneOf(filter.role)),
    pairs.length > 0
      ? (labels: Labels) => pairs.some(([id, role]) => labels[ID] === id && labels[ROLE] === role)
      : undefined,
    filter.labels ? compileLabelSpec(filter.labels) : undefined,
  ])
}

function hasConditions(filter: ResourceFilterFields & RelatedFilterFields): boolean {
  return (
    [filter.id, filter.id_prefix, filter.role, filter.resources_in_roles].some((list) => (list?.length ?? 0) > 0) ||
    Object.keys(filter.labels ?? {}).length > 0
  )
}

/**
 * Builds the test of an event filter: all members must hold. Empty lists ask for nothing. One `related` object must
 * hold for one and the same related resource; of a list of objects each must hold for some resource.
 *
 * A filter without `occurred.since` or `until` has no limit there: whoever knows the clock fills in the defaults.
 */
export function compileEventFilter(filter: EventFilterFields): (event: FilterableEvent) => boolean {
  const { occurred, event, resource, text } = filter
  const sinceUs = occurred?.since ? parseIso(occurred.since) : undefined
  const untilUs = occurred?.until ? parseIso(occurred.until) : undefined
  const related = asList(filter.related ?? [])
    .filter(hasConditions)
    .map(relatedTest)
  const anyResource = asList(filter.any_resource ?? [])
    .filter(hasConditions)
    .map(resourceTest)
  const textTest = text && text.query.trim() !== '' ? compileTextQuery(text.query) : undefined
  const ids = filter.id?.id?.map((id) => id.toLowerCase())
  return every<FilterableEvent>([
    // Names decide most often and cost least, so they come first.
    on(
      (one: FilterableEvent) => one.event,
      every([
        oneOf(event?.name),
        startsWithOne(event?.prefix),
        not(oneOf(event?.exclude_name)),
        not(startsWithOne(event?.exclude_prefix)),
      ]),
    ),
    resource && hasConditions(resource)
      ? on((one: FilterableEvent) => one.resource, resourceTest(resource))
      : undefined,
    on((one: FilterableEvent) => one.id, oneOf(ids)),
    sinceUs === undefined && untilUs === undefined
      ? undefined
      : ({ occurred: at }) => isWithin(parseIso(at), sinceUs, untilUs),
    ...anyResource.map(
      (test): Test<FilterableEvent> =>
        (one) =>
          test(one.resource) || one.related.some(test),
    ),
    ...related.map(
      (test): Test<FilterableEvent> =>
        (one) =>
          one.related.some(test),
    ),
    on(eventSearchText, textTest),
  ])
}

function isWithin(us: number | undefined, sinceUs: number | undefined, untilUs: number | undefined): boolean {
  return us !== undefined && (sinceUs === undefined || us >= sinceUs) && (untilUs === undefined || us <= untilUs)
}

/** The text of an event that text queries search: its name, the label values of its resources, and its payload. */
export function eventSearchText(event: FilterableEvent): string {
  const parts = [event.event, ...Object.values(event.resource)]
  for (const labels of event.related) parts.push(...Object.values(labels))
  parts.push(JSON.stringify(event.payload ?? {}))
  return parts.join(' ')
}

/** Texts of which an event must have one, or begin with one. */
export interface KeySet {
  exact: readonly string[]
  prefixes: readonly string[]
}

/** What a filter demands for certain, for finding the filters that an event may match; `undefined` is no demand. */
export interface EventFilterKeys {
  /** of the event's name */
  names: KeySet | undefined
  /** of the id of the primary resource */
  resources: KeySet | undefined
  /** of the id of at least one resource, primary or related */
  anyResources: KeySet | undefined
}

/**
 * The keys by which a filter can be indexed. An event that fails a key fails the filter; one that passes still has to
 * be tested with the compiled filter.
 */
export function eventFilterKeys(filter: EventFilterFields): EventFilterKeys {
  const { event, resource } = filter
  const anyResources = [...asList(filter.any_resource ?? []), ...asList(filter.related ?? [])]
    .map((one) => resourceKeys(one as ResourceFilterFields & RelatedFilterFields))
    .find((keys) => keys !== undefined)
  return {
    names: keySet(event?.name, event?.prefix),
    resources: resource ? resourceKeys(resource) : undefined,
    anyResources,
  }
}

function keySet(exact: Nullable<readonly string[]>, prefixes: Nullable<readonly string[]>): KeySet | undefined {
  if (exact && exact.length > 0) return { exact, prefixes: [] }
  if (!prefixes || prefixes.length === 0 || prefixes.includes('')) return undefined
  return { exact: [], prefixes }
}

function resourceKeys(filter: ResourceFilterFields & RelatedFilterFields): KeySet | undefined {
  const direct = keySet(filter.id, filter.id_prefix)
  if (direct) return direct
  const pairs = filter.resources_in_roles ?? []
  if (pairs.length > 0) return { exact: pairs.map(([id]) => id), prefixes: [] }
  const patterns = [filter.labels?.[ID] ?? []].flat()
  if (patterns.length === 0 || patterns.some((pattern) => pattern.startsWith('!') || literalPrefix(pattern) === '')) {
    return undefined
  }
  return {
    exact: patterns.filter((pattern) => literalPrefix(pattern) === pattern),
    prefixes: patterns.filter((pattern) => literalPrefix(pattern) !== pattern).map(literalPrefix),
  }
}
