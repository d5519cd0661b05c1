import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isoIn, NOW_US, outcomeOf, reasonOf, seconds, stateOf, taskRunFacts } from './facts.fixture.ts'
import { STATE_TYPES, type ProposedState, type State, type StateType } from './state.ts'
import { cacheKeyToLoad, MissingFlowRunError, taskRunPolicyFor, type TaskRunFacts } from './task-run-facts.ts'
import { decideTaskRun } from './task-run-transition.ts'

type Over = Parameters<typeof taskRunFacts>[0] & object

const flowRunIn = (type: StateType | null, runCount = 1): NonNullable<TaskRunFacts['flowRun']> =>
  ({ found: true, runCount, state: type && stateOf(type) })

function decide(initial: State | null, proposed: ProposedState, over: Over = {}) {
  return decideTaskRun(taskRunFacts({ initial, proposed, ...over }))
}

const inFlow = (type: StateType | null, runCount = 1): Over =>
  ({ run: { flowRunId: 'flow-run-1' }, flowRun: flowRunIn(type, runCount) })

test('forced and background proposals are judged by policies of their own', () => {
  assert.equal(taskRunPolicyFor({ type: 'RUNNING' }, false), 'core')
  assert.equal(taskRunPolicyFor({ type: 'RUNNING' }, true), 'minimal')
  assert.equal(taskRunPolicyFor({ type: 'RUNNING', details: { deferred: true } }, true), 'background')
})

test('a task starts only in a running flow', () => {
  const reason = 'The enclosing flow must be running to begin task execution.'
  for (const type of [null, ...STATE_TYPES].filter((type) => type !== 'RUNNING' && type !== 'PAUSED')) {
    const decision = decide(stateOf('PENDING'), { type: 'RUNNING' }, inFlow(type))
    assert.deepEqual([decision.status, reasonOf(decision)], ['ABORT', reason], String(type))
  }
  assert.equal(outcomeOf(decide(stateOf('PENDING'), { type: 'RUNNING' }, inFlow('RUNNING'))), 'ACCEPT Running')
  assert.equal(outcomeOf(decide(stateOf('PENDING'), { type: 'RUNNING' })), 'ACCEPT Running')
})

test('in a paused flow the task pauses with it', () => {
  const paused = stateOf('PAUSED', { given: { pause_timeout: isoIn(9), pause_reschedule: true } })
  const decision = decide(stateOf('PENDING'), { type: 'RUNNING' }, {
    run: { flowRunId: 'flow-run-1' }, flowRun: { found: true, runCount: 1, state: paused },
  })
  assert.equal(outcomeOf(decision), 'REJECT NotReady')
  assert.equal(
    reasonOf(decision), 'The flow is paused, new tasks can execute after resuming flow run: flow-run-1.',
  )
  assert.equal(decision.written?.details.pause_timeout, isoIn(9))
  assert.equal(decision.written?.details.pause_reschedule, true)
})

test('starting notes the run of the flow it belongs to', () => {
  const { patch } = decide(stateOf('PENDING'), { type: 'RUNNING' }, inFlow('RUNNING', 3))
  assert.deepEqual([patch.flowRunRunCount, patch.runCount, patch.startTimeUs], [3, 1, NOW_US])
})

test('a background task whose flow run is gone cannot start', () => {
  const over: Over = {
    policy: 'background', run: { flowRunId: 'flow-run-1' }, flowRun: { found: false, runCount: 0, state: null },
  }
  assert.throws(() => decide(stateOf('PENDING'), { type: 'RUNNING' }, over), new MissingFlowRunError('task-1'))
  assert.equal(
    new MissingFlowRunError('task-1').message,
    'Unable to read flow run associated with task run: task-1, this flow run might have been deleted',
  )
})

test('a task with a cached result takes it instead of running', () => {
  const cached = stateOf('COMPLETED', {
    id: 'other', message: 'm', data: { type: 'reference' }, given: { cache_key: 'k', task_run_id: 'other-task' },
  })
  const decision = decide(stateOf('PENDING'), { type: 'RUNNING', details: { cache_key: 'k' } }, { cached })
  assert.equal(outcomeOf(decision), 'REJECT Cached')
  assert.equal(reasonOf(decision), 'Retrieved state from cache')
  const { id, timestampUs, data, message, details } = decision.written!
  assert.deepEqual([timestampUs, data, message, details.task_run_id], [NOW_US, { type: 'reference' }, 'm', 'task-1'])
  assert.notEqual(id, 'other')
  assert.equal(decision.patch.endTimeUs, NOW_US)
  assert.deepEqual(decision.effects, [])
})

