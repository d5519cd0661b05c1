import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flowRunFacts, isoIn, leadFlowRun, NOW_US, outcomeOf, reasonOf, seconds, stateOf } from './facts.fixture.ts'
import type { FlowRunEffect, FlowRunFacts, FlowRunFactsRun } from './flow-run-facts.ts'
import { decideFlowRun } from './flow-run-transition.ts'
import { isTerminal, STATE_TYPES, TERMINAL_STATE_TYPES, type ProposedState, type State } from './state.ts'

interface Case {
  initial: State | null
  proposed: ProposedState
  run?: Partial<FlowRunFactsRun>
  facts?: Partial<Omit<FlowRunFacts, 'run'>>
  want: string
  reason?: string
}

function decideCase({ initial, proposed, run = {}, facts = {} }: Case) {
  return decideFlowRun(flowRunFacts({ initial, proposed, run, ...facts }))
}

function checkCases(cases: Record<string, Case>): void {
  for (const [name, row] of Object.entries(cases)) {
    test(name, () => {
      const decision = decideCase(row)
      assert.equal(outcomeOf(decision), row.want)
      assert.equal(reasonOf(decision), row.reason)
    })
  }
}

const completed = stateOf('COMPLETED', { data: { type: 'reference' } })
const withDeployment = { deploymentId: 'deployment-1' }

