import { fixedId, get, post, unknownId } from '../call.ts'
import type { Call, CallList } from '../call.ts'

function event(number: number, name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const occurred = `@{now-${600 - number}}`
  return { id: fixedId(number), occurred, event: name, resource: { 'prefect.resource.id': `own.thing.${number % 3}`, 'prefect.resource.name': `Thing ${number % 3}` }, ...more }
}

function filter(more: Record<string, unknown>, body: Record<string, unknown> = {}): Call {
  return post('/events/filter', { filter: { event: { prefix: ['own.'] }, ...more }, ...body }, { pick: ['events[*].id', 'total', 'exception_detail', 'detail'] })
}

const other = [{ 'prefect.resource.id': 'own.helper.1', 'prefect.resource.role': 'helper', colour: 'green' }, { 'prefect.resource.id': 'own.helper.2', 'prefect.resource.role': 'watcher' }]

export const events: CallList = {
  name: 'events',
  calls: [
    post('/events', [event(1, 'own.opened', { payload: { a: 1, text: 'needle here' } }), event(2, 'own.closed', { related: other }), event(3, 'own.door.opened', { follows: fixedId(1) })]),
    post('/events', [event(4, 'own.door.closed', { resource: { 'prefect.resource.id': 'own.thing.9', size: 'large', colour: 'blue' } }), event(1, 'own.opened')]),
    post('/events', [event(5, 'own.last', { related: [], payload: {}, surprise: 1 })]),
    post('/events', []),
    post('/events', {}),
    post('/events'),
    post('/events', [{}]),
    post('/events', [event(6, 'own.x', { resource: {} })]),
    post('/events', [event(6, 'own.x', { resource: { 'prefect.resource.id': '' } })]),
    post('/events', [event(6, 'own.x', { resource: { 'prefect.resource.id': 'a', number: 5 } })]),
    post('/events', [event(6, 'own.x', { resource: 'x' })]),
    post('/events', [event(6, 'own.x', { related: [{ 'prefect.resource.id': 'a' }] })]),
    post('/events', [event(6, 'own.x', { related: Array.from({ length: 101 }, (_, index) => ({ 'prefect.resource.id': `a${index}`, 'prefect.resource.role': 'r' })) })], { pick: ['exception_detail[*].type', 'exception_detail[*].loc', 'exception_detail[*].msg'] }),
    post('/events', [event(6, 'own.x', { id: 'x' })]),
    post('/events', [event(6, 'own.x', { occurred: 'x' })]),
    post('/events', [event(6, 'own.x', { payload: 'x' })]),
    post('/events', [event(6, 5 as unknown as string)]),
    post('/events', [event(6, `own.${'x'.repeat(1021)}`)], { pick: ['exception_detail[*].type', 'exception_detail[*].loc', 'exception_detail[*].msg'] }),
    post('/events', [event(6, 'own.x', { follows: 'x' })]),
    post('/events', [event(7, 'own.good'), { broken: true }]),
    post('/events/filter', { filter: { event: { prefix: ['own.'] } } }, { pick: ['total'], until: { field: 'total', is: 5 } }),
    post('/events/filter', { filter: { event: { prefix: ['own.'] } } }),
    post('/events/filter', { filter: { event: { prefix: ['own.'] } }, limit: 2 }, { as: 'page' }),
    get('@{page.next_page}', { as: 'second' }),
    get('@{second.next_page}'),
    get('/events/filter/next?page-token=nonsense'),
    get('/events/filter/next'),
    get('/events/filter/next?page-token='),

    filter({ order: 'ASC' }),
    filter({ order: 'DESC' }),
    filter({ order: 'SIDEWAYS' }),
    filter({}, { limit: 0 }),
    filter({}, { limit: 51 }),
    filter({}, { limit: -1 }),
    filter({}, { limit: 'x' }),
    filter({}, { limit: null }),
    filter({}, { surprise: 1 }),
    filter({ surprise: 1 }),
    filter({ event: { prefix: ['own.door'] } }),
    filter({ event: { prefix: ['own.'], exclude_prefix: ['own.door'] } }),
    filter({ event: { name: ['own.opened', 'own.last'] } }),
    filter({ event: { prefix: ['own.'], exclude_name: ['own.last'] } }),
    filter({ event: { prefix: [], name: ['own.last'] } }),
    filter({ event: { surprise: 1, prefix: ['own.'] } }),
    filter({ occurred: { since: '@{now-597}' } }),
    filter({ occurred: { until: '@{now-597}' } }),
    filter({ occurred: { since: '@{now-598}', until: '@{now-597}' } }),
    filter({ occurred: { since: '2035-01-01T00:00:00Z' } }),
    filter({ occurred: { since: 'x' } }),
    filter({ id: { id: [fixedId(1), fixedId(3), unknownId] } }),
    filter({ id: { id: [] } }),
    filter({ id: { id: ['x'] } }),
    filter({ resource: { id: ['own.thing.0', 'own.thing.9'] } }),
    filter({ resource: { id_prefix: ['own.thing'] } }),
    filter({ resource: { id: [], id_prefix: ['own.thing.9'] } }),
    filter({ resource: { labels: { colour: 'blue' } } }),
    filter({ resource: { labels: { colour: ['red', 'blue'], size: 'l*' } } }),
    filter({ resource: { labels: { colour: '!red' } } }),
    filter({ resource: { labels: { colour: '!blue' } } }),
    filter({ resource: { labels: { 'prefect.resource.name': 'Thing ?' } } }),
    filter({ resource: { labels: { 'prefect.resource.id': 'own.thing.1' } } }),
    filter({ resource: { labels: {} } }),
    filter({ resource: { distinct: true } }),
    filter({ resource: { distinct: true }, order: 'ASC' }),
    filter({ related: { id: ['own.helper.1'] } }),
    filter({ related: { role: ['watcher'] } }),
    filter({ related: { id: ['own.helper.1'], role: ['watcher'] } }),
    filter({ related: { resources_in_roles: [['own.helper.1', 'helper']] } }),
    filter({ related: { labels: { colour: 'green' } } }),
    filter({ related: [{ id: ['own.helper.1'] }, { role: ['watcher'] }] }),
    filter({ related: [{ id: ['own.helper.1'] }, { role: ['none'] }] }),
    filter({ any_resource: { id: ['own.helper.1', 'own.thing.9'] } }),
    filter({ any_resource: { id_prefix: ['own.helper'] } }),
    filter({ any_resource: { labels: { colour: '*e*' } } }),
    filter({ any_resource: [{ id: ['own.helper.1'] }, { id: ['own.thing.2'] }] }),
    filter({ text: { query: 'needle' } }),
    filter({ text: { query: 'NEEDLE -door' } }),
    filter({ text: { query: '"door opened"' } }),
    filter({ text: { query: 'helper' } }),
    filter({ text: { query: 'green +closed' } }),
    filter({ text: { query: 'x'.repeat(201) } }),
    post('/events/filter', {}, { pick: ['total'] }),
    post('/events/filter', { filter: null }, { pick: ['total'] }),
    post('/events/filter', { filter: 'x' }),

    ...['event', 'resource'].map((by) => post(`/events/count-by/${by}`, { filter: { event: { prefix: ['own.'] } } })),
    post('/events/count-by/time', { filter: { event: { prefix: ['own.'] }, occurred: { since: '2035-01-01T00:10:00Z', until: '2035-01-01T03:00:00Z' } }, time_unit: 'hour', time_interval: 1 }),
    post('/events/count-by/day', { filter: { occurred: { since: '2035-01-01T00:10:00Z', until: '2035-01-03T03:00:00Z' } } }),
    post('/events/count-by/time', { filter: { occurred: { since: '2035-01-01T00:00:00Z', until: '2035-01-01T00:00:10Z' } }, time_unit: 'second', time_interval: 2.5 }),
    post('/events/count-by/time', { filter: { occurred: { since: '2035-01-01T00:00:00Z', until: '2035-03-01T00:00:00Z' } }, time_unit: 'week', time_interval: 1 }),
    post('/events/count-by/time', { filter: { occurred: { since: '2035-01-01T00:00:00Z', until: '2035-01-02T00:00:00Z' } }, time_unit: 'second' }),
    post('/events/count-by/time', { filter: { occurred: { since: '2025-01-01T10:30:00Z', until: '2025-01-01T15:00:00Z' } }, time_unit: 'hour' }),
    post('/events/count-by/time', { filter: { occurred: { since: '2025-01-01T10:00:00.200Z', until: '2025-01-01T10:00:01Z' } }, time_unit: 'second', time_interval: 0.5 }),
    post('/events/count-by/time', { filter: { occurred: { since: '2025-01-01T00:00:00.5Z', until: '2025-01-01T00:16:40.5Z' } }, time_unit: 'second' }, { pick: ['[0]', 'detail'] }),
    ...['event', 'resource'].map((by) => post(`/events/count-by/${by}`, { filter: { event: { prefix: ['own.'] }, resource: { id_prefix: ['own'], distinct: true } } })),
    post('/events/count-by/time', { filter: {}, time_interval: 0.001 }),
    post('/events/count-by/time', { filter: {}, time_unit: 'month' }),
    post('/events/count-by/colour', { filter: {} }),
    post('/events/count-by/event', {}),
  ],
}

