/** Which events: all members must fit, and of a list one. */
export interface EventQuery {
  /** Names such as `order.paid`; with `*` at the end all that begin so. */
  readonly event?: string | readonly string[]
  /** Ids of the resource that the event is about, such as `order.7`; with `*` at the end all that begin so. */
  readonly resource?: string | readonly string[]
  /** Labels of that resource. */
  readonly labels?: Readonly<Record<string, string | readonly string[]>>
  /** Ids of resources that the event names beside it. */
  readonly related?: string | readonly string[]
}

/** The filter of an `EventQuery` as the wire has it. Names and beginnings in one list add up. */
export function filterOf({ event, resource, labels, related }: EventQuery): Record<string, unknown> {
  const events = split(event)
  const resources = split(resource)
  return {
    ...(event === undefined ? {} : { event: { ...(events.whole.length > 0 ? { name: events.whole } : {}), ...(events.beginnings.length > 0 ? { prefix: events.beginnings } : {}) } }),
    ...(resource === undefined && labels === undefined
      ? {}
      : { resource: { ...(resources.whole.length > 0 ? { id: resources.whole } : {}), ...(resources.beginnings.length > 0 ? { id_prefix: resources.beginnings } : {}), ...(labels ? { labels } : {}) } }),
    ...(related === undefined ? {} : { related: { id: [related].flat() } }),
  }
}

function split(names: string | readonly string[] = []): { whole: string[]; beginnings: string[] } {
  const all = [names].flat()
  return { whole: all.filter((name) => !name.endsWith('*')), beginnings: all.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1)) }
}