test('the cache is asked only by a task that starts, has a key and does not refresh', () => {
  assert.equal(cacheKeyToLoad({ type: 'RUNNING', details: { cache_key: 'k' } }), 'k')
  assert.equal(cacheKeyToLoad({ type: 'RUNNING', details: { cache_key: 'k', refresh_cache: true } }), null)
  assert.equal(cacheKeyToLoad({ type: 'PENDING', details: { cache_key: 'k' } }), null)
  assert.equal(cacheKeyToLoad({ type: 'RUNNING' }), null)
})

test('a result is put in the cache under its key', () => {
  const { effects, written } = decide(stateOf('RUNNING'), {
    type: 'COMPLETED', details: { cache_key: 'k', cache_expiration: isoIn(60) },
  })
  assert.deepEqual(effects, [
    { kind: 'insert-cache', cacheKey: 'k', expirationUs: NOW_US + seconds(60), stateId: written?.id },
  ])
})

test('a key that is too long is refused, and not put in the cache; the task is complete all the same', () => {
  const decision = decide(stateOf('RUNNING'), { type: 'COMPLETED', details: { cache_key: 'k'.repeat(2001) } })
  assert.equal(outcomeOf(decision), 'REJECT Completed')
  assert.equal(reasonOf(decision), 'Cache key exceeded maximum allowed length of 2000 characters.')
  assert.deepEqual(decision.effects, [])
})

test('a task with retries left awaits its retry and is then named so', () => {
  const run = { runCount: 1, empiricalPolicy: { retries: 2, retry_delay: [3, 9] } }
  const failed = decide(stateOf('RUNNING'), { type: 'FAILED', message: 'boo', data: { a: 1 } }, { run })
  assert.equal(outcomeOf(failed), 'REJECT AwaitingRetry')
  assert.equal(reasonOf(failed), 'Retrying')
  assert.deepEqual([failed.written?.message, failed.written?.data], ['boo', { a: 1 }])
  assert.equal(failed.written?.details.scheduled_time, isoIn(3))
  const early = decide(failed.written, { type: 'RUNNING' }, { run })
  assert.deepEqual(early.details, {
    type: 'wait_details', delay_seconds: 3, reason: 'Scheduled time is in the future',
  })
  const retried = decide(failed.written, { type: 'RUNNING' }, { run, nowUs: NOW_US + seconds(3) })
  assert.equal(outcomeOf(retried), 'ACCEPT Retrying')
})

test('a task fails for good without retries, after the last, or when it is marked as not retriable', () => {
  const fails = (run: Over['run'], details: ProposedState['details'] = {}) =>
    outcomeOf(decide(stateOf('RUNNING'), { type: 'FAILED', details }, { run: run ?? {} }))
  assert.equal(fails({ runCount: 1 }), 'ACCEPT Failed')
  assert.equal(fails({ runCount: 3, empiricalPolicy: { retries: 2 } }), 'ACCEPT Failed')
  assert.equal(fails({ runCount: 1, empiricalPolicy: { retries: 2 } }, { retriable: false }), 'ACCEPT Failed')
  assert.equal(fails({ runCount: 1, empiricalPolicy: { retries: 2 } }, { retriable: true }), 'REJECT AwaitingRetry')
})

test('a task that runs once more is named after the reason', () => {
  const name = (initial: State, over: Over = {}) => decide(initial, { type: 'RUNNING' }, over).written?.name
  assert.equal(name(stateOf('RUNNING'), { run: { runCount: 1 } }), 'Rerunning')
  assert.equal(name(stateOf('FAILED'), { run: { runCount: 1 } }), 'Running', 'its attempts start anew')
  const run = { flowRunId: 'flow-run-1', runCount: 1, flowRunRunCount: 1 }
  assert.equal(name(stateOf('FAILED'), { run, flowRun: flowRunIn('RUNNING', 2) }), 'Retrying', 'its flow is retried')
})

test('leaving a finished task starts its count anew, unless a later rule refuses', () => {
  const over = { run: { runCount: 4, flowRunId: 'flow-run-1' }, flowRun: flowRunIn('RUNNING') }
  assert.equal(decide(stateOf('FAILED'), { type: 'RUNNING' }, over).patch.runCount, 1)
  assert.deepEqual(decide(stateOf('FAILED'), { type: 'RUNNING' }, { ...over, flowRun: flowRunIn('FAILED') }).patch, {})
})

test('a task that is completed with a result stays so', () => {
  const completed = stateOf('COMPLETED', { data: { type: 'reference' } })
  for (const type of ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED'] as const) {
    const decision = decide(completed, { type })
    assert.deepEqual([outcomeOf(decision), reasonOf(decision)], ['REJECT -', 'This run is already completed.'], type)
  }
  assert.equal(outcomeOf(decide(stateOf('COMPLETED', { data: {} }), { type: 'RUNNING' })), 'ACCEPT Running')
})