/** A time shortly before the list began. */
function at(second: number): string {
  return `@{now-${60 - second}}`
}

function taskEvent(number: number, state: Record<string, unknown>, second: number, taskRun: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: fixedId(1000 + number * 10 + second), occurred: at(second), event: `prefect.task-run.${String(state.name)}`,
    resource: { 'prefect.resource.id': `prefect.task-run.${fixedId(2000 + number)}`, 'prefect.resource.name': `dig-${number}`, 'prefect.orchestration': 'client', 'prefect.run-count': '1', 'prefect.state-name': String(state.name), 'prefect.state-type': String(state.type), 'prefect.state-message': '', 'prefect.state-timestamp': at(second) },
    related: [{ 'prefect.resource.id': 'prefect.flow-run.@{run.id}', 'prefect.resource.role': 'flow-run', 'prefect.resource.name': 'r' }, { 'prefect.resource.id': 'prefect.tag.wet', 'prefect.resource.role': 'tag' }],
    payload: {
      intended: { from: null, to: state.type }, initial_state: null, validated_state: { state_details: { untrackable_result: false, deferred: false, pause_reschedule: false }, message: '', ...state },
      task_run: { name: `dig-${number}`, task_key: 'dig', dynamic_key: String(number), tags: ['wet'], labels: { a: 1 }, task_inputs: {}, run_count: 1, flow_run_run_count: 1, empirical_policy: { retries: 0, retry_delay: 0, max_retries: 0, retry_delay_seconds: 0.0 }, expected_start_time: at(0), total_run_time: 0.0, ...taskRun },
    },
    ...more,
  }
}

