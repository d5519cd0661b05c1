import { get, post, unknownId } from '../call.ts'
import type { Call, CallList } from '../call.ts'

const stateTypes = [
  'SCHEDULED', 'PENDING', 'RUNNING', 'PAUSED', 'CANCELLING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED',
]

function create(as: string, more: Record<string, unknown> = {}): Call {
  return post('/flow_runs/', { flow_id: '@{flow.id}', name: `run ${as}`, ...more }, { as })
}

function move(run: string, type: string, more: Record<string, unknown> = {}, force?: boolean): Call {
  const body = { state: { type, ...more }, ...(force === undefined ? {} : { force }) }
  return post(`/flow_runs/@{${run}.id}/set_state`, body)
}

/** From every state type to every other, with and without force: 162 transitions, each on a run of its own. */
function everyTransition(force: boolean): Call[] {
  return stateTypes.flatMap((from) =>
    stateTypes.flatMap((to) => {
      const run = `${from}-${to}-${force ? 'forced' : 'core'}`.toLowerCase()
      return [create(run, { state: { type: from } }), move(run, to, {}, force)]
    }))
}

export const flowRunTransitions: CallList = {
  name: 'flow-run-transitions',
  calls: [post('/flows/', { name: 'lock' }, { as: 'flow' }), ...everyTransition(false)],
}

export const flowRunForcedTransitions: CallList = {
  name: 'flow-run-forced-transitions',
  calls: [post('/flows/', { name: 'lock' }, { as: 'flow' }), ...everyTransition(true)],
}

const reference = { type: 'reference', storage_key: 'key-1' }