checkCases({
  'a new run may be pending': { initial: null, proposed: { type: 'PENDING' }, want: 'ACCEPT Pending' },
  'a repeated transition is refused by its id': {
    initial: stateOf('RUNNING', { given: { transition_id: 't' } }),
    proposed: { type: 'RUNNING', details: { transition_id: 't' } },
    want: 'REJECT -', reason: 'This run has already made this state transition.',
  },
  'two transitions without ids are no repetition': {
    initial: stateOf('RUNNING'), proposed: { type: 'RUNNING' }, want: 'ACCEPT Running',
  },
  'a cancelling run goes nowhere but to Cancelled': {
    initial: stateOf('CANCELLING'), proposed: { type: 'COMPLETED' },
    want: 'REJECT -', reason: 'Cannot transition flows that are cancelling to a state other than Cancelled.',
  },
  'a cancelling run that is cancelled again stays as it is': {
    initial: stateOf('CANCELLING'), proposed: { type: 'CANCELLING' },
    want: 'REJECT -', reason: 'Cannot transition flows that are cancelling to a state other than Cancelled.',
  },
  'a cancelling run ends Cancelled': {
    initial: stateOf('CANCELLING'), proposed: { type: 'CANCELLED' }, want: 'ACCEPT Cancelled',
  },
  'a scheduled run without infrastructure is cancelled at once': {
    initial: stateOf('SCHEDULED'), proposed: { type: 'CANCELLING' },
    want: 'REJECT Cancelled', reason: 'Scheduled flow run has no infrastructure to terminate.',
  },
  'a scheduled run with infrastructure has to be stopped first': {
    initial: stateOf('SCHEDULED'), proposed: { type: 'CANCELLING' }, run: { infrastructurePid: 'host:1' },
    want: 'ACCEPT Cancelling',
  },
  'a resuming run is cancelled at once, whatever infrastructure it had': {
    initial: stateOf('SCHEDULED', { name: 'Resuming' }), proposed: { type: 'CANCELLING' },
    run: { infrastructurePid: 'host:1' },
    want: 'REJECT Cancelled', reason: 'Scheduled flow run has no infrastructure to terminate.',
  },
  'a suspended run is cancelled at once': {
    initial: stateOf('PAUSED', { name: 'Suspended', given: { pause_reschedule: true } }),
    proposed: { type: 'CANCELLING' }, run: withDeployment,
    want: 'REJECT Cancelled', reason: 'Suspended flow run has no infrastructure to terminate.',
  },
  'a run paused in its process has to be stopped first': {
    initial: stateOf('PAUSED'), proposed: { type: 'CANCELLING' }, want: 'ACCEPT Cancelling',
  },
  'the second of two submissions is aborted': {
    initial: stateOf('PENDING'), proposed: { type: 'PENDING' },
    want: 'ABORT -', reason: 'This run is in a PENDING state and cannot transition to a PENDING state.',
  },
  'a running run cannot be submitted': {
    initial: stateOf('RUNNING'), proposed: { type: 'PENDING' },
    want: 'ABORT -', reason: 'This run is in a RUNNING state and cannot transition to a PENDING state.',
  },
  'a cancelled run cannot be submitted': {
    initial: stateOf('CANCELLED'), proposed: { type: 'PENDING' },
    want: 'ABORT -', reason: 'This run is in a CANCELLED state and cannot transition to a PENDING state.',
  },
  'a pending run may go through named sub-states': {
    initial: stateOf('PENDING'), proposed: { type: 'PENDING', name: 'Submitting' }, want: 'ACCEPT Submitting',
  },
  'a named sub-state of pending is entered once': {
    initial: stateOf('PENDING', { name: 'Submitting' }), proposed: { type: 'PENDING', name: 'Submitting' },
    want: 'ABORT -', reason: 'This run is in a PENDING state and cannot transition to a PENDING state.',
  },
  'only a scheduled run becomes late': {
    initial: stateOf('RUNNING'), proposed: { type: 'SCHEDULED', name: 'Late' },
    want: 'REJECT -', reason: 'Only scheduled flows can be marked late.',
  },
  'a late run does not become late again': {
    initial: stateOf('SCHEDULED', { name: 'Late' }), proposed: { type: 'SCHEDULED', name: 'Late' },
    want: 'REJECT -', reason: 'This flow run is already marked late.',
  },
  'a run may be created late': { initial: null, proposed: { type: 'SCHEDULED', name: 'Late' }, want: 'ACCEPT Late' },
  'a run without a state cannot pause': {
    initial: null, proposed: { type: 'PAUSED' }, want: 'ABORT -', reason: 'Cannot pause flows with no state.',
  },
  'only a running run is paused': {
    initial: stateOf('PENDING'), proposed: { type: 'PAUSED' },
    want: 'REJECT -', reason: 'Cannot pause flows that are not currently running.',
  },
  'only a running run is suspended': {
    initial: stateOf('PENDING'), proposed: { type: 'PAUSED', name: 'Suspended' },
    want: 'REJECT -', reason: 'Cannot suspend flows that are not currently running.',
  },
  'a pause fires once': {
    initial: stateOf('RUNNING'), proposed: { type: 'PAUSED', details: { pause_key: 'k' } },
    run: { empiricalPolicy: { pause_keys: ['k'] } },
    want: 'REJECT -', reason: 'This pause has already fired.',
  },
  'a subflow cannot be suspended': {
    initial: stateOf('RUNNING'), proposed: { type: 'PAUSED', name: 'Suspended', details: { pause_reschedule: true } },
    run: { parentTaskRunId: 'task-1', ...withDeployment },
    want: 'ABORT -', reason: 'Cannot suspend subflows.',
  },
  'a run without a deployment cannot be suspended': {
    initial: stateOf('RUNNING'), proposed: { type: 'PAUSED', name: 'Suspended', details: { pause_reschedule: true } },
    want: 'ABORT -', reason: 'Cannot suspend flows without a deployment.',
  },
  'a paused run cannot be submitted': {
    initial: stateOf('PAUSED'), proposed: { type: 'PENDING' },
    want: 'REJECT -',
    reason: 'This run cannot transition to the StateType.PENDING state from the StateType.PAUSED state.',
  },
  'a suspended run that lost its deployment cannot be rescheduled': {
    initial: stateOf('PAUSED', { given: { pause_reschedule: true } }),
    proposed: { type: 'SCHEDULED', name: 'Resuming' },
    want: 'REJECT -', reason: 'Cannot reschedule a resuming flow run without a deployment.',
  },
  'a pause that has timed out ends the run': {
    initial: stateOf('PAUSED', { given: { pause_timeout: isoIn(-1) } }), proposed: { type: 'RUNNING' },
    want: 'REJECT Failed', reason: 'The flow run pause has timed out and can no longer resume.',
  },
  'a pause that has time left is ended by resuming': {
    initial: stateOf('PAUSED', { given: { pause_timeout: isoIn(1) } }), proposed: { type: 'RUNNING' },
    want: 'ACCEPT Running',
  },
  'a finished run with a result does not start again': {
    initial: completed, proposed: { type: 'RUNNING' }, want: 'REJECT -', reason: 'Run is already COMPLETED.',
  },
  'a result is not overwritten by a state without one': {
    initial: completed, proposed: { type: 'COMPLETED' },
    want: 'REJECT -',
    reason: 'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.',
  },
  'a result may be overwritten by another one': {
    initial: completed, proposed: { type: 'COMPLETED', data: { type: 'reference', other: 1 } },
    want: 'ACCEPT Completed',
  },
  'a finished run cannot pause': {
    initial: stateOf('FAILED'), proposed: { type: 'PAUSED' },
    want: 'ABORT -', reason: 'Run is already in terminal state FAILED.',
  },
  'a run without a deployment cannot be rescheduled': {
    initial: stateOf('FAILED'), proposed: { type: 'SCHEDULED' },
    want: 'ABORT -', reason: 'Cannot reschedule a run without an associated deployment.',
  },
  'a failed run of a deployment can be rescheduled': {
    initial: stateOf('FAILED'), proposed: { type: 'SCHEDULED' }, run: withDeployment, want: 'ACCEPT Scheduled',
  },
  'a failed run can be run again': {
    initial: stateOf('FAILED'), proposed: { type: 'RUNNING' }, want: 'ACCEPT Running',
  },
  'a forced state still does not lose a result': {
    initial: completed, proposed: { type: 'COMPLETED' }, facts: { policy: 'minimal' },
    want: 'REJECT -',
    reason: 'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.',
  },
  'a forced cancellation still needs no infrastructure to end': {
    initial: stateOf('SCHEDULED'), proposed: { type: 'CANCELLING' }, facts: { policy: 'minimal' },
    want: 'REJECT Cancelled', reason: 'Scheduled flow run has no infrastructure to terminate.',
  },
  'force leads out of a finished run': {
    initial: completed, proposed: { type: 'RUNNING' }, facts: { policy: 'minimal' }, want: 'ACCEPT Running',
  },
  'force leads out of cancelling': {
    initial: stateOf('CANCELLING'), proposed: { type: 'CRASHED' }, facts: { policy: 'minimal' }, want: 'ACCEPT Crashed',
  },
})