test('cancelling, pausing and crashing a finished task is aborted', () => {
  for (const type of ['CANCELLING', 'PAUSED', 'CRASHED'] as const) {
    assert.equal(reasonOf(decide(stateOf('FAILED'), { type })), 'Run is already FAILED.')
  }
})

test('of two workers that take a background task, one is told to leave it', () => {
  const scheduled = stateOf('SCHEDULED', { given: { deferred: true, task_parameters_id: 'p' } })
  const details = { deferred: true }
  const first = decide(scheduled, { type: 'PENDING', details }, { policy: 'background' })
  assert.equal(first.written?.details.task_parameters_id, 'p')
  const second = decide(first.written, { type: 'PENDING', details }, { policy: 'background' })
  assert.equal(reasonOf(second), 'This run is in a PENDING state and cannot transition to a PENDING state.')
})

test('a scheduled background task is offered to those who serve it, retries on a queue of their own', () => {
  const queueOf = (name: string | null, deferred: boolean) =>
    decide(null, { type: 'SCHEDULED', name, details: { deferred } }, { policy: 'background' }).effects
  const offer = { kind: 'enqueue-scheduled-task', taskKey: 'key', taskRunId: 'task-1' }
  assert.deepEqual(queueOf(null, true), [{ ...offer, queue: 'scheduled' }])
  assert.deepEqual(queueOf('AwaitingRetry', true), [{ ...offer, queue: 'retry' }])
  assert.deepEqual(queueOf(null, false), [])
})

test('the state of a task names the task and its flow run, not what it was copied from', () => {
  const details = { flow_run_id: 'child', task_run_id: 'other', child_flow_run_id: 'child' }
  const over: Over = { policy: 'minimal', run: { flowRunId: 'flow-run-1' } }
  const { written } = decide(stateOf('PENDING'), { type: 'RUNNING', details }, over)
  const { flow_run_id, task_run_id, child_flow_run_id } = written!.details
  assert.deepEqual([flow_run_id, task_run_id, child_flow_run_id], ['flow-run-1', 'task-1', 'child'])
})

const tagLimit = { id: 'limit-a', tag: 'a', limit: 1, active: true, activeSlots: 0, avgSlotOccupancySeconds: 2 }
const other = { ...tagLimit, id: 'limit-b', tag: 'b', limit: 5, activeSlots: 2 }
const legacy = { id: 'legacy-c', tag: 'c', limit: 1, activeSlots: [] as string[] }
const start = (over: Over) => decide(stateOf('PENDING'), { type: 'RUNNING' }, over)

test('a task takes a slot of each of its limited tags, under one lease', () => {
  const { effects } = start({ tagLimits: [tagLimit, other], legacyTagLimits: [legacy, { ...legacy, tag: 'a' }] })
  const [acquired, taken] = effects
  assert.equal(effects.length, 2)
  assert.ok(acquired?.kind === 'acquire-tag-slots')
  assert.deepEqual(acquired.limitIds, ['limit-a', 'limit-b'])
  assert.deepEqual(acquired.holder, { type: 'task_run', id: 'task-1' })
  assert.ok(acquired.leaseSeconds > 99 * 365 * 86_400)
  assert.deepEqual(taken, { kind: 'take-legacy-tag-slots', limitIds: ['legacy-c'], taskRunId: 'task-1' })
})

test('a task without a free slot waits about as long as slots are held, and takes none', () => {
  const decision = start({ tagLimits: [other, { ...tagLimit, activeSlots: 1 }], legacyTagLimits: [legacy] })
  assert.deepEqual(decision.details, {
    type: 'wait_details', delay_seconds: 2, reason: 'Concurrency limit reached for tags: b, a',
  })
  assert.deepEqual(decision.effects, [])
})

test('the wait for a slot is bounded by the setting', () => {
  const decision = start({
    tagLimits: [{ ...tagLimit, activeSlots: 1, avgSlotOccupancySeconds: 3600 }], random: () => 0.999,
  })
  assert.ok(decision.details.type === 'wait_details' && decision.details.delay_seconds <= 13)
})

test('a full limit of the first API waits the seconds of the setting', () => {
  const decision = start({ legacyTagLimits: [{ ...legacy, activeSlots: ['other'] }], tagLimits: [tagLimit] })
  assert.deepEqual(decision.details, {
    type: 'wait_details', delay_seconds: 10, reason: 'Concurrency limit for the c tag has been reached',
  })
  assert.deepEqual(decision.effects, [])
})

