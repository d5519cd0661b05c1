import { fixedId, get, post, talk } from '../call.ts'
import type { CallList, SocketStep } from '../call.ts'

const auth: SocketStep[] = [{ send: { type: 'auth', token: null } }, { receive: 1 }]
const far = '@{now+86400}'
const since = '@{now-600}'

function event(number: number, name: string, id = 'own.thing.1'): Record<string, unknown> {
  return { id: fixedId(number), occurred: `@{now-${60 - number}}`, event: name, resource: { 'prefect.resource.id': id }, related: [], payload: { number } }
}

function filter(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { occurred: { since, until: far }, event: { prefix: ['own.'] }, ...more }
}

/** The websockets: handshakes, streams, and the ways in which they are closed. */
export const streams: CallList = {
  name: 'streams',
  env: { PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED: 'true', PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED: 'true' },
  calls: [
    talk('/no/such/socket', []),
    talk('/flows/filter', []),
    talk('/events/in', [...auth]),
    talk('/events/in', [{ ping: true }, ...auth]),
    talk('/events/in', [{ send: { type: 'auth', token: 'anything' } }, { receive: 1 }]),
    talk('/events/in', [{ send: { type: 'auth' } }, { receive: 1 }]),
    talk('/events/in', [{ send: { type: 'hello' } }, { closed: true }]),
    talk('/events/in', [{ send: { token: null } }, { closed: true }]),
    talk('/events/in', [{ send: 'not json' }, { closed: true }]),
    talk('/events/in', [{ send: '[]' }, { closed: true }]),
    talk('/events/in', [...auth, { send: event(1, 'own.first') }, { send: event(2, 'own.second') }, { ping: true }]),
    post('/events/filter', { filter: filter() }, { pick: ['total'], until: { field: 'total', is: 2 } }),
    talk('/events/in', [...auth, { send: event(1, 'own.first') }, { send: event(3, 'own.third', 'own.thing.2') }, { ping: true }]),
    talk('/events/in', [{ send: event(4, 'own.legacy') }, { ping: true }], { protocols: [] }),
    post('/events/filter', { filter: filter({ order: 'ASC' }) }, { pick: ['events[*].id', 'total'], until: { field: 'total', is: 4 } }),
    talk('/events/in', [...auth, { send: { broken: true } }, { closed: true }]),
    talk('/events/in', [...auth, { send: 'not json' }, { closed: true }]),

    talk('/events/out', [...auth, { send: { type: 'other' } }, { closed: true }]),
    talk('/events/out', [...auth, { send: { type: 'filter' } }, { closed: true }]),
    talk('/events/out', [...auth, { send: { type: 'filter', filter: { surprise: 1 } } }, { closed: true }]),
    talk('/events/out', [...auth, { send: { type: 'filter', filter: filter() } }, { receive: 4 }]),
    talk('/events/out', [...auth, { send: { type: 'filter', filter: filter({ resource: { id: ['own.thing.2'] } }) } }, { receive: 1 }]),
    talk('/events/out', [...auth, { send: { type: 'filter', filter: filter(), backfill: false } }, { ping: true }]),
    talk('/events/out', [{ send: { type: 'filter', filter: filter({ event: { name: ['own.third'] } }) } }, { receive: 1 }], { protocols: [] }),
    talk('/events/out', [...auth, { send: { type: 'filter', filter: filter({ event: { name: ['own.live'] } }) } }, { ping: true }, { call: { method: 'POST', path: '/events', body: [event(5, 'own.live'), event(6, 'own.dead')] } }, { receive: 1 }]),
    talk('/events/out', [{ send: { type: 'hello' } }, { closed: true }]),

    talk('/logs/out', [...auth, { send: { type: 'other' } }, { closed: true }]),
    talk('/logs/out', [...auth, { send: { type: 'filter', filter: { level: 'x' } } }, { closed: true }]),
    talk('/logs/out', [...auth, { send: { type: 'filter', filter: {} } }, { ping: true }, { call: { method: 'POST', path: '/logs/', body: [{ name: 'own', level: 20, message: 'streamed', timestamp: '@{now-5}', flow_run_id: fixedId(70) }] } }, { receive: 1 }]),
    talk('/logs/out', [{ send: { type: 'hello' } }, { closed: true }]),

    talk('/task_runs/subscriptions/scheduled', [...auth, { send: { type: 'other' } }, { closed: true }]),
    talk('/task_runs/subscriptions/scheduled', [...auth, { send: { type: 'subscribe' } }, { closed: true }]),
    talk('/task_runs/subscriptions/scheduled', [...auth, { send: { type: 'subscribe', keys: ['dig'] } }, { closed: true }]),
    talk('/task_runs/subscriptions/scheduled', [...auth, { send: { type: 'subscribe', keys: [], client_id: 'c' } }, { closed: true }]),
    post('/task_runs/', { name: 'dig-1', task_key: 'dig', dynamic_key: '1', state: { type: 'SCHEDULED', state_details: { deferred: true } } }),
    talk('/task_runs/subscriptions/scheduled', [...auth, { send: { type: 'subscribe', keys: ['dig'], client_id: 'one' } }, { receive: 1 }]),
    talk('/task_runs/subscriptions/scheduled', [...auth, { send: { type: 'subscribe', keys: ['dig'], client_id: 'two' } }, { receive: 1 }, { send: { type: 'ack' } }, { call: { method: 'POST', path: '/task_runs/', body: { name: 'dig-2', task_key: 'dig', dynamic_key: '2', state: { type: 'SCHEDULED', state_details: { deferred: true } } } } }, { receive: 1 }, { send: { type: 'ack' } }, { ping: true }]),

    post('/work_pools/', { name: 'channel', type: 'process' }, { pick: ['name'] }),
    talk('/work_pools/channel/workers/connect', [...auth, { send: { type: 'nonsense' } }, { closed: true }]),
    talk('/work_pools/channel/workers/connect', [{ send: { type: 'hello' } }, { closed: true }]),
    get('/work_pools/channel', { pick: ['status'] }),
  ],
}

