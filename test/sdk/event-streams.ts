import type { ApiClient } from '../../packages/sdk/src/index.ts'

interface StoredEvent {
  id: string
  event: string
  occurred: string
  resource: Record<string, string>
  related: Record<string, string>[]
  payload: Record<string, unknown>
  follows: string | null
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/

/** All events of a server about task runs and flow runs, heartbeats left out, in order. */
export async function readRunEvents(client: ApiClient): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  const filter = { order: 'ASC' as const, event: { prefix: ['prefect.task-run.', 'prefect.flow-run.'], exclude_prefix: ['prefect.flow-run.heartbeat'] } }
  let page = await client.filterEvents({ filter, limit: 50 })
  for (;;) {
    events.push(...(page.events as unknown as StoredEvent[]))
    if (page.next_page === null) return events
    const { pathname, search } = new URL(String(page.next_page))
    page = await client.call('GET', `${pathname.replace(/^\/api/, '')}${search}`)
  }
}

/**
 * The streams of each run with what differs from one time to the next replaced: ids by whether they are known, times and
 * durations by their kind. Runs are named after their task or flow, and come in the order in which they began.
 */
export function streamsByRun(events: readonly StoredEvent[]): { run: string; events: unknown[] }[] {
  const runs = new Map<string, { run: string; events: unknown[] }>()
  for (const event of events) {
    const id = event.resource['prefect.resource.id']!
    const stream = runs.get(id) ?? { run: nameOf(event), events: [] }
    runs.set(id, stream)
    stream.events.push(normal(event, ''))
  }
  return [...runs.values()]
}

function nameOf({ resource, related }: StoredEvent): string {
  const id = resource['prefect.resource.id']!
  if (id.startsWith('prefect.task-run.')) return plainName(resource['prefect.resource.name']!)
  return `flow run of ${related.find((other) => other['prefect.resource.role'] === 'flow')?.['prefect.resource.name']}`
}

const known = /^(plain|retried|at-once|slow|cached|outer|tagged|golden|golden-child)(-[0-9a-f]{3})?$/

/** Without the three characters that make the names of task runs differ, and without the made-up names of flow runs. */
function plainName(name: string): string {
  const [, own, rest] = known.exec(name) ?? []
  if (own !== undefined) return rest === undefined ? own : `${own}-###`
  return /^[a-z]+-[a-z]+$/.test(name) ? '<name>' : name
}

/** Names that the two clients make up in ways of their own. */
const ownNames = new Set(['task_key', 'prefect_version', 'storage_key', 'expiration'])

function normal(value: unknown, key: string): unknown {
  if (ownNames.has(key)) return value === null ? null : `<${key}>`
  if (key === 'total_run_time') return '<seconds>'
  if (key === 'name' || key === 'prefect.resource.name') return plainName(String(value))
  if (typeof value === 'string') return time.test(value) ? '<time>' : value.replace(uuid, '<id>')
  if (Array.isArray(value)) return value.map((part) => normal(part, key)).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'received')
      .map(([name, part]) => [name, normal(part, name)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
