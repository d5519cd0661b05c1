import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  compileEventFilter,
  eventFilterKeys,
  type EventFilterFields,
  type FilterableEvent,
  type KeySet,
} from './event-filter.ts'

const event: FilterableEvent = {
  id: '0198c0de-0000-7000-8000-000000000001',
  occurred: '2026-11-20T11:07:49.123456Z',
  event: 'prefect.flow-run.Failed',
  resource: { 'prefect.resource.id': 'prefect.flow-run.r1', 'prefect.resource.name': 'sunny-otter' },
  related: [
    { 'prefect.resource.id': 'prefect.flow.f1', 'prefect.resource.role': 'flow', 'prefect.resource.name': 'nightly' },
    { 'prefect.resource.id': 'prefect.tag.prod', 'prefect.resource.role': 'tag' },
  ],
  payload: { reason: 'Out of memory' },
}

const cases: [EventFilterFields, boolean][] = [
  [{}, true],
  [{ event: { prefix: ['prefect.flow-run'] } }, true],
  [{ event: { prefix: ['prefect.task-run', 'prefect.flow-run.F'] } }, true],
  [{ event: { prefix: [], name: [] } }, true],
  [{ event: { name: ['prefect.flow-run.Completed'] } }, false],
  [{ event: { exclude_name: ['prefect.flow-run.Failed'] } }, false],
  [{ event: { prefix: ['prefect.'], exclude_prefix: ['prefect.flow-run.'] } }, false],
  [{ occurred: { since: '2026-11-20T11:07:49.123456Z', until: '2026-11-20T11:07:49.123456Z' } }, true],
  [{ occurred: { since: '2026-11-20T12:07:49.123457+01:00' } }, false],
  [{ occurred: { until: '2026-11-20T11:07:49Z' } }, false],
  [{ resource: { id: ['prefect.flow-run.r1'] } }, true],
  [{ resource: { id: ['prefect.flow.f1'] } }, false],
  [{ resource: { id_prefix: ['prefect.flow-run.'] } }, true],
  [{ resource: { labels: { 'prefect.resource.name': 'sunny-*' } } }, true],
  [{ resource: { labels: { 'prefect.resource.name': ['!sunny-*'] } } }, false],
  [{ related: { id: ['prefect.flow.f1'], role: ['flow'] } }, true],
  [{ related: { id: ['prefect.flow.f1'], role: ['tag'] } }, false],
  [{ related: [{ id: ['prefect.flow.f1'] }, { role: ['tag'] }] }, true],
  [{ related: [{ id: ['prefect.flow.f1'] }, { role: ['deployment'] }] }, false],
  [{ related: { resources_in_roles: [['prefect.tag.prod', 'tag']] } }, true],
  [{ related: { resources_in_roles: [['prefect.tag.prod', 'flow']] } }, false],
  [{ related: { labels: { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'night*' } } }, true],
  [{ related: { id: ['prefect.flow-run.r1'] } }, false],
  [{ related: {} }, true],
  [{ related: [] }, true],
  [{ any_resource: { id: ['prefect.flow-run.r1'] } }, true],
  [{ any_resource: { id_prefix: ['prefect.tag.'] } }, true],
  [{ any_resource: [{ id: ['prefect.tag.prod'] }, { id: ['prefect.flow.f2'] }] }, false],
  [{ id: { id: ['0198C0DE-0000-7000-8000-000000000001'] } }, true],
  [{ id: { id: ['0198c0de-0000-7000-8000-000000000002'] } }, false],
  [{ id: { id: [] } }, true],
  [{ text: { query: 'MEMORY -disk' } }, true],
  [{ text: { query: 'nightly' } }, true],
  [{ text: { query: 'prefect.resource.role' } }, false],
  [{ text: { query: ' ' } }, true],
  [{ event: null, resource: null, related: null, any_resource: null, text: null }, true],
  [{ event: { name: ['prefect.flow-run.Failed'] }, resource: { id: ['other'] } }, false],
]

test('all members of an event filter must hold', () => {
  for (const [filter, want] of cases) assert.equal(compileEventFilter(filter)(event), want, JSON.stringify(filter))
})

test('an event without related resources matches no related condition', () => {
  assert.equal(compileEventFilter({ related: { role: ['tag'] } })({ ...event, related: [] }), false)
})

test('the keys of a filter are what an event must have', () => {
  const none = { names: undefined, resources: undefined, anyResources: undefined }
  const table: [EventFilterFields, Partial<ReturnType<typeof eventFilterKeys>>][] = [
    [{}, {}],
    [{ event: { name: ['a'], prefix: ['b'] } }, { names: { exact: ['a'], prefixes: [] } }],
    [{ event: { prefix: ['b'] } }, { names: { exact: [], prefixes: ['b'] } }],
    [{ event: { prefix: [''] } }, {}],
    [{ resource: { id: ['r'] } }, { resources: { exact: ['r'], prefixes: [] } }],
    [
      { resource: { labels: { 'prefect.resource.id': ['a.*', 'b'] } } },
      { resources: { exact: ['b'], prefixes: ['a.'] } },
    ],
    [{ resource: { labels: { 'prefect.resource.id': ['a.*', '!b'] } } }, {}],
    [{ any_resource: { id_prefix: ['p'] } }, { anyResources: { exact: [], prefixes: ['p'] } }],
    [
      { related: [{ role: ['x'] }, { resources_in_roles: [['i', 'r']] }] },
      { anyResources: { exact: ['i'], prefixes: [] } },
    ],
  ]
  for (const [filter, want] of table)
    assert.deepEqual(eventFilterKeys(filter), { ...none, ...want }, JSON.stringify(filter))
})

test('an event that matches a filter always has its keys', () => {
  const has = (keys: KeySet | undefined, values: string[]) =>
    !keys ||
    values.some((value) => keys.exact.includes(value) || keys.prefixes.some((prefix) => value.startsWith(prefix)))
  fc.assert(
    fc.property(
      fc.constantFrom(...cases.map(([filter]) => filter)),
      fc.constantFrom(...cases.map(([filter]) => filter)),
      (one, other) => {
        const filter = { ...one, ...other }
        if (!compileEventFilter(filter)(event)) return
        const keys = eventFilterKeys(filter)
        const ids = [event.resource, ...event.related].map((labels) => labels['prefect.resource.id']!)
        assert.ok(has(keys.names, [event.event]) && has(keys.resources, [ids[0]!]) && has(keys.anyResources, ids))
      },
    ),
  )
})