test('cancelling, pausing and crashing a finished run is aborted, whichever way it finished', () => {
  for (const from of TERMINAL_STATE_TYPES) {
    for (const to of ['CANCELLING', 'PAUSED', 'CRASHED'] as const) {
      const decision = decideCase({ initial: stateOf(from), proposed: { type: to }, want: '' })
      assert.equal(outcomeOf(decision), 'ABORT -', `${from} to ${to}`)
      assert.equal(reasonOf(decision), `Run is already in terminal state ${from}.`)
    }
  }
})

test('a run that starts before its time is told to wait the rounded seconds', () => {
  for (const [dueInSeconds, want] of [
    [-3, 0], [-0.2, 0], [0.3, 0], [0.5, 0], [0.7, 1], [1.2, 1], [5.6, 6], [90_000, 90_000],
  ] as const) {
    const initial = stateOf('SCHEDULED', { given: { scheduled_time: isoIn(dueInSeconds) } })
    const decision = decideCase({ initial, proposed: { type: 'RUNNING' }, want: '' })
    if (want === 0) assert.equal(decision.status, 'ACCEPT', `due in ${dueInSeconds} s`)
    else {
      assert.deepEqual(decision.details, {
        type: 'wait_details', delay_seconds: want, reason: 'Scheduled time is in the future',
      })
    }
  }
})

