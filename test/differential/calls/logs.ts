import { get, post, unknownId } from '../call.ts'
import type { Call, CallList } from '../call.ts'

function log(message: string, second: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  const timestamp = `2035-01-01T00:00:${String(second).padStart(2, '0')}Z`
  return { name: 'prefect.flow_runs', level: 20, message, timestamp, flow_run_id: '@{run.id}', ...more }
}

function filter(logs: unknown, more: Record<string, unknown> = {}): Call {
  return post('/logs/filter', { logs, sort: 'TIMESTAMP_ASC', ...more }, { pick: ['[*].message', 'exception_detail'] })
}

export const logs: CallList = {
  name: 'logs',
  calls: [
    post('/flows/', { name: 'diary' }, { as: 'flow' }),
    post('/flow_runs/', { flow_id: '@{flow.id}', name: 'monday', state: { type: 'RUNNING' } }, { as: 'run' }),
    post('/task_runs/', { flow_run_id: '@{run.id}', task_key: 't', dynamic_key: '0', name: 't-0' }, { as: 'task' }),
    post('/logs/', [
      log('Water rises', 1), log('Gate opens', 2, { level: 30 }), log('gate "north" closes, slowly', 3, { level: 10 }),
      log('pump failed: water', 4, { level: 40, task_run_id: '@{task.id}', name: 'prefect.task_runs' }),
      log('multi\nline, with comma', 5, { level: 50 }), log('100% done_', 6), log('öffnen', 7, { flow_run_id: null }),
    ]),
    post('/logs/', [log('nul \u0000 inside', 8)]),
    post('/logs/', [log('zoned', 9, { timestamp: '2035-01-01T01:00:09.5+01:00' })]),
    post('/logs/', [log('other run', 10, { flow_run_id: unknownId })]),
    post('/logs/', [log('', 11)]),
    post('/logs/', []),
    post('/logs/', {}),
    post('/logs/'),
    post('/logs/', [{}]),
    post('/logs/', [log('x', 1, { surprise: 1 })]),
    post('/logs/', [log('x', 1, { level: 'INFO' })]),
    post('/logs/', [log('x', 1, { level: '20' })]),
    post('/logs/', [log('x', 1, { message: 5 })]),
    post('/logs/', [log('x', 1, { timestamp: 'x' })]),
    post('/logs/', [log('x', 1, { timestamp: null })]),
    post('/logs/', [log('x', 1, { flow_run_id: 'x' })]),
    post('/logs/', [log('good', 1), 5]),
    post('/logs/', [log('a', 1, { level: 'a' }), log('b', 1, { level: 'b' })]),

    post('/logs/filter', { sort: 'TIMESTAMP_ASC' }),
    filter({}),
    filter(null, { sort: 'TIMESTAMP_DESC' }),
    filter({}, { sort: 'X' }),
    filter({}, { limit: 2, offset: 1 }),
    filter({}, { limit: 201 }),
    filter({ level: { ge_: 30 } }),
    filter({ level: { le_: 20 } }),
    filter({ level: { ge_: 20, le_: 30 } }),
    filter({ level: { ge_: 'x' } }),
    filter({ timestamp: { after_: '2035-01-01T00:00:05Z' } }),
    filter({ timestamp: { before_: '2035-01-01T00:00:02Z' } }),
    filter({ flow_run_id: { any_: ['@{run.id}'] } }),
    filter({ flow_run_id: { any_: [] } }),
    filter({ flow_run_id: { any_: ['x'] } }),
    filter({ task_run_id: { any_: ['@{task.id}'] } }),
    filter({ task_run_id: { is_null_: true } }),
    filter({ task_run_id: { is_null_: false } }),
    filter({ surprise: 1 }),
    filter({ operator: 'or_', level: { ge_: 40 }, timestamp: { before_: '2035-01-01T00:00:01Z' } }),
    ...['water', 'WATER', 'gate water', '+gate +opens', 'gate -opens', 'gate !opens', '"gate opens"', '"north"', '\\"north\\"', '"gate \\"north\\""',
      '-water', '+water -pump', '', '   ', '- water', '+', '100%', 'done_', '%', 'task_runs', 'öff', '"unclosed phrase', 'line,', '-"gate opens" gate', 'x'.repeat(200), 'x'.repeat(201),
    ].map((query) => filter({ text: { query } })),
    filter({ text: {} }),
    filter({ text: { query: 5 } }),
    filter({ operator: 'or_', text: { query: 'water -pump' }, level: { ge_: 50 } }),
    get('/flow_runs/@{run.id}/logs/download'),
  ],
}
