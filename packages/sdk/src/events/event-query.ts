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

/**
 * The filter of an `EventQuery` as the wire has it. Whole names and beginnings in one filter would both have to fit, so where
 * a list has both, whole names are asked for as beginnings, and `fits` sorts out what only begins so.
 */
export function filterOf({ event, resource, labels, related }: EventQuery): Record<string, unknown> {
  return {
    ...(event === undefined ? {} : { event: namesOf(event, 'name', 'prefix') }),
    ...(resource === undefined && labels === undefined ? {} : { resource: { ...(resource === undefined ? {} : namesOf(resource, 'id', 'id_prefix')), ...(labels ? { labels } : {}) } }),
    ...(related === undefined ? {} : { related: { id: [related].flat() } }),
  }
}

/** Whether an event that the filter let through is one that was asked for. */
export function fits({ event, resource }: EventQuery, given: { readonly event: string; readonly resource: Readonly<Record<string, unknown>> }): boolean {
  return isNamed(event, given.event) && isNamed(resource, String(given.resource['prefect.resource.id']))
}

function namesOf(names: string | readonly string[], whole: string, beginning: string): Record<string, string[]> {
  const all = [names].flat()
  return all.some((name) => name.endsWith('*')) ? { [beginning]: all.map((name) => name.replace(/\*$/, '')) } : { [whole]: all }
}

function isNamed(names: string | readonly string[] | undefined, given: string): boolean {
  return names === undefined || [names].flat().some((name) => (name.endsWith('*') ? given.startsWith(name.slice(0, -1)) : given === name))
}
