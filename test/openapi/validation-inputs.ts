import type { BodyOf, RouteName } from '@spillway/sdk/client'

/** A request body for an operation. */
export interface Case {
  readonly operation: string
  readonly body: unknown
}

const ID = '0190aaaa-0000-7000-8000-000000000001'

/** Values that fit some fields, nearly fit others, and are wrong for the rest. */
const VALUES: readonly unknown[] = [
  null,
  '',
  'word',
  1,
  -1,
  2.5,
  true,
  [],
  {},
  ['word'],
  [3],
  { key: [] },
  '12',
  '2024-02-30',
  '2024-03-04T05:06:07.5+02:00',
  ID.toUpperCase(),
]

/** A few that are dear to one kind of field; each is tried on the fields named. */
const SPECIAL: readonly (readonly [operation: string, field: string, values: readonly unknown[]])[] = [
  ['POST /flows/', 'name', ['a/b', 'ok name', '<', 'é', 'a%']],
  ['POST /flow_runs/', 'flow_id', [
    'x',
    '{',
    ID.replaceAll('-', ''),
    `{${ID}}`,
    `urn:uuid:${ID}`,
    `${ID}0`,
    'ab-cd',
    'ué',
  ]],
  ['POST /flow_runs/', 'labels', [{ a: 1, b: 1.5, c: true, d: 'x' }, { a: null }, { a: { b: 1 } }]],
  ['POST /flow_runs/', 'state', [
    { type: 'running' },
    { type: 'CANCELLING' },
    { type: 'PENDING', state_details: { pause_reschedule: 'yes' } },
  ]],
  ['POST /flow_runs/', 'tags', [['a', 'a'], ['a', 1, null]]],
  ['POST /flow_runs/filter', 'limit', ['7', '1_0', '1.0', '1.5', ' 3 ', '+4', '0x1']],
  ['POST /flow_runs/filter', 'sort', ['ID_DESC', 'id_desc', 'NAME_ASC']],
  ['POST /flow_runs/filter', 'flow_runs', [
    { id: { any_: ['x', 1] } },
    { state: { type: { any_: ['RUNNING', 'x'] } } },
    { zz: 1, yy: 2 },
  ]],
  ['POST /flow_runs/filter', 'flow_runs', [
    { tags: { operator: 'xor_', is_null_: 'maybe' } },
    { start_time: { before_: '2024-05-06', is_null_: 0 } },
  ]],
  ['POST /variables/', 'name', ['ok-name_1', 'Not OK', 'x'.repeat(256)]],
  ['POST /variables/', 'value', [{ deep: [1, { x: null }] }, 'x'.repeat(5001), 'é'.repeat(2600)]],
  ['POST /work_pools/', 'name', ["' '", 'a&b']],
  ['POST /work_pools/', 'base_job_template', [
    { job_configuration: {} },
    { job_configuration: { a: '{{ b }}' }, variables: { properties: {} } },
  ]],
  ['POST /work_pools/', 'base_job_template', [
    { job_configuration: { a: '{{ b }}' }, variables: { properties: { b: {} } } },
  ]],
  ['POST /artifacts/', 'key', ['Upper', 'low-er', 'under_score']],
  ['POST /artifacts/', 'metadata_', [{ a: 'x'.repeat(502) }, { a: 1 }]],
  ['POST /task_runs/', 'empirical_policy', [
    { retry_delay: [1, 2.5] },
    { retry_delay: Array(51).fill(1) },
    { max_retries: 2, retry_delay_seconds: 3 },
  ]],
  ['POST /task_runs/', 'empirical_policy', [
    { retry_jitter_factor: -0.5 },
    { retries: '3', retry_delay: '4' },
    { retry_delay: ['x'] },
  ]],
  ['POST /task_runs/', 'task_inputs', [
    { a: [{ input_type: 'task_run', id: ID }] },
    { a: [{ input_type: 'parameter', name: 'p' }] },
    { a: [{ input_type: 'x' }] },
  ]],
  ['POST /task_runs/', 'task_inputs', [
    { a: [{ input_type: 'constant', type: 'int' }, { input_type: 'flow_run', id: 'x' }] },
  ]],
  ['POST /deployments/', 'schedules', [
    [{ schedule: { interval: 60, timezone: 'Europe/Rome' } }],
    [{ schedule: { interval: -1 } }],
    [{ schedule: { cron: 1 } }],
  ]],
  ['POST /deployments/', 'schedules', [
    [{ schedule: { interval: 'PT5M', anchor_date: '2024-05-06T00:00:00Z', zz: 1 } }],
    [{ active: false }],
  ]],
  ['POST /deployments/', 'parameter_openapi_schema', [{ type: 'object' }]],
  ['POST /deployments/', 'concurrency_options', [{ collision_strategy: 'ENQUEUE' }, { collision_strategy: 'WAIT' }]],
  ['POST /automations/', 'trigger', [
    { type: 'event', posture: 'Proactive', within: 5 },
    { type: 'event', posture: 'Proactive' },
    { posture: 'Reactive', threshold: '3' },
  ]],
  ['POST /automations/', 'trigger', [
    { posture: 'Reactive', within: -1 },
    { posture: 'Reactive', expect: ['a', 'a', 'b'] },
    { posture: 'Reactive', match: { a: ['b'] } },
  ]],
  ['POST /automations/', 'trigger', [
    { type: 'compound', triggers: [{ posture: 'Reactive' }], within: 'PT1M', require: 2 },
  ]],
  ['POST /automations/', 'trigger', [
    { type: 'compound', triggers: [{ posture: 'Reactive' }], within: 60, require: 'any' },
  ]],
  ['POST /automations/', 'trigger', [
    { type: 'sequence', triggers: [{ type: 'sequence', triggers: [], within: 1 }], within: null },
  ]],
  ['POST /automations/', 'actions', [
    [{ type: 'run-deployment', source: 'inferred', deployment_id: ID }],
    [{ type: 'run-deployment' }],
    [{ type: 'cancel-flow-run' }],
  ]],
  ['POST /automations/', 'actions', [
    [{ type: 'pause-work-pool', source: 'selected', work_pool_id: ID }],
    [{ type: 'change-flow-run-state', state: 'FAILED' }],
  ]],
  ['POST /v2/concurrency_limits/increment-with-lease', 'lease_duration', [59, 60, 86400, 86401, '120']],
  ['POST /v2/concurrency_limits/increment-with-lease', 'holder', [
    { type: 'flow_run', id: ID },
    { type: 'task', id: ID },
  ]],
]