const basic = (text: string): { Authorization: string } => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` })

export const authentication: CallList = {
  name: 'authentication',
  env: { PREFECT_SERVER_API_AUTH_STRING: 'admin:own-secret' },
  calls: [
    get('/health'),
    get('/ready'),
    get('/version'),
    get('/hello'),
    get('/admin/version'),
    get('/no-such-route'),
    post('/flows/', { name: 'x' }),
    get('/admin/version', { headers: basic('admin:own-secret') }),
    get('/admin/version', { headers: basic('admin:wrong') }),
    get('/admin/version', { headers: { Authorization: 'Bearer admin:own-secret' } }),
    get('/admin/version', { headers: { Authorization: 'basic YWRtaW46b3duLXNlY3JldA==' } }),
    post('/flows/', { name: 'x' }, { headers: basic('admin:own-secret') }),
    get('/flows/name/x', { headers: { ...basic('admin:own-secret'), 'X-PREFECT-API-VERSION': 'bad' } }),
    get('/flows/name/x', { headers: { 'X-PREFECT-API-VERSION': 'bad' } }),
    get('/ui-settings', { atRoot: true, pick: ['auth'] }),
    talk('/events/in', [{ send: { type: 'auth', token: 'admin:own-secret' } }, { receive: 1 }]),
    talk('/events/in', [{ send: { type: 'auth', token: 'wrong' } }, { closed: true }]),
    talk('/events/in', [{ send: { type: 'auth', token: null } }, { closed: true }]),
    talk('/events/in', [{ send: { type: 'auth' } }, { closed: true }]),
    talk('/events/in', [{ send: { type: 'hello' } }, { closed: true }]),
    talk('/events/in', [], { protocols: [] }),
    talk('/events/out', [{ send: { type: 'auth', token: 'wrong' } }, { closed: true }]),
    talk('/logs/out', [{ send: { type: 'auth', token: 'wrong' } }, { closed: true }]),
    talk('/task_runs/subscriptions/scheduled', [{ send: { type: 'auth', token: 'wrong' } }, { closed: true }]),
  ],
}

const client = '00000000-0000-4000-8000-0000000000c1'

export const csrf: CallList = {
  name: 'csrf',
  env: { PREFECT_SERVER_CSRF_PROTECTION_ENABLED: 'true' },
  calls: [
    get('/csrf-token'),
    get(`/csrf-token?client=${client}`, { as: 'token', pick: ['client'] }),
    get(`/csrf-token?client=${client}`, { as: 'token', pick: ['client', 'created'] }),
    get(`/csrf-token?client=any-text`, { pick: ['client', 'exception_detail'] }),
    get('/flows/name/x'),
    post('/flows/', { name: 'x' }),
    post('/flows/', { name: 'x' }, { headers: { 'Prefect-Csrf-Token': 'x' } }),
    post('/flows/', { name: 'x' }, { headers: { 'Prefect-Csrf-Client': client } }),
    post('/flows/', { name: 'x' }, { headers: { 'Prefect-Csrf-Token': 'x', 'Prefect-Csrf-Client': client } }),
    post('/flows/', { name: 'x' }, { headers: { 'Prefect-Csrf-Token': '@{token.token}', 'Prefect-Csrf-Client': 'other' } }),
    post('/flows/', { name: 'x' }, { headers: { 'Prefect-Csrf-Token': '@{token.token}', 'Prefect-Csrf-Client': client } }),
    post('/flows/filter', {}, { pick: ['detail'] }),
    get('/ui-settings', { atRoot: true, pick: ['csrf_enabled'] }),
  ],
}