const pending = { type: 'PENDING', name: 'Pending' }
const running = { type: 'RUNNING', name: 'Running' }
const completed = { type: 'COMPLETED', name: 'Completed', data: { type: 'reference', storage_key: 'k' } }

/** Task runs that are made from the events of clients. */
export const taskRunRecorder: CallList = {
  name: 'task-run-recorder',
  calls: [
    post('/flows/', { name: 'earthwork' }, { as: 'flow' }),
    post('/flow_runs/', { flow_id: '@{flow.id}', name: 'dyke', state: { type: 'RUNNING' } }, { as: 'run' }),
    post('/events', [taskEvent(1, pending, 1), taskEvent(1, running, 2, { start_time: at(2) }), taskEvent(1, completed, 3, { start_time: at(2), end_time: at(3), total_run_time: 1.0 })]),
    get(`/task_runs/${fixedId(2001)}`, { pick: ['state_name'], until: { field: 'state_name', is: 'Completed' } }),
    get(`/task_runs/${fixedId(2001)}`),
    get(`/task_run_states/?task_run_id=${fixedId(2001)}`),
    post('/events', [taskEvent(2, completed, 3, { end_time: at(3) }), taskEvent(2, running, 2), taskEvent(2, running, 2)]),
    get(`/task_runs/${fixedId(2002)}`, { pick: ['state_name'], until: { field: 'state_name', is: 'Completed' } }),
    get(`/task_run_states/?task_run_id=${fixedId(2002)}`, { pick: ['[*].name'], until: { field: '[1].name', is: 'Completed' } }),
    get(`/task_runs/${fixedId(2002)}`, { pick: ['start_time', 'end_time', 'run_count', 'state.type', 'state.id'] }),
    post('/events', [taskEvent(3, { type: 'FAILED', name: 'TimedOut', message: 'too long' }, 4, { task_inputs: { x: [{ input_type: 'task_run', id: fixedId(2001) }] } }, { related: [] })]),
    get(`/task_runs/${fixedId(2003)}`, { pick: ['state_name'], until: { field: 'state_name', is: 'TimedOut' } }),
    get(`/task_runs/${fixedId(2003)}`),
    post('/events', [taskEvent(4, running, 1, {}, { resource: { 'prefect.resource.id': `prefect.task-run.${fixedId(2004)}` } })]),
    post('/events/filter', { filter: { event: { prefix: ['prefect.task-run'] } } }, { pick: ['total'], until: { field: 'total', is: 7 } }),
    get(`/task_runs/${fixedId(2004)}`),
    post('/task_runs/filter', { sort: 'NAME_ASC', task_runs: { flow_run_id: { any_: ['@{run.id}'] } } }, { pick: ['[*].name', '[*].state_type'] }),
    get('/flow_runs/@{run.id}/graph-v2'),
    post('/events/filter', { filter: { event: { prefix: ['prefect.flow-run'] }, resource: { id: ['prefect.flow-run.@{run.id}'] } } }),
    post('/flow_runs/@{run.id}/set_state', { state: { type: 'COMPLETED', message: 'all dug' } }),
    post('/events/filter', { filter: { event: { name: ['prefect.flow-run.Completed'] } } }, { pick: ['total'], until: { field: 'total', is: 1 } }),
    post('/events/filter', { filter: { event: { name: ['prefect.flow-run.Completed'] } } }),
  ],
}