test('a limit of 0 aborts, one that is switched off does not count', () => {
  const reason = 'The concurrency limit on tag "a" is 0 and will deadlock if the task tries to run again.'
  assert.equal(reasonOf(start({ tagLimits: [{ ...tagLimit, limit: 0 }] })), reason)
  assert.equal(reasonOf(start({ legacyTagLimits: [{ ...legacy, tag: 'a', limit: 0 }] })), reason)
  assert.deepEqual(start({ tagLimits: [{ ...tagLimit, limit: 0, active: false }] }).effects, [])
})

test('a task that runs on does not wait for the slots that it holds itself', () => {
  const decision = decide(stateOf('RUNNING'), { type: 'RUNNING' }, {
    tagLimits: [{ ...tagLimit, activeSlots: 1 }], leases: [{ id: 'lease-1', slots: 1, limitIds: ['limit-a'] }],
    legacyTagLimits: [{ ...legacy, activeSlots: ['task-1'] }],
  })
  assert.equal(decision.status, 'ACCEPT')
  assert.deepEqual(decision.effects, [])
})

test('no slots are taken by a task that has to wait for its time', () => {
  const initial = stateOf('SCHEDULED', { given: { scheduled_time: isoIn(60) } })
  const decision = decide(initial, { type: 'RUNNING' }, { tagLimits: [tagLimit], legacyTagLimits: [legacy] })
  assert.equal(decision.status, 'WAIT')
  assert.deepEqual(decision.effects, [])
})

test('slots are given back by every state but Running and Cancelling, forced ones too', () => {
  const over: Over = {
    leases: [{ id: 'lease-1', slots: 1, limitIds: ['limit-a', 'limit-b'] }],
    legacyTagLimits: [{ ...legacy, activeSlots: ['other', 'task-1'] }],
  }
  for (const policy of ['core', 'minimal', 'background'] as const) {
    assert.deepEqual(decide(stateOf('RUNNING'), { type: 'COMPLETED' }, { ...over, policy }).effects, [
      { kind: 'release-slots', limitIds: ['limit-a', 'limit-b'], slots: 1, leaseId: 'lease-1' },
      { kind: 'free-legacy-tag-slots', limitIds: ['legacy-c'], taskRunId: 'task-1' },
    ])
    assert.deepEqual(decide(stateOf('RUNNING'), { type: 'CANCELLING' }, { ...over, policy }).effects, [])
  }
})

const anyState = fc.record({
  type: fc.constantFrom(...STATE_TYPES),
  name: fc.constantFrom(null, 'AwaitingRetry', 'Submitting'),
  data: fc.constantFrom<unknown[]>(null, { type: 'reference' }),
  details: fc.record({ deferred: fc.boolean(), cache_key: fc.constantFrom(null, 'k', 'k'.repeat(3000)) }),
})
const anyFacts = fc.record({
  policy: fc.constantFrom('core', 'background', 'minimal'),
  from: fc.option(anyState),
  proposed: anyState,
  flowRun: fc.option(fc.option(fc.constantFrom(...STATE_TYPES)).map((type) => flowRunIn(type))),
  cached: fc.option(fc.constant(stateOf('COMPLETED'))),
  runCount: fc.nat(3),
  retries: fc.constantFrom(null, 1),
  activeSlots: fc.nat(2),
}).map((given) => taskRunFacts({
  policy: given.policy as TaskRunFacts['policy'],
  initial: given.from && stateOf(given.from.type, { data: given.from.data, given: given.from.details }),
  proposed: given.proposed,
  flowRun: given.flowRun,
  cached: given.cached,
  tagLimits: [{ ...tagLimit, activeSlots: given.activeSlots }],
  run: {
    runCount: given.runCount, empiricalPolicy: { retries: given.retries },
    flowRunId: given.flowRun && 'flow-run-1',
  },
}))

test('the same facts give the same decision, and waiting and aborting change nothing', () => {
  fc.assert(fc.property(anyFacts, (facts) => {
    const repeat = () => decideTaskRun({ ...facts, newId: taskRunFacts().newId })
    const decision = repeat()
    assert.deepEqual(repeat(), decision)
    if (decision.status === 'WAIT' || decision.status === 'ABORT') {
      assert.deepEqual([decision.written, decision.patch, decision.effects], [null, {}, []])
    }
    if (decision.status === 'ACCEPT') assert.equal(decision.written?.type, facts.proposed.type)
  }))
})

test('each start counts one run', () => {
  fc.assert(fc.property(anyFacts, (facts) => {
    const { written, patch } = decideTaskRun(facts)
    if (written?.type !== 'RUNNING') return
    const before = facts.run.runCount
    assert.ok([1, before + 1].includes(patch.runCount ?? before))
  }))
})