test('pending carries the scheduled time along, so that an early start waits as well', () => {
  const scheduled = stateOf('SCHEDULED', { given: { scheduled_time: isoIn(60) } })
  const { decision } = leadFlowRun(flowRunFacts({ initial: scheduled }), [
    { type: 'PENDING' }, { type: 'PENDING', name: 'Submitting' }, { type: 'RUNNING' },
  ])
  assert.equal(decision?.status, 'WAIT')
})

test('a failing run with retries left awaits its retry, then starts again, and fails for good after the last', () => {
  const start = flowRunFacts({ run: { empiricalPolicy: { retries: 1, retry_delay: 0, pause_keys: ['k'] } } })
  const first = leadFlowRun(start, [
    { type: 'PENDING' }, { type: 'RUNNING' }, { type: 'FAILED', message: 'boo', data: 1 },
  ])
  assert.equal(outcomeOf(first.decision!), 'REJECT AwaitingRetry')
  assert.equal(reasonOf(first.decision!), 'Retrying')
  assert.deepEqual([first.decision?.written?.message, first.decision?.written?.data], ['boo', 1])
  assert.equal(first.facts.run.empiricalPolicy.retry_type, 'in_process')
  assert.deepEqual(first.facts.run.empiricalPolicy.pause_keys, [])
  const second = leadFlowRun(first.facts, [{ type: 'RUNNING', name: 'Retrying' }, { type: 'FAILED' }])
  assert.equal(outcomeOf(second.decision!), 'ACCEPT Failed')
  assert.equal(second.facts.run.runCount, 2)
  assert.equal(second.facts.run.empiricalPolicy.retry_type, null)
})

test('the retry comes after the delay of the policy', () => {
  const facts = flowRunFacts({
    initial: stateOf('RUNNING'), proposed: { type: 'FAILED' },
    run: { runCount: 1, empiricalPolicy: { max_retries: 3, retry_delay_seconds: 7 } },
  })
  const decision = decideFlowRun(facts)
  assert.equal(decision.written?.details.scheduled_time, isoIn(7))
  assert.equal(decision.patch.nextScheduledStartTimeUs, NOW_US + seconds(7))
})

test('clients of old API versions get neither policy changes nor, before 0.8.3, retries of their own tasks', () => {
  const facts = (apiVersion: string | null) => flowRunFacts({
    initial: stateOf('RUNNING'), proposed: { type: 'FAILED' }, apiVersion,
    run: { runCount: 1, empiricalPolicy: { retries: 3 } },
  })
  const seen = (['0.8.2', '0.8.3', '0.8.4', null] as const).map((apiVersion) => {
    const decision = decideFlowRun(facts(apiVersion))
    const kinds = decision.effects.map((effect) => effect.kind)
    return [apiVersion, decision.patch.empiricalPolicy?.retry_type, kinds.includes('retry-failed-task-runs')]
  })
  assert.deepEqual(seen, [
    ['0.8.2', undefined, true], ['0.8.3', undefined, false],
    ['0.8.4', 'in_process', false], [null, 'in_process', false],
  ])
})

test('rescheduling a finished run clears what its last run left in the policy', () => {
  const run = { ...withDeployment, empiricalPolicy: { retries: 2, pause_keys: ['k'], resuming: true } }
  const policyAfter = (type: 'SCHEDULED' | 'RUNNING') =>
    decideFlowRun(flowRunFacts({ initial: stateOf('FAILED'), proposed: { type }, run })).patch.empiricalPolicy
  for (const [type, retryType] of [['SCHEDULED', 'reschedule'], ['RUNNING', null]] as const) {
    const { pause_keys, resuming, retry_type, retries } = policyAfter(type) ?? {}
    assert.deepEqual([pause_keys, resuming, retry_type, retries], [[], false, retryType, 2], type)
  }
})