/** The events that the server itself makes. */
export const serverEvents: CallList = {
  name: 'server-events',
  calls: [
    post('/flows/', { name: 'meadow', tags: ['green'] }, { as: 'flow' }),
    post('/work_pools/', { name: 'barn', type: 'process' }, { as: 'pool' }),
    post('/work_pools/barn/queues', { name: 'left' }, { as: 'queue' }),
    post('/deployments/', { name: 'mow', flow_id: '@{flow.id}', work_pool_name: 'barn', work_queue_name: 'left', tags: ['d'] }, { as: 'mow' }),
    post('/deployments/@{mow.id}/create_flow_run', { name: 'cut', tags: ['r'] }, { as: 'cut' }),
    post('/flow_runs/@{cut.id}/set_state', { state: { type: 'PENDING' } }),
    post('/flow_runs/@{cut.id}/set_state', { state: { type: 'RUNNING', message: 'mowing' } }),
    post('/flow_runs/@{cut.id}/set_state', { state: { type: 'CANCELLING' } }),
    post('/events/filter', { filter: { event: { prefix: ['prefect.flow-run'] } } }, { pick: ['total'], until: { field: 'total', is: 4 } }),
    post('/events/filter', { filter: { event: { prefix: ['prefect.flow-run'] }, order: 'ASC' } }, { unordered: ['events[*].related'] }),
    ...['prefect.deployment', 'prefect.work-pool', 'prefect.work-queue', 'prefect.flow.'].map((prefix) =>
      post('/events/filter', { filter: { event: { prefix: [prefix] }, order: 'ASC' } }, { unordered: ['events[*].related'] })),
  ],
}
serverEvents.calls.push(
  { method: 'PATCH', path: '/deployments/@{mow.id}', body: { description: 'short', tags: ['d', 'e'] } },
  { method: 'PATCH', path: '/work_pools/barn', body: { is_paused: true, description: 'x' } },
  { method: 'PATCH', path: '/work_pools/barn/queues/left', body: { priority: 5, is_paused: true } },
  post('/variables/', { name: 'hay', value: { tons: 2 }, tags: ['v'] }),
  post('/v2/concurrency_limits/', { name: 'scythes', limit: 2 }),
  post('/artifacts/', { key: 'bales', type: 'markdown', data: 'x' }),
  { method: 'DELETE', path: '/variables/name/hay' },
  { method: 'DELETE', path: '/deployments/@{mow.id}' },
  { method: 'DELETE', path: '/work_pools/barn' },
  { method: 'DELETE', path: '/flows/@{flow.id}' },
  post('/events/filter', { filter: { event: { name: ['prefect.flow.deleted'] } } }, { pick: ['total'], until: { field: 'total', is: 1 } }),
  ...['prefect.deployment.updated', 'prefect.deployment.deleted', 'prefect.work-pool.updated', 'prefect.work-pool.paused', 'prefect.work-pool.deleted', 'prefect.work-queue.updated',
    'prefect.work-queue.paused', 'prefect.work-queue.deleted', 'prefect.variable.created', 'prefect.variable.deleted', 'prefect.concurrency-limit.created', 'prefect.artifact-collection.created', 'prefect.flow.deleted',
  ].map((name) => post('/events/filter', { filter: { event: { name: [name] } } }, { unordered: ['events[*].related', 'events[*].payload.updated_fields'] })),
)