export const flowRunRules: CallList = {
  name: 'flow-run-rules',
  calls: [
    post('/flows/', { name: 'sluice' }, { as: 'flow' }),
    post('/deployments/', { name: 'gate', flow_id: '@{flow.id}' }, { as: 'deployment' }),

    // An ordinary life, and what it leaves in the run.
    create('life', { state: { type: 'PENDING' } }),
    move('life', 'RUNNING', { name: 'Running', message: 'off we go' }),
    get('/flow_runs/@{life.id}'),
    move('life', 'COMPLETED', { data: reference, message: 'done' }),
    get('/flow_runs/@{life.id}'),
    move('life', 'RUNNING'),
    move('life', 'COMPLETED'),
    move('life', 'COMPLETED', { data: { type: 'unpersisted' } }),
    move('life', 'COMPLETED', { data: { type: 'reference', storage_key: 'key-2' }, name: 'Done' }),
    move('life', 'COMPLETED', {}, true),
    move('life', 'FAILED'),
    move('life', 'CRASHED'),
    move('life', 'CANCELLING'),
    move('life', 'PAUSED'),
    move('life', 'SCHEDULED'),
    get('/flow_runs/@{life.id}'),
    get('/flow_run_states/?flow_run_id=@{life.id}'),

    // The same transition twice.
    create('twice', { state: { type: 'PENDING' } }),
    move('twice', 'RUNNING', { state_details: { transition_id: '00000000-0000-4000-8000-000000000011' } }),
    move('twice', 'RUNNING', { state_details: { transition_id: '00000000-0000-4000-8000-000000000011' } }),
    move('twice', 'RUNNING', { state_details: { transition_id: '00000000-0000-4000-8000-000000000012' } }),
    move('twice', 'COMPLETED', { state_details: { transition_id: '00000000-0000-4000-8000-000000000012' } }),
    move('twice', 'RUNNING', { state_details: { transition_id: '00000000-0000-4000-8000-000000000012' } }, true),

    // Retries.
    create('retry', { state: { type: 'PENDING' }, empirical_policy: { retries: 1, retry_delay: 0 } }),
    move('retry', 'RUNNING'),
    move('retry', 'FAILED', { message: 'first try', data: reference }),
    get('/flow_runs/@{retry.id}'),
    move('retry', 'RUNNING', { name: 'Retrying' }),
    get('/flow_runs/@{retry.id}'),
    move('retry', 'FAILED', { message: 'second try' }),
    get('/flow_runs/@{retry.id}'),
    create('slow-retry', { state: { type: 'RUNNING' }, empirical_policy: { retries: 2, retry_delay: 600 } }),
    move('slow-retry', 'FAILED', { message: 'slow' }),
    move('slow-retry', 'RUNNING'),
    move('slow-retry', 'CANCELLING'),
    create('no-retry', { state: { type: 'RUNNING' }, empirical_policy: { retries: 0 } }),
    move('no-retry', 'FAILED'),
    create('forced-failure', { state: { type: 'RUNNING' }, empirical_policy: { retries: 3 } }),
    move('forced-failure', 'FAILED', {}, true),
    create('unretriable', { state: { type: 'RUNNING' }, empirical_policy: { retries: 3 } }),
    move('unretriable', 'FAILED', { state_details: { retriable: false } }),
    create('timed-out', { state: { type: 'RUNNING' }, empirical_policy: { retries: 3, retry_delay: 3 } }),
    move('timed-out', 'FAILED', { name: 'TimedOut', message: 'too long' }),

    // Scheduled times.
    create('later', { state: { type: 'SCHEDULED', state_details: { scheduled_time: '2035-05-05T05:05:05.123456Z' } } }),
    get('/flow_runs/@{later.id}', { pick: ['expected_start_time', 'next_scheduled_start_time', 'start_time', 'auto_scheduled'] }),
    move('later', 'PENDING'),
    post('/flow_runs/@{later.id}/set_state', { state: { type: 'RUNNING' } }, { pick: ['status', 'details.type', 'details.reason'] }),
    move('later', 'RUNNING', {}, true),
    create('zoned', { state: { type: 'SCHEDULED', state_details: { scheduled_time: '2035-05-05T05:05:05+02:00' } } }),
    create('naive', { state: { type: 'SCHEDULED', state_details: { scheduled_time: '2035-05-05T05:05:05' } } }),
    create('unix', { state: { type: 'SCHEDULED', state_details: { scheduled_time: 2061262800 } } }),
    create('past', { state: { type: 'SCHEDULED', state_details: { scheduled_time: '2020-01-01T00:00:00Z' } } }),
    move('past', 'SCHEDULED', { name: 'Late' }),
    move('past', 'SCHEDULED', { name: 'Late' }),
    move('past', 'PENDING'),
    move('past', 'SCHEDULED', { name: 'Late' }),
    move('past', 'PENDING', { name: 'Submitting' }),
    move('past', 'PENDING', { name: 'InfrastructurePending' }),
    move('past', 'PENDING', { name: 'InfrastructurePending' }),
    move('past', 'PENDING', { name: 'Pending' }),
    move('past', 'PENDING'),
    move('past', 'RUNNING'),
    get('/flow_runs/@{past.id}'),
    move('past', 'PENDING'),
    move('past', 'CANCELLED'),
    move('past', 'PENDING'),
    move('past', 'PENDING', {}, true),

    // Cancelling.
    create('with-pid', { state: { type: 'SCHEDULED' }, infrastructure_pid: 'host:1' }),
    move('with-pid', 'CANCELLING'),
    move('with-pid', 'CANCELLING'),
    move('with-pid', 'RUNNING'),
    move('with-pid', 'CANCELLED'),
    move('with-pid', 'CANCELLING'),
    create('forced-cancel', { state: { type: 'SCHEDULED' } }),
    move('forced-cancel', 'CANCELLING', {}, true),

    // Out of a terminal state.
    create('ended', { state: { type: 'FAILED', message: 'broke' } }),
    move('ended', 'SCHEDULED', { name: 'AwaitingRetry' }),
    move('ended', 'RUNNING'),
    get('/flow_runs/@{ended.id}'),
    post('/flow_runs/', { flow_id: '@{flow.id}', deployment_id: '@{deployment.id}', name: 'of deployment', state: { type: 'FAILED' } }, { as: 'deployed' }),
    move('deployed', 'SCHEDULED', { name: 'AwaitingRetry' }),
    get('/flow_runs/@{deployed.id}'),
    move('deployed', 'PENDING'),
    move('deployed', 'RUNNING'),
    get('/flow_runs/@{deployed.id}'),

    // Old clients.
    create('old', { state: { type: 'RUNNING' }, empirical_policy: { retries: 2, pause_keys: ['a'], resuming: true } }),
    post('/flow_runs/@{old.id}/set_state', { state: { type: 'FAILED' } }, { headers: { 'X-PREFECT-API-VERSION': '0.8.3' } }),
    get('/flow_runs/@{old.id}', { pick: ['empirical_policy', 'state_name'] }),
    move('old', 'RUNNING'),
    post('/flow_runs/@{old.id}/set_state', { state: { type: 'FAILED' } }, { headers: { 'X-PREFECT-API-VERSION': '0.8.4' } }),
    get('/flow_runs/@{old.id}', { pick: ['empirical_policy', 'state_name'] }),

    // Bad input.
    create('target', { state: { type: 'RUNNING' } }),
    post('/flow_runs/@{target.id}/set_state', {}),
    post('/flow_runs/@{target.id}/set_state'),
    post('/flow_runs/@{target.id}/set_state', { state: null }),
    post('/flow_runs/@{target.id}/set_state', { state: 'FAILED' }),
    post('/flow_runs/@{target.id}/set_state', { state: {} }),
    post('/flow_runs/@{target.id}/set_state', { state: { type: 'failed' } }),
    post('/flow_runs/@{target.id}/set_state', { state: { type: 'FAILED', name: 5 } }),
    post('/flow_runs/@{target.id}/set_state', { state: { type: 'FAILED', message: 5 } }),
    post('/flow_runs/@{target.id}/set_state', { state: { type: 'FAILED', surprise: 5 } }),
    post('/flow_runs/@{target.id}/set_state', { state: { type: 'FAILED' }, force: 'maybe' }),
    post('/flow_runs/@{target.id}/set_state', { state: { type: 'FAILED' }, force: null }),
    create('target2', { state: { type: 'RUNNING' } }),
    post('/flow_runs/@{target2.id}/set_state', { state: { type: 'FAILED' }, force: 'yes', surprise: 1 }),
    post('/flow_runs/@{target2.id}/set_state', { state: { type: 'FAILED', state_details: 'x' } }),
    post('/flow_runs/@{target2.id}/set_state', { state: { type: 'FAILED', state_details: { flow_run_id: 'x' } } }),
    post('/flow_runs/@{target2.id}/set_state', { state: { type: 'FAILED', state_details: null } }),
    post('/flow_runs/@{target2.id}/set_state', { state: { type: 'FAILED', name: '', id: unknownId, timestamp: '2001-01-01T00:00:00Z' } }),
    post('/flow_runs/@{target2.id}/set_state', { state: { type: 'FAILED', name: 'My Own Name', timestamp: '2001-01-01T00:00:00Z' } }),
    post(`/flow_runs/${unknownId}/set_state`, { state: { type: 'RUNNING' } }),
    post(`/flow_runs/${unknownId}/set_state`, { state: { type: 'RUNNING' }, force: true }),
  ],
}