test('pausing notes its key, and resuming in the process counts as another run that the next one does not', () => {
  const running = leadFlowRun(flowRunFacts(), [{ type: 'PENDING' }, { type: 'RUNNING' }])
  const paused = leadFlowRun(running.facts, [{ type: 'PAUSED', details: { pause_key: 'k', pause_timeout: isoIn(99) } }])
  assert.deepEqual(paused.facts.run.empiricalPolicy.pause_keys, ['k'])
  const resumed = leadFlowRun(paused.facts, [{ type: 'RUNNING' }])
  assert.equal(resumed.facts.run.runCount, 2)
  assert.equal(resumed.facts.run.empiricalPolicy.resuming, true)
  const ended = leadFlowRun(resumed.facts, [{ type: 'COMPLETED' }])
  assert.equal(ended.facts.run.empiricalPolicy.resuming, false)
})

test('for clients before API 0.8.4 a resuming run is counted, and goes on resuming', () => {
  const run = { runCount: 1, empiricalPolicy: { resuming: true } }
  const after = (apiVersion: string) => {
    const facts = flowRunFacts({ initial: stateOf('PENDING'), proposed: { type: 'RUNNING' }, run, apiVersion })
    const { patch } = decideFlowRun(facts)
    return [patch.runCount, patch.empiricalPolicy?.resuming]
  }
  assert.deepEqual(after('0.8.3'), [2, undefined])
  assert.deepEqual(after('0.8.4'), [undefined, false])
})

test('a suspended run that resumes goes on with the same run count', () => {
  const start = flowRunFacts({ run: { ...withDeployment }, deployment: {
    found: true, limit: null, collisionStrategy: 'ENQUEUE', gracePeriodSeconds: null,
  } })
  const { facts } = leadFlowRun(start, [
    { type: 'PENDING' }, { type: 'RUNNING' },
    { type: 'PAUSED', name: 'Suspended', details: { pause_reschedule: true, pause_key: 'k' } },
    { type: 'SCHEDULED', name: 'Resuming' }, { type: 'PENDING' }, { type: 'RUNNING' },
  ])
  assert.equal(facts.run.runCount, 1)
  assert.equal(facts.run.empiricalPolicy.resuming, false)
})

test('a pause without a key gets a fresh one', () => {
  const decision = decideFlowRun(flowRunFacts({ initial: stateOf('RUNNING'), proposed: { type: 'PAUSED' } }))
  assert.equal(decision.patch.empiricalPolicy?.pause_keys?.length, 1)
})

test('the columns of a run follow its states', () => {
  const at = (delaySeconds: number) => NOW_US + seconds(delaySeconds)
  const scheduled = leadFlowRun(flowRunFacts(), [{ type: 'SCHEDULED', details: { scheduled_time: isoIn(1) } }])
  assert.equal(scheduled.facts.run.expectedStartTimeUs, at(1))
  assert.equal(scheduled.facts.run.nextScheduledStartTimeUs, at(1))
  const running = leadFlowRun(scheduled.facts, [{ type: 'PENDING' }, { type: 'RUNNING' }])
  assert.equal(running.facts.run.nextScheduledStartTimeUs, null)
  assert.equal(running.facts.run.startTimeUs, at(2))
  const failed = leadFlowRun(running.facts, [{ type: 'FAILED' }, { type: 'CANCELLED' }])
  const { endTimeUs, totalRunTimeSeconds, stateType, stateName, stateId, stateTimestampUs } = failed.facts.run
  assert.deepEqual([endTimeUs, totalRunTimeSeconds], [at(3), 1], 'the first end stands')
  assert.deepEqual([stateType, stateName, stateTimestampUs], ['CANCELLED', 'Cancelled', at(4)])
  assert.equal(stateId, failed.decision?.written?.id)
  const again = leadFlowRun(failed.facts, [{ type: 'RUNNING' }])
  assert.deepEqual([again.facts.run.endTimeUs, again.facts.run.startTimeUs], [null, at(2)])
  assert.equal(again.facts.run.expectedStartTimeUs, at(1))
})

