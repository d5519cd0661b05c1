import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileEventFilter, eventFilterKeys, type EventFilterFields } from '@spillway/core/domain/event-filter'
import fc from 'fast-check'
import { isIndexable, SubscriptionIndex } from './subscription-index.ts'

const names = ['a', 'a.b', 'a.b.c', 'b', 'b.c']
const ids = ['r.1', 'r.2', 's.1', 's.2']
const some = (values: readonly string[]) => fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 })
const filters = fc.record(
  {
    event: fc.record({ name: some(names), prefix: some(['a', 'a.', 'b.']), exclude_name: some(names) }, { requiredKeys: [] }),
    resource: fc.record({ id: some(ids), id_prefix: some(['r.', 's.']) }, { requiredKeys: [] }),
    any_resource: fc.record({ id: some(ids), id_prefix: some(['r.', 's.']) }, { requiredKeys: [] }),
    related: fc.record({ id: some(ids), role: some(['flow']) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)
const events = fc.record({ event: fc.constantFrom(...names), resource: fc.constantFrom(...ids), related: fc.array(fc.constantFrom(...ids), { maxLength: 3 }) })

test('every filter that an event matches is found, each once, also after others have left', () => {
  fc.assert(
    fc.property(fc.array(filters, { maxLength: 12 }), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), fc.array(events, { maxLength: 10 }), (all, stays, seen) => {
      const index = new SubscriptionIndex<EventFilterFields>()
      for (const filter of all) index.add(eventFilterKeys(filter), filter)
      all.forEach((filter, at) => stays[at] || index.remove(eventFilterKeys(filter), filter))
      for (const { event, resource, related } of seen) {
        const whole = {
          id: 'e', occurred: '2026-01-01T00:00:00Z', event, payload: {},
          resource: { 'prefect.resource.id': resource },
          related: related.map((id) => ({ 'prefect.resource.id': id, 'prefect.resource.role': 'flow' })),
        }
        const found = index.find({ name: event, resourceId: resource, relatedIds: related })
        all.forEach((filter, at) => {
          if (!stays[at]) assert.ok(!found.has(filter))
          else if (compileEventFilter(filter)(whole)) assert.ok(found.has(filter), JSON.stringify(filter))
        })
      }
    }),
  )
})

test('a filter by name or id is not looked at for other events', () => {
  const index = new SubscriptionIndex<string>()
  const add = (name: string, filter: EventFilterFields): void => index.add(eventFilterKeys(filter), name)
  for (let i = 0; i < 1_000; i += 1) add(`run ${i}`, { event: { prefix: ['prefect.flow-run.'] }, resource: { id: [`run.${i}`] } })
  add('cancelling', { event: { name: ['cancelling'] } })
  add('of a pool', { any_resource: { id: ['pool.7'] } })
  const find = (name: string, resourceId: string, relatedIds: string[] = []): string[] => [...index.find({ name, resourceId, relatedIds })]
  assert.deepEqual(find('prefect.flow-run.Running', 'run.5'), ['run 5'])
  assert.deepEqual(find('cancelling', 'run.x', ['pool.7']).toSorted(), ['cancelling', 'of a pool'])
  assert.deepEqual(find('other', 'run.x'), [])
})

test('a filter of labels, texts or exclusions alone has no key', () => {
  assert.equal(isIndexable(eventFilterKeys({ resource: { labels: { color: 'red' } } })), false)
  assert.equal(isIndexable(eventFilterKeys({ event: { exclude_prefix: ['a'] } })), false)
  assert.equal(isIndexable(eventFilterKeys({ event: { prefix: [''] } })), false)
  assert.equal(isIndexable(eventFilterKeys({ event: { prefix: ['a'] } })), true)
})