/** An acceptable body of each operation that is tried. */
const BODIES = {
  'POST /flows/': { name: 'a', tags: [], labels: null },
  'POST /flow_runs/': { flow_id: ID, state: { type: 'PENDING' }, tags: [], labels: {}, parameters: {}, name: 'a' },
  'PATCH /flow_runs/{id}': { name: 'a', parameters: {}, tags: [] },
  'POST /flow_runs/{id}/set_state': { state: { type: 'RUNNING', name: 'Run', data: {} }, force: false },
  'POST /flow_runs/filter': { limit: 1, offset: 0, sort: 'ID_DESC', flow_runs: {}, flows: null },
  'POST /flow_runs/history': {
    history_start: '2024-05-06T00:00:00Z',
    history_end: '2024-05-07',
    history_interval_seconds: 60,
  },
  'POST /flow_runs/bulk_delete': { limit: 1 },
  'POST /task_runs/': { task_key: 'k', dynamic_key: '0', task_inputs: {}, empirical_policy: {}, cache_key: null },
  'POST /deployments/': {
    name: 'a',
    flow_id: ID,
    schedules: [],
    paused: false,
    parameters: {},
    concurrency_limit: null,
  },
  'POST /work_pools/': { name: 'a', type: 'process', is_paused: false, concurrency_limit: 1, base_job_template: {} },
  'POST /work_pools/{work_pool_name}/queues': { name: 'a', priority: 1, concurrency_limit: null },
  'POST /variables/': { name: 'a', value: 1, tags: [] },
  'POST /artifacts/': { key: 'a', data: {}, metadata_: {}, flow_run_id: null },
  'POST /block_documents/': { name: 'a', data: {}, block_schema_id: ID, block_type_id: ID, is_anonymous: false },
  'POST /v2/concurrency_limits/': { name: 'a', limit: 1, active: true, slot_decay_per_second: 0 },
  'POST /v2/concurrency_limits/increment-with-lease': {
    names: ['a'],
    slots: 1,
    mode: 'concurrency',
    lease_duration: 60,
  },
  'POST /automations/': { name: 'a', trigger: { type: 'event', posture: 'Reactive' }, actions: [], enabled: true },
  'POST /ui/flows/count-deployments': { flow_ids: [ID] },
} satisfies { readonly [Route in RouteName]?: BodyOf<Route> }

/** An acceptable item of each operation that takes a list. */
const ITEMS = {
  'POST /logs/': { name: 'a', level: 20, message: 'b', timestamp: '2024-05-06T07:08:09Z', flow_run_id: ID },
  'POST /events': {
    id: ID,
    occurred: '2024-05-06T07:08:09Z',
    event: 'a',
    resource: { 'prefect.resource.id': 'r' },
    related: [{ 'prefect.resource.id': 's', 'prefect.resource.role': 't' }],
    payload: {},
  },
} satisfies { readonly [Route in RouteName]?: BodyOf<Route> extends readonly (infer Item)[] ? Item : never }

/** Every body that is tried: each field absent and with each value, and bodies that are no object at all. */
export function validationCases(): Case[] {
  const out: Case[] = []
  for (const [operation, base] of Object.entries(BODIES)) {
    for (const body of [null, [], 'word', 1, {}, base, { ...base, unheard_of: 1 }]) out.push({ operation, body })
    for (const body of variants(operation, base)) out.push({ operation, body })
  }
  for (const [operation, base] of Object.entries(ITEMS)) {
    for (const body of [null, [], {}, 1, [1], [base, base], [{ ...base, unheard_of: 1 }]]) out.push({ operation, body })
    for (const item of variants(operation, base)) out.push({ operation, body: [item] })
  }
  return out
}

function variants(operation: string, base: Readonly<Record<string, unknown>>): unknown[] {
  const out: unknown[] = []
  for (const field of Object.keys(base)) {
    const { [field]: _absent, ...rest } = base
    out.push(rest, ...VALUES.map((value) => ({ ...base, [field]: value })))
  }
  for (const [forOperation, field, values] of SPECIAL) {
    if (forOperation === operation) out.push(...values.map((value) => ({ ...base, [field]: value })))
  }
  return out
}