test('a run that ends without having started started when it ended', () => {
  const { patch } = decideFlowRun(flowRunFacts({ initial: stateOf('PENDING'), proposed: { type: 'CRASHED' } }))
  assert.deepEqual([patch.startTimeUs, patch.endTimeUs], [NOW_US, NOW_US])
})

test('a state whose timestamp is taken moves to the next free microsecond', () => {
  const taken = new Set([NOW_US, NOW_US + 1])
  const decision = decideFlowRun(flowRunFacts({
    initial: stateOf('PENDING'), proposed: { type: 'RUNNING' }, timestampTaken: (us) => taken.has(us),
  }))
  assert.equal(decision.written?.timestampUs, NOW_US + 2)
  assert.equal(decision.patch.startTimeUs, NOW_US + 2)
})

test('a subflow shows its state on the task run that stands for it', () => {
  const decision = decideFlowRun(flowRunFacts({
    initial: stateOf('RUNNING'), run: { parentTaskRunId: 'task-9' },
    proposed: { type: 'COMPLETED', message: 'done', data: { type: 'reference' } },
  }))
  assert.equal(decision.written?.details.task_run_id, 'task-9')
  const mirror = decision.effects.find((effect) => effect.kind === 'mirror-to-parent-task-run')
  assert.equal(mirror?.taskRunId, 'task-9')
  assert.equal(mirror?.state.details?.child_flow_run_id, 'run-1')
  assert.deepEqual([mirror?.state.message, mirror?.state.data], ['done', { type: 'reference' }])
})

test('the event tells the intended types, even when another state is written', () => {
  const initial = stateOf('SCHEDULED')
  const decision = decideFlowRun(flowRunFacts({ initial, proposed: { type: 'CANCELLING' } }))
  const event = decision.effects.find((effect) => effect.kind === 'emit-state-event')
  assert.deepEqual(event?.intended, { from: 'SCHEDULED', to: 'CANCELLING' })
  assert.equal(event?.validated, decision.written)
  assert.equal(event?.initial, initial)
})

test('a late mark keeps the scheduled time of the run as given', () => {
  const facts = flowRunFacts({
    policy: 'mark-late', initial: stateOf('SCHEDULED', { given: { scheduled_time: isoIn(-99) } }),
    proposed: { type: 'SCHEDULED', name: 'Late', details: { scheduled_time: isoIn(-99) } },
  })
  const decision = decideFlowRun(facts)
  assert.equal(outcomeOf(decision), 'ACCEPT Late')
  assert.equal(decision.patch.nextScheduledStartTimeUs, NOW_US - seconds(99))
})

const anyType = fc.constantFrom(...STATE_TYPES)
const anyName = fc.constantFrom(null, 'Late', 'Suspended', 'Resuming', 'Submitting', 'AwaitingRetry', 'Other')
const anyDetails = fc.record({
  transition_id: fc.constantFrom(null, 'a'),
  pause_reschedule: fc.boolean(),
  pause_key: fc.constantFrom(null, 'k'),
  pause_timeout: fc.constantFrom(null, isoIn(-5), isoIn(5)),
  scheduled_time: fc.constantFrom(null, isoIn(-5), isoIn(5)),
  deployment_concurrency_lease_id: fc.constantFrom(null, 'lease-1'),
})
const anyData = fc.constantFrom<unknown[]>(null, { type: 'unpersisted' }, { type: 'reference' })
const anyInitial = fc.option(
  fc.tuple(anyType, anyName, anyDetails, anyData).map(([type, name, given, data]) => {
    const state = stateOf(type, { given, data })
    return name === null ? state : { ...state, name }
  }),
)
const anyFacts: fc.Arbitrary<FlowRunFacts> = fc.record({
  policy: fc.constantFrom('core', 'minimal', 'mark-late'),
  initial: anyInitial,
  proposed: fc.record({ type: anyType, name: anyName, details: anyDetails, data: anyData }),
  clientVersion: fc.constantFrom(null, '3.0.0', '3.4.10', '3.8.8'),
  apiVersion: fc.constantFrom(null, '0.8.2', '0.8.4'),
  deployment: fc.option(fc.record({
    found: fc.boolean(),
    limit: fc.option(fc.record({
      id: fc.constant('limit-1'), limit: fc.nat(3), active: fc.boolean(), activeSlots: fc.nat(3),
    })),
    collisionStrategy: fc.constantFrom('ENQUEUE', 'CANCEL_NEW'),
    gracePeriodSeconds: fc.constantFrom(null, 60),
  })),
  lease: fc.option(fc.record({
    id: fc.constant('lease-1'), found: fc.boolean(), slots: fc.constant(1), resourceIds: fc.constant(['limit-1']),
  })),
  run: fc.record({
    parentTaskRunId: fc.constantFrom(null, 'task-1'),
    infrastructurePid: fc.constantFrom(null, 'pid'),
    runCount: fc.nat(3),
    empiricalPolicy: fc.record({ retries: fc.constantFrom(null, 0, 2), resuming: fc.boolean() }),
  }),
}).map((given) => flowRunFacts({
  ...given, run: { ...given.run, deploymentId: given.deployment && 'deployment-1' },
} as Parameters<typeof flowRunFacts>[0]))