export const flowRunPauses: CallList = {
  name: 'flow-run-pauses',
  calls: [
    post('/flows/', { name: 'weir' }, { as: 'flow' }),
    post('/deployments/', { name: 'board', flow_id: '@{flow.id}' }, { as: 'deployment' }),
    create('paused', { state: { type: 'RUNNING' } }),
    move('paused', 'PAUSED', { state_details: { pause_key: '1', pause_timeout: '2035-01-01T00:00:00Z' } }),
    get('/flow_runs/@{paused.id}'),
    move('paused', 'PENDING'),
    move('paused', 'PAUSED', { state_details: { pause_key: '2', pause_timeout: '2035-01-01T00:00:00Z' } }),
    post('/flow_runs/@{paused.id}/resume', {}),
    get('/flow_runs/@{paused.id}'),
    post('/flow_runs/@{paused.id}/resume', {}),
    move('paused', 'PAUSED', { state_details: { pause_key: '1', pause_timeout: '2035-01-01T00:00:00Z' } }),
    move('paused', 'PAUSED', { state_details: { pause_key: '2' } }),
    get('/flow_runs/@{paused.id}'),
    move('paused', 'CANCELLING'),

    create('timeless', { state: { type: 'RUNNING' } }),
    move('timeless', 'PAUSED'),
    post('/flow_runs/@{timeless.id}/resume'),
    create('expired', { state: { type: 'RUNNING' } }),
    move('expired', 'PAUSED', { state_details: { pause_key: 'k', pause_timeout: '2020-01-01T00:00:00Z' } }),
    post('/flow_runs/@{expired.id}/resume', {}),
    get('/flow_runs/@{expired.id}'),

    create('suspend-none', { state: { type: 'RUNNING' } }),
    move('suspend-none', 'PAUSED', { name: 'Suspended', state_details: { pause_reschedule: true } }),
    create('pending-pause', { state: { type: 'PENDING' } }),
    move('pending-pause', 'PAUSED', { name: 'Suspended' }),

    create('deployed', { deployment_id: '@{deployment.id}', state: { type: 'RUNNING' } }),
    move('deployed', 'PAUSED', { name: 'Suspended', state_details: { pause_reschedule: true, pause_key: 's1', pause_timeout: '2035-01-01T00:00:00Z' } }),
    post('/flow_runs/@{deployed.id}/resume', {}),
    get('/flow_runs/@{deployed.id}'),
    move('deployed', 'PENDING'),
    move('deployed', 'RUNNING'),
    get('/flow_runs/@{deployed.id}'),
    move('deployed', 'PAUSED', { name: 'Suspended', state_details: { pause_reschedule: true, pause_key: 's2', pause_timeout: '2035-01-01T00:00:00Z' } }),
    move('deployed', 'CANCELLING'),

    create('asking', { state: { type: 'RUNNING' } }),
    move('asking', 'PAUSED', { state_details: { pause_key: '1', pause_timeout: '2035-01-01T00:00:00Z', run_input_keyset: { schema: 'paused-1-schema', response: 'paused-1-response', description: 'paused-1-description' } } }),
    post('/flow_runs/@{asking.id}/resume', { run_input: { age: 5 } }),
    post('/flow_runs/@{asking.id}/input', { key: 'paused-1-schema', value: '{"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}' }),
    post('/flow_runs/@{asking.id}/resume', { run_input: { age: 'old' } }),
    post('/flow_runs/@{asking.id}/resume', { run_input: {} }),
    post('/flow_runs/@{asking.id}/resume', { run_input: { age: { __prefect_kind: 'json', value: 'x' } } }),
    post('/flow_runs/@{asking.id}/resume', { run_input: { age: { __prefect_kind: 'workspace_variable', variable_name: 'none' } } }),
    post('/flow_runs/@{asking.id}/resume', { run_input: 'x' }),
    post('/flow_runs/@{asking.id}/resume', { run_input: { age: { __prefect_kind: 'json', value: '7' } } }),
    get('/flow_runs/@{asking.id}/input/paused-1-response'),
    get('/flow_runs/@{asking.id}'),

    create('bad-schema', { state: { type: 'RUNNING' } }),
    move('bad-schema', 'PAUSED', { state_details: { pause_timeout: '2035-01-01T00:00:00Z', pause_key: 'x', run_input_keyset: { schema: 'the-schema', response: 'the-response' } } }),
    post('/flow_runs/@{bad-schema.id}/input', { key: 'the-schema', value: 'not json' }),
    post('/flow_runs/@{bad-schema.id}/resume', { run_input: { a: 1 } }),
    post('/flow_runs/@{bad-schema.id}/resume', {}),
    move('bad-schema', 'RUNNING'),

    create('never', { state: { type: 'RUNNING' } }),
    post('/flow_runs/@{never.id}/resume', {}),
    post(`/flow_runs/${unknownId}/resume`, {}),

    // Subflows may not be suspended; the parent's task run follows them.
    create('parent', { state: { type: 'RUNNING' }, deployment_id: '@{deployment.id}' }),
    post('/task_runs/', { flow_run_id: '@{parent.id}', task_key: 'child', dynamic_key: '0', name: 'child-0', state: { type: 'PENDING' } }, { as: 'mirror' }),
    create('child', { state: { type: 'PENDING' }, parent_task_run_id: '@{mirror.id}', deployment_id: '@{deployment.id}' }),
    get('/task_runs/@{mirror.id}'),
    move('child', 'RUNNING', { message: 'child runs' }),
    get('/task_runs/@{mirror.id}'),
    move('child', 'PAUSED', { state_details: { pause_reschedule: true } }),
    move('child', 'PAUSED', { state_details: { pause_key: 'c', pause_timeout: '2035-01-01T00:00:00Z' } }),
    get('/task_runs/@{mirror.id}'),
    move('child', 'RUNNING'),
    move('child', 'COMPLETED', { data: reference }),
    get('/task_runs/@{mirror.id}'),
    get('/flow_runs/@{child.id}'),
    get('/task_run_states/?task_run_id=@{mirror.id}'),
    get('/flow_runs/@{parent.id}/graph-v2'),
    get('/flow_runs/@{parent.id}/graph'),
  ],
}