const has = (effects: readonly FlowRunEffect[], kind: FlowRunEffect['kind']) =>
  effects.filter((effect) => effect.kind === kind).length

test('the same facts give the same decision, and no fact is changed', () => {
  fc.assert(fc.property(anyFacts, (facts) => {
    const before = JSON.stringify(facts)
    const repeat = () => decideFlowRun({ ...facts, newId: flowRunFacts().newId })
    assert.deepEqual(repeat(), repeat())
    assert.equal(JSON.stringify(facts), before)
  }))
})

test('waiting and aborting write nothing and do nothing', () => {
  fc.assert(fc.property(anyFacts, (facts) => {
    const { status, written, patch, effects } = decideFlowRun(facts)
    if (status !== 'WAIT' && status !== 'ABORT') return
    assert.deepEqual([written, patch, effects], [null, {}, []])
  }))
})

test('what is accepted is the proposed type, written with one event', () => {
  fc.assert(fc.property(anyFacts, (facts) => {
    const { status, written, effects, patch } = decideFlowRun(facts)
    if (status === 'ACCEPT') assert.equal(written?.type, facts.proposed.type)
    assert.equal(has(effects, 'emit-state-event'), written ? 1 : 0)
    assert.equal(has(effects, 'mirror-to-parent-task-run'), written && facts.run.parentTaskRunId ? 1 : 0)
    assert.equal(patch.stateId, written?.id)
  }))
})

test('a run with a result is left only for another end, unless forced', () => {
  fc.assert(fc.property(anyFacts, (facts) => {
    const { initial, policy } = facts
    if (policy !== 'core' || initial?.type !== 'COMPLETED') return
    if ((initial.data as { type?: string } | null)?.type !== 'reference') return
    const { written } = decideFlowRun(facts)
    assert.ok(written === null || isTerminal(written.type))
  }))
})

test('a slot is never both taken and given back, nor taken beyond the limit', () => {
  fc.assert(fc.property(anyFacts, (facts) => {
    const { effects, written } = decideFlowRun(facts)
    const taken = effects.find((effect) => effect.kind === 'acquire-slot')
    assert.ok(!(taken && has(effects, 'release-slots')))
    if (!taken) return
    assert.ok(facts.deployment!.limit!.activeSlots < facts.deployment!.limit!.limit)
    assert.equal(written?.details.deployment_concurrency_lease_id, taken.leaseId)
  }))
})

test('the end time is set exactly while the state is terminal', () => {
  fc.assert(fc.property(fc.array(fc.tuple(anyType, anyName), { maxLength: 8 }), (steps) => {
    const proposals = steps.map(([type, name]) => ({ type, name }))
    const { facts } = leadFlowRun(flowRunFacts({ policy: 'minimal' }), proposals)
    assert.equal(facts.run.endTimeUs !== null, isTerminal(facts.initial?.type))
  }))
})
